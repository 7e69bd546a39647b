"""Pictures of pages for the documents: `python -m tests.screenshots docs/images NAME=PAGE.html[#PLACE]...`

Each NAME.png is the first screen of a page, or of a place in it, in a window of 1280 × 900 pixels and in 256 colors.
"""

from __future__ import annotations

import base64
import struct
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser

from conformance.numeric.dtypes import Array
from tests.system.browser import browser

WIDTH, HEIGHT = 1280, 900

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
    window = chromium.new_context(viewport={"width": WIDTH, "height": HEIGHT}).new_page()
    window.goto(Path(path).resolve().as_uri() + (f"#{place}" if place else ""))
    window.wait_for_function("document.querySelector('html.ready') || !document.getElementById('conformance-results')")
    pixels = window.context.new_page().evaluate(PIXELS, base64.b64encode(window.screenshot()).decode())
    window.context.close()
    picture.write_bytes(png(np.frombuffer(base64.b64decode(pixels), np.uint8).reshape(HEIGHT, WIDTH, 4)))
    return picture.stat().st_size


PIXELS = """async (png) => {
  const picture = await createImageBitmap(await (await fetch("data:image/png;base64," + png)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
  canvas.drawImage(picture, 0, 0);
  const { data } = canvas.getImageData(0, 0, picture.width, picture.height);
  let text = "";
  for (let at = 0; at < data.length; at += 1 << 15) text += String.fromCharCode(...data.subarray(at, at + (1 << 15)));
  return btoa(text);
}"""
"""The red, green, blue and alpha of each pixel of a picture, in base64."""


def png(pixels: Array) -> bytes:
    """Pixels as a PNG of the 256 colors that are most frequent; each other color is drawn as the nearest of them."""
    height, width, _ = pixels.shape
    every, place, count = np.unique(pixels[..., :3].reshape(-1, 3), axis=0, return_inverse=True, return_counts=True)
    kept = every[np.argsort(-count)[:256]].astype(np.int64)
    nearest = np.array([np.argmin(((kept - color) ** 2).sum(axis=1)) for color in every.astype(np.int64)], np.uint8)
    rows = np.zeros((height, width + 1), np.uint8)  # each row begins with its filter, which is none
    rows[:, 1:] = nearest[place].reshape(height, width)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = (("IHDR", head), ("PLTE", kept.astype(np.uint8).tobytes()), ("IDAT", zlib.compress(rows.tobytes(), 9)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in (*parts, ("IEND", b"")))


def _chunk(name: str, data: bytes) -> bytes:
    body = name.encode() + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
