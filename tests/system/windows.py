"""Pages opened in Chromium, each in a window of its own that may say nothing and ask for nothing else."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, Page


def opened(chromium: Browser, address: str, width: int = 1280, height: int = 900, **options: Any) -> Page:
    """The page at an address. It may say nothing on the console and load nothing but itself."""
    page = chromium.new_context(viewport={"width": width, "height": height}, **options).new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    assert said == [] and [one for one in asked if not one.startswith("data:")] == [address]
    return page


def overflow(page: Page) -> int:
    """The pixels by which a page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def bottom(page: Page, selector: str) -> float:
    """The place of the lower edge of an element, from the top of the window."""
    box = page.locator(selector).bounding_box()
    assert box is not None
    return float(box["y"] + box["height"])


def open_everything(page: Page) -> None:
    """Open all that is folded."""
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
