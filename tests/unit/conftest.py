"""Unit tests are shown to need no torch: for each of them there is none."""

from __future__ import annotations

import sys

import pytest


@pytest.fixture(autouse=True)
def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """An import of torch raises, also where a test of another room has imported it in this process."""
    monkeypatch.setitem(sys.modules, "torch", None)
