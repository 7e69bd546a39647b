"""Which tensors share memory on a device without addresses: known by writing to one and reading the other."""

from __future__ import annotations

from typing import Any

import torch

from conformance.execution.tensors import to_array


def shows_writes_to(written: Any, read: Any) -> bool:
    """Whether what is written to one tensor shows in another, or in NumPy's view of a storage. The first loses its
    values."""
    if written.numel() == 0:
        return False
    with torch.no_grad():
        written.detach().fill_(0)
        before = to_array(read).tobytes()
        written.detach().fill_(1)
        return to_array(read).tobytes() != before
