"""What needs no torch."""
