"""A folder that one command at a time writes its results to, tried before the work begins."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

TRIED = 1 << 16
"""The bytes that are written to a folder to try it, far less than any results."""

LOCK = ".lock"


class FolderError(Exception):
    """A folder that cannot be used; the message is one line that says why and what to do."""


class ReportFolder:
    """A folder that is this command's alone until it is released.

    It is made if there is none. `names` are the files that will be written. Raises `FolderError` where another command
    has the folder, or nothing can be written there.
    """

    def __init__(self, path: Path, names: Iterable[str]) -> None:
        self.path = path
        self._made = not os.path.isdir(path)  # Path.is_dir raises where the name is too long
        self._lock = FileLock(path / LOCK, timeout=0)
        try:
            path.mkdir(parents=True, exist_ok=True)  # for the lock
            self._lock.acquire()
            try_to_write(path, names)
        except Timeout:
            raise FolderError(
                f"{path}: another run writes there; wait for its end, or name another folder by --report-dir"
            ) from None
        except (OSError, NotImplementedError) as error:  # the latter where a file system has no locks
            self.release()
            reason = getattr(error, "strerror", None) or str(error)
            raise FolderError(f"{path}: cannot be written: {reason}; name another folder by --report-dir") from None

    def release(self) -> None:
        """Leave the folder to others. One that was made for this command and stayed empty is removed."""
        self._lock.release()
        if self._made and os.path.isdir(self.path) and {path.name for path in self.path.iterdir()} <= {LOCK}:
            with suppress(OSError):  # somebody else has just begun to use it
                (self.path / LOCK).unlink(missing_ok=True)
                self.path.rmdir()


def try_to_write(folder: Path, names: Iterable[str]) -> None:
    """Raise `OSError` if files of such names cannot be written in a folder, which is made if there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        with suppress(FileNotFoundError), (folder / name).open("r+b"):
            pass
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"\0" * TRIED)
        file.flush()
