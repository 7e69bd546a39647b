"""Processes that start warm: copies of one that has imported what every run imports, and has done nothing else.

To import pytest and torch takes most of the time of a small run. `python()` is a command that takes the arguments of
Python. What it runs is a process of its own, with its own memory, files, variables and exit status. It differs from a
cold start in that the imports are done, and that the system lists the variables of the process that it is a copy of.
A start that hangs on more (other variables, a script) is a cold one. A test compares the two.
"""

from __future__ import annotations

import atexit
import os
import shlex
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent

KINDS = ("pytest", "torch")
"""What a process has imported: what the parent's side of a run needs, or what its child needs."""


@cache
def python(**variables: str) -> str:
    """The command, for runs with these environment variables. Where a process cannot be copied, or where coverage is
    measured, it is the interpreter itself."""
    if not hasattr(os, "pidfd_open") or "COVERAGE_PROCESS_CONFIG" in os.environ:
        return sys.executable
    folder = tempfile.TemporaryDirectory(prefix="warm-")
    command = Path(folder.name, "python")
    client = shlex.join([sys.executable, "-I", "-S", str(HERE / "client.py"), sys.executable])
    command.write_text(f'#!/bin/sh\nexec {client} "$0" "$@"\n')
    command.chmod(0o700)
    for kind in KINDS:
        atexit.register(_end, _server(kind, Path(folder.name, kind), variables))
    atexit.register(folder.cleanup)
    return str(command)


def _server(kind: str, path: Path, variables: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start the server of a kind. Who connects before it has done its imports waits."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen(64)
        number = listening.fileno()
        command = [sys.executable, "-m", "tests.warm.server", kind, str(number)]
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            cwd=HERE.parents[1],
            env={**os.environ, **variables},
            pass_fds=[number],
        )


def _end(server: subprocess.Popen[bytes]) -> None:
    server.kill()
    server.wait()
