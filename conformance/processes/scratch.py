"""The temporary folders of child processes, and what runs that were killed have left of them."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX = "conformance-"
VARIABLE = "CONFORMANCE_SCRATCH"
"""The environment variable by which the processes of a folder are known: its children, and copies that calls forked."""

_LOCK = "in-use.lock"
_LOCKED = "locked"
"""An empty file, there once the owner has the lock. A folder without it may be one that is just being made."""


class ScratchFolder:
    """A temporary folder that is removed when it is closed. A lock in it says that its owner lives: the system lets go
    of it, however the owner ends."""

    def __init__(self) -> None:
        _sweep_up()
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._lock = FileLock(self.path / _LOCK)
        self._lock.acquire(timeout=0)
        (self.path / _LOCKED).touch()

    def end_processes(self) -> None:
        """End all processes that were started with the folder, whatever became of their parents (Linux)."""
        _end_processes(self.path)

    def close(self) -> None:
        """End what was started with the folder, and remove it."""
        self.end_processes()
        self._lock.release()
        shutil.rmtree(self.path, ignore_errors=True)


@cache
def _sweep_up() -> None:
    """Remove the folders of runs that were killed, and end the processes that they left. It is done once."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(Timeout, OSError):
            if not (folder / _LOCKED).exists():
                continue
            lock = FileLock(folder / _LOCK)
            lock.acquire(timeout=0)
            _end_processes(folder)
            lock.release()
            shutil.rmtree(folder, ignore_errors=True)


def _end_processes(folder: Path) -> None:
    for process in _processes_of(folder):
        with suppress(OSError):
            os.kill(process, signal.SIGKILL)


def _processes_of(folder: Path) -> Iterator[int]:
    """The processes that were started with a folder, as far as the system tells the variables of others (Linux)."""
    marker = f"{VARIABLE}={folder}".encode()
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if marker in environment.read_bytes().split(b"\0"):
                yield int(environment.parent.name)
