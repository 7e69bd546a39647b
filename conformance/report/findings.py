"""What a reader should see first: cells that failed or were not answered."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.results.causes import Cause, CellGroup, causes_of, grouped
from conformance.results.model import Verdict
from conformance.results.verdict import Results

SHOWN = 120
"""The number of causes that the page prints. The matrix leads to the cells of the others."""


@dataclass(frozen=True)
class Findings:
    """What broke, by cause; the cells of causes that the page does not print; and those that were not run."""

    causes: tuple[Cause, ...]
    unprinted: tuple[Cause, ...]
    not_run: tuple[CellGroup, ...]

    @property
    def count(self) -> int:
        """The number of cells that broke."""
        return len({one.place for cause in (*self.causes, *self.unprinted) for one in cause.failures})


def web_address(text: str) -> str:
    """The text if it is the address of a web page, else an empty text."""
    return text if text.startswith(("https://", "http://")) else ""


def findings_of(results: Results) -> Findings:
    """What broke or compared nothing, by cause, and what was not run."""
    causes = causes_of(results.cells)
    return Findings(
        causes=causes[:SHOWN],
        unprinted=causes[SHOWN:],
        not_run=grouped([cell for cell in results.cells if cell.verdict == Verdict.NOT_RUN]),
    )
