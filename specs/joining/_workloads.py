"""What cat and stack have in common: the workloads that are timed."""

from conformance.spec import dense


def workload(size):
    """Two matrices, joined along the first dimension of the result."""
    half = dense((size // 128, 64))
    return {"tensors": [half, half], "dim": 0}


def growth_workload(size):
    """Ever more short vectors, of a quarter of the elements, so that all of them fit in a cache."""
    return {"tensors": [dense((64,))] * (size // 256), "dim": 0}
