"""Whole runs: pytest, the command, the gate and their child processes, as users start them."""
