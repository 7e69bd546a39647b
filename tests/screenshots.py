"""Pictures of pages for the documents: `python -m tests.screenshots docs/images NAME=PAGE.html[#PLACE]...`

Each NAME.png is the first screen of a page, or of a place in it, in a window of 1280 × 900 pixels.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser

from tests.system.browser import browser

LARGEST = 150_000
"""The most bytes of a picture in the documents."""


def main(arguments: Sequence[str]) -> int:
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    with browser() as chromium:
        for name, _, page in (one.partition("=") for one in arguments[1:]):
            size = take(chromium, page, folder / f"{name}.png")
            print(f"{folder / name}.png: {size:,} bytes")
            if size > LARGEST:
                print(f"that is more than {LARGEST:,}", file=sys.stderr)
                return 1
    return 0


def take(chromium: Browser, page: str, picture: Path) -> int:
    """Write a picture of a page, a path and perhaps a place; its bytes."""
    path, _, place = page.partition("#")
    window = chromium.new_page(viewport={"width": 1280, "height": 900})
    window.goto(Path(path).resolve().as_uri() + (f"#{place}" if place else ""))
    window.wait_for_function("document.querySelector('html.ready') || !document.getElementById('conformance-results')")
    window.screenshot(path=picture)
    window.close()
    return picture.stat().st_size


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
