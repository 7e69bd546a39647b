"""Samples put to cells: the schedule, the sweep, the replay, known deviations, mutation scores."""
