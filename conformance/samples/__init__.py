"""The arguments of one call as data. Needs no torch."""
