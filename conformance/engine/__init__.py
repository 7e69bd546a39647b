"""Cells asked of samples: the schedule, the sweep, the replay, known deviations, mutation scores."""
