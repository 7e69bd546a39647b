"""The workloads of two torches, timed in turns."""
