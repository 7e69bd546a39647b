"""The kinds of numbers that cat and stack join."""

from conformance.spec import REAL_KINDS

JOINED_KINDS = (REAL_KINDS, ("bool", "float", "complex"))
"""Kinds of which any dtypes promote together beside that of the cell: complex numbers and the unsigned integers of more
than eight bits do not."""
