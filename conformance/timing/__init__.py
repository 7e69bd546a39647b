"""Workloads timed and counted."""
