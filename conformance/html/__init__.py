"""What both HTML pages share: rendering of templates, and pictures as inline SVG."""
