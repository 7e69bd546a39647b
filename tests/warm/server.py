"""`python -m tests.warm.server KIND NUMBER`: makes warm processes, for `client` on the socket of that number."""

from __future__ import annotations

import gc
import marshal
import os
import runpy
import selectors
import signal
import socket
import sys
import types
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

from tests.warm.client import STREAMS, received, send

VARIABLES = dict(os.environ)
"""The variables with which the imports were done. Those that an import sets are no part of them, and stay."""


def import_pytest() -> None:
    """Import pytest, its plugins as it loads them itself, and the parent's side of a run."""
    import pytest

    os.chdir("/")  # where there are no tests
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        pytest.main(["-c", os.devnull, "--noconftest", "-p", "conformance.plugin.hooks", "--markers"])
    import conformance.cli.main
    import conformance.plugin.begin
    import conformance.plugin.command
    import conformance.plugin.workers
    import conformance.plugin.xdist  # noqa: F401


def import_torch() -> None:
    """Import torch and the child's side of a run, as a child does, and the compiler, which takes as long as torch."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from conformance.checks.modes import aot_eager, compiled

    compiled._Proof(aot_eager.BACKEND)


IMPORTS = {"pytest": import_pytest, "torch": import_torch}


class Task(NamedTuple):
    """What a warm process runs: the arguments of Python, as the command `command`, in a folder, with variables."""

    command: str
    arguments: list[str]
    folder: str
    variables: dict[str, str]


class Copy(NamedTuple):
    """A process that was made for a client."""

    process: int
    handle: int
    """readable once the process has ended"""
    client: socket.socket


class Server:
    """Makes a copy of this process for each task, and tells the client how it ended."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self._copies: list[Copy] = []
        self._events = selectors.DefaultSelector()
        self._events.register(sys.stdin.fileno(), selectors.EVENT_READ)
        self._events.register(listening, selectors.EVENT_READ)

    def next(self) -> Task:
        """Serve until the parent ends. It returns in the copies alone, to what they are to run."""
        while True:
            ready = [key.fileobj for key, _ in self._events.select()]
            if sys.stdin.fileno() in ready:
                os._exit(0)
            for copy in [copy for copy in self._copies if copy.handle in ready]:
                self._tell_end(copy)
            for copy in [copy for copy in self._copies if copy.client in ready]:  # the client was killed
                os.kill(copy.process, signal.SIGKILL)
                self._events.unregister(copy.client)
            task = self._accept() if self._listening in ready else None
            if task is not None:
                return task

    def _accept(self) -> Task | None:
        """Make a copy for a client. Returns its task in the copy."""
        client, _ = self._listening.accept()
        send(client, marshal.dumps(VARIABLES))
        _, streams, _, _ = socket.recv_fds(client, 1, len(STREAMS))
        if not streams:  # the client's variables are others
            client.close()
            return None
        task = Task(*marshal.loads(received(client)))
        process = os.fork()
        if process == 0:
            self._leave(client)
            for number, stream in zip(STREAMS, streams):
                os.dup2(stream, number)
        for stream in streams:
            os.close(stream)
        if process == 0:
            return task
        copy = Copy(process, os.pidfd_open(process), client)
        self._copies.append(copy)
        self._events.register(copy.handle, selectors.EVENT_READ)
        self._events.register(client, selectors.EVENT_READ)
        return None

    def _tell_end(self, copy: Copy) -> None:
        status = os.waitstatus_to_exitcode(os.waitpid(copy.process, 0)[1])
        if copy.client in self._events.get_map():
            self._events.unregister(copy.client)
            send(copy.client, status.to_bytes(4, "big", signed=True))
        self._events.unregister(copy.handle)
        self._copies.remove(copy)
        os.close(copy.handle)
        copy.client.close()

    def _leave(self, client: socket.socket) -> None:
        """Close in a copy what is the server's."""
        self._events.close()
        self._listening.close()
        client.close()
        for copy in self._copies:
            os.close(copy.handle)
            copy.client.close()


def run(task: Task) -> None:
    """Run a task as Python does."""
    os.chdir(task.folder)
    set_by_imports = os.environ.keys() - VARIABLES.keys()
    for name in VARIABLES.keys() - task.variables.keys():
        del os.environ[name]
    os.environ.update({name: value for name, value in task.variables.items() if name not in set_by_imports})
    sys.executable = task.command
    _open_streams(unbuffered="-u" in task.arguments)
    how, what, *others = [argument for argument in task.arguments if argument != "-u"]
    sys.argv = [how, *others]
    sys.path[0] = task.folder if how == "-m" else ""
    _forget_when_imported()
    if how == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        sys.modules["__main__"] = types.ModuleType("__main__")
        exec(what, vars(sys.modules["__main__"]))


def _open_streams(unbuffered: bool) -> None:
    """Open the standard streams anew: they know of the files behind them whether those can be sought in."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        before = getattr(sys, name)
        after = open(number, mode, encoding=before.encoding, errors=before.errors, closefd=False)
        if mode == "w":
            whole_lines = unbuffered or after.isatty() or before.line_buffering
            after.reconfigure(line_buffering=whole_lines)  # type: ignore[attr-defined]
        for each in (name, f"__{name}__"):
            setattr(sys, each, after)


def _forget_when_imported() -> None:
    """Tell modules that remember the process or the path with which they were imported what they are now."""
    ending, workers = (sys.modules.get(name) for name in ("conformance.execution.ending", "xdist.workermanage"))
    if ending is not None:
        ending._PROCESS = os.getpid()  # type: ignore[attr-defined]
    if workers is not None:
        workers._sys_path[:] = sys.path


def main() -> None:
    """Do the imports, and make processes until the parent ends. Each copy runs its task, and ends as Python does."""
    kind, number = sys.argv[1:]
    gc.disable()
    IMPORTS[kind]()
    gc.freeze()
    gc.enable()
    run(Server(socket.socket(fileno=int(number))).next())


if __name__ == "__main__":
    main()
