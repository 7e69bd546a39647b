"""A device without memory left, of which a call says nothing of torch, told apart from a call that asks in vain."""

from __future__ import annotations

import gc
import re

import torch

from conformance.execution.broken import message_of, summary
from conformance.spec.devices import kind_of

SPARE = 256 << 20
"""The bytes that a device must still have for a call that ran out of memory to be at fault. A sample has some KiB."""

_OutOfMemoryError = torch.OutOfMemoryError if hasattr(torch, "OutOfMemoryError") else torch.cuda.OutOfMemoryError

_WORDS = re.compile(r"out[ _]of[ _]((device|host)[ _])?memory|resource_exhausted|alloc(ation)?_failed", re.IGNORECASE)
"""How torch's devices and their libraries say it: CUDA, cuBLAS, cuDNN, XPU, XLA."""


class DeviceLacksMemory(Exception):
    """A device had no memory left for what was asked of it, which says nothing of torch. The message says what it
    raised."""

    def __init__(self, device: str, error: BaseException) -> None:
        super().__init__(f"{device} has no memory left: {summary(error)}")
        self.error = error


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception, or one that caused it, says that there is no memory left."""
    return _shortage(error) is not None


def require_memory(error: BaseException, device: str) -> None:
    """Raise `DeviceLacksMemory` if an exception says that a device other than the CPU has no memory left."""
    shortage = _shortage(error) if device != "cpu" else None
    if isinstance(shortage, DeviceLacksMemory):
        raise shortage
    if shortage is not None:
        raise DeviceLacksMemory(device, shortage) from error


def _shortage(error: BaseException | None) -> BaseException | None:
    """The first of an exception and those that caused it that says that there is no memory left."""
    found = None
    while error is not None:
        if isinstance(error, DeviceLacksMemory):
            return error
        if isinstance(error, _OutOfMemoryError) or _WORDS.search(message_of(error)):
            found = error
        error = error.__cause__ or error.__context__
    return found


def release(device: str) -> None:
    """Give back what this process holds of a device's memory without need."""
    if any(gc.get_count()[1:]):  # a collection takes long, and there is little to collect shortly after another
        gc.collect()
    empty = getattr(getattr(torch, kind_of(device), None), "empty_cache", None)
    if empty is not None:
        empty()


def has_spare_memory(device: str) -> bool:
    """Whether a device has more memory to give than any sample takes."""
    try:
        torch.empty(SPARE, dtype=torch.uint8, device=device)
    except Exception:
        return False
    release(device)
    return True
