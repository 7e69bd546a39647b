"""One call's arguments as data: no live tensor, no torch."""
