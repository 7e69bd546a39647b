"""What a test needs from the machine. Where it is missing the test is skipped, and under CI it fails (conftest.py)."""

from __future__ import annotations

import os
import shutil

import pytest

COMMANDS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "valgrind": ("valgrind",),
    "callgrind_control": ("callgrind_control",),
    "a C++ compiler": (os.environ.get("CXX") or "c++",),
}
"""The commands by which each thing is known, the first that is there is taken."""

ELSEWHERE = "does not apply here: "
"""How the reason of a skip begins that no installation could mend."""


def needs(thing: str) -> str:
    """The path of a command; skips the test where there is none."""
    for command in COMMANDS[thing]:
        path = shutil.which(command)
        if path:
            return path
    pytest.skip(f"needs {thing}, which is not installed here ({' or '.join(COMMANDS[thing])})")


def applies(condition: bool, reason: str) -> None:
    """Skip the test unless the condition holds; `reason` says where it does."""
    if not condition:
        pytest.skip(f"{ELSEWHERE}{reason}")
