"""Which processes there are, by what stands in their environment, and waiting for something to come true."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path


def processes_with(variable: str) -> list[int]:
    """The processes of whose variables one begins so, written as NAME=value."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            variables = path.read_bytes().split(b"\0")
        except OSError:
            continue
        found += [int(path.parent.name)] if any(one.startswith(variable.encode()) for one in variables) else []
    return found


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether something comes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not condition():
        time.sleep(0.05)
    return condition()
