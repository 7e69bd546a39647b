"""The first code that a child process runs. execnet sends it as text: the child knows nothing of the engine yet."""

from __future__ import annotations

import os
import sys
from importlib.machinery import ModuleSpec, PathFinder
from typing import Any


class BorrowedModuleFinder:
    """Finds lent packages, given as name and folder, where the interpreter has none of that name."""

    def __init__(self, folders: dict[str, str]) -> None:
        self._folders = folders

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return PathFinder.find_spec(name, [self._folders[name]]) if name in self._folders else None


def boot(channel: Any) -> None:
    """Receive where modules are looked for, or what is lent; then serve."""
    # Threads that wait for work must not spin: with a worker per core they would take the time of those that work.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    path, lent = channel.receive()
    if path:
        sys.path[:] = path
    sys.meta_path.append(BorrowedModuleFinder(lent))
    import torch  # noqa: F401 -- where it is missing, that is to be said, and not what else fails without it

    from conformance.processes.server import serve

    serve(channel)


if __name__ == "__channelexec__":
    boot(globals()["channel"])
