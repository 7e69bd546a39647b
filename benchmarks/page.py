"""How long reports take to load and to filter in Chromium, beside an empty page in the same session.

    python benchmarks/page.py REPORT.html... [--rounds 9]

Each round opens the empty page and every report in turn. A row gives the median milliseconds, and how many thousandths
of the empty page's load a cell costs: that ratio is what two machines, or two versions of the page, can be compared by.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conformance.report import read_report
from tests.system.browser import browser

EMPTY = "<!doctype html><html lang=en class=js><title>empty</title><body></body></html>"

READY = """
window.ready = new Promise((resolve) => {
  const has = (name) => document.documentElement && document.documentElement.classList.contains(name);
  const look = () => has("js") && (has("ready") || !document.querySelector("script[type='application/gzip']"));
  const tell = () => requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
  const timer = setInterval(() => {
    if (!look() || document.readyState !== "complete") return;
    clearInterval(timer);
    tell();
  }, 1);
});
"""
"""Resolves with the milliseconds from the start of the navigation to the first frame with the script at work."""

FILTER = """(words) => new Promise((resolve) => {
  const box = document.getElementById("filter-text");
  const started = performance.now();
  box.value = words;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - started)));
})"""
"""The milliseconds from a filter's input to the next frame."""


@dataclass
class Timed:
    """The milliseconds that one page took, by round."""

    path: Path
    cells: int
    load: list[float] = field(default_factory=list)
    filter: list[float] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reports", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.html"
        empty.write_text(EMPTY)
        pages = [Timed(empty, 0), *(Timed(path.resolve(), len(read_report(path).cells)) for path in options.reports)]
        _measure(pages, options.rounds)
    _tell(pages)
    return 0


def _measure(pages: list[Timed], rounds: int) -> None:
    with browser() as chromium:
        for _ in range(rounds):
            for timed in pages:
                page = chromium.new_page(viewport={"width": 1280, "height": 900})
                page.add_init_script(READY)
                page.goto(timed.path.as_uri())
                timed.load.append(page.evaluate("window.ready"))
                if timed.cells:
                    timed.filter.append(page.evaluate(FILTER, "float16"))
                page.close()


def _tell(pages: list[Timed]) -> None:
    base = statistics.median(pages[0].load)
    print(f"{'page':<40} {'KiB':>7} {'cells':>7} {'load ms':>8} {'filter ms':>9} {'load/cell':>10} {'filter/cell':>11}")
    for timed in pages:
        load = statistics.median(timed.load)
        row = f"{str(timed.path)[-40:]:<40} {_kibibytes(timed):>7,} {timed.cells:>7,} {load:>8.0f}"
        if timed.cells:
            chosen = statistics.median(timed.filter)
            share = [1000 * part / base / timed.cells for part in (load - base, chosen)]
            row += f" {chosen:>9.0f} {share[0]:>10.3f} {share[1]:>11.3f}"
        print(row)


def _kibibytes(timed: Timed) -> int:
    return timed.path.stat().st_size >> 10 if timed.path.exists() else 0


if __name__ == "__main__":
    sys.exit(main())
