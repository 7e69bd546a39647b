"""Workloads on a clock."""
