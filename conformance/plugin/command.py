"""pytest as `conformance run` starts it: apart from the project in whose folder that happens."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

SETTINGS = Path(__file__).with_name("run.ini")


def run_specs(arguments: Sequence[str]) -> int:
    """Run specs with pytest in this process; its exit status. `arguments` are specs and options of pytest.

    The current folder is the root directory, so that reports land there. Its pytest settings and conftest.py files are
    not for specs: they are left alone.
    """
    here = str(Path.cwd())
    apart = ["-c", str(SETTINGS), "--rootdir", here, "--confcutdir", here, "--noconftest", "--assert=plain"]
    try:
        return int(pytest.main([*apart, "-p", "conformance.plugin.hooks", "--specs", *arguments]))
    except ValueError as error:
        if "already added" not in str(error):
            raise
        problem = f"another pytest plugin has an option of the same name: {error}; leave that plugin out by -p no:NAME"
        print(f"ERROR: {problem}", file=sys.stderr)
        return int(pytest.ExitCode.USAGE_ERROR)
