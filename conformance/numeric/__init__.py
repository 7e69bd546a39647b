"""Numbers: dtypes, ULPs and bounds, ranks, confidence intervals. Knows NumPy alone."""
