"""The first code that a child process runs. execnet sends it as text, because the child cannot import the engine
yet."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from contextlib import suppress
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from typing import Any


class BorrowedModuleFinder:
    """Finds packages that the interpreter does not have in the folders of the parent. `folders` has a folder for each
    name."""

    def __init__(self, folders: dict[str, str]) -> None:
        self._folders = folders

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return PathFinder.find_spec(name, [self._folders[name]]) if name in self._folders else None


def boot(channel: Any) -> None:
    """Receive the module search path, or the borrowed packages, environment variables, and the file that takes the
    place of the standard error. Then serve, and end the process."""
    # A group of its own: Ctrl-C is for the parent, and what calls fork or start can be ended with the child.
    with suppress(AttributeError, OSError):
        os.setsid()
    # Threads that wait for work must not spin: with one process per core they would take time from threads that work.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    path, borrowed, environment, errors = channel.receive()
    os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 2)
    os.environ.update(environment)
    if path:
        sys.path[:] = path
    sys.meta_path.append(BorrowedModuleFinder(borrowed))
    gc.disable()  # torch and the engine stay; while they are imported there is nothing to collect
    import torch  # noqa: F401 -- first, so that a missing torch is the error that is reported

    for name in filter(None, os.environ.get("CONFORMANCE_IMPORTS", "").split(",")):
        _import(name)

    from conformance.processes.server import serve

    gc.freeze()  # or each full collection would go through all that torch has made
    gc.set_threshold(10_000, 10, 10)  # with 700, the default, a spec with compiled modes took 7 % longer
    gc.enable()
    serve(channel)
    # Freeing all that torch has made would take a third as long as its import. Functions for the exit are still called:
    # coverage saves its data, inductor ends its processes.
    atexit._run_exitfuncs()
    os._exit(0)


def _import(name: str) -> None:
    """Import a module that torch needs to know a device. Raises `ImportError`."""
    try:
        import_module(name)
    except BaseException as error:
        first = (str(error).strip().splitlines() or [""])[0]
        raise ImportError(f"the module {name!r} cannot be imported: {type(error).__name__}: {first}") from None


if __name__ == "__channelexec__":
    boot(globals()["channel"])
