"""Debian's Chromium, driven from Python."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.needs import needs


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser without a window; skips the test where there is none."""
    path = needs("chromium")
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-lcd-text"]
        )
        try:
            yield chromium
        finally:
            chromium.close()
