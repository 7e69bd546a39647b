"""The kit of both pages: a template rendered without a server, and pictures as inline SVG."""
