"""The memory of this process, which a call may leak outside of torch."""

from __future__ import annotations

import mmap
import os
import sys
from contextlib import suppress
from functools import cache

from conformance.execution.ending import end_process

LIMIT = 4 << 30
"""The bytes by which the memory of a process may grow in one request. A sweep needs some hundred MiB at most."""


class MemoryWatch:
    """Ends the process if its memory has grown by more than `LIMIT` since the watch was made."""

    def __init__(self) -> None:
        self._start = resident()

    def check(self) -> None:
        grown = resident() - self._start
        if grown > LIMIT:
            end_process(f"the memory of the process grew by {grown / (1 << 30):.1f} GiB")


def resident() -> int:
    """The bytes that this process has in memory: at present where the system tells it (Linux), else at most so far.
    0 where neither is told."""
    with suppress(OSError):
        return int(os.pread(_statm(), 64, 0).split()[1]) * mmap.PAGESIZE
    with suppress(ImportError):
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return 0


@cache
def _statm() -> int:
    """The file in which Linux tells the memory, opened once: it is read before every step. Raises `OSError`."""
    return os.open("/proc/self/statm", os.O_RDONLY)
