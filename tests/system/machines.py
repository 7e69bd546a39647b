"""Socket servers of execnet, each standing for a machine of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests import warm
from tests.system.checkout import NOT_OURS


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """A socket server that runs in a folder; yields its address. What it starts knows it by TEST_SERVER (Unix)."""
    kept = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    known = ["/bin/sh", "-c", 'TEST_SERVER=$$ exec "$@"', "sh"] if sys.platform != "win32" else []
    command = [*known, warm.python(), "-u", "-m", "execnet.script.socketserver", "127.0.0.1:0"]
    with subprocess.Popen(command, cwd=folder, env=kept, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            told = re.search(r"\('(.+)', (\d+)\)", process.stdout.readline())
            assert told is not None
            yield f"{told[1]}:{told[2]}"
        finally:
            process.kill()


@contextmanager
def workers_on(*folders: Path) -> Iterator[list[str]]:
    """A socket server in each folder; yields the options of a run with a worker on each."""
    with ExitStack() as servers:
        options = ["-d"]
        for number, folder in enumerate(folders):
            address = servers.enter_context(server(folder))
            options += ["--px", f"id=machine{number}//socket={address}", "--tx", f"popen//via=machine{number}"]
        yield options
