"""Sweeps in this process: torch and NumPy warn for many samples, which the child process does not show either."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/engine" in item.path.as_posix():
            item.add_marker(pytest.mark.filterwarnings("ignore"))
