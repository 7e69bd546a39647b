"""The columns of a history: a torch on a device, the oldest torch first."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from packaging.version import InvalidVersion, Version

from conformance.report.overview import gravest
from conformance.results.model import CellResult, Verdict
from conformance.results.verdict import Results, count_verdicts

_FIRST = ("cpu", "cuda")
"""The devices that stand before others."""

REPORT = "report.html"
"""What the report beside a results file is called."""


@dataclass(frozen=True)
class Column:
    """One run on one device."""

    run: Results
    device: str
    link: str
    """the address of its report from the page, empty if there is none"""

    @property
    def torch(self) -> str:
        """The version of torch without its build."""
        return self.run.environment.torch.partition("+")[0]

    @property
    def name(self) -> str:
        return f"torch {self.torch} on {self.device}"

    @property
    def date(self) -> str:
        return self.run.environment.started[:10]

    @cached_property
    def cells(self) -> dict[tuple[str, str], dict[str, CellResult]]:
        """The cells by operation and check, then by subject."""
        found: dict[tuple[str, str], dict[str, CellResult]] = {}
        for cell in self.run.cells:
            if cell.device == self.device:
                found.setdefault((cell.operation, cell.check), {})[cell.subject] = cell
        return found

    @cached_property
    def counts(self) -> dict[Verdict, int]:
        """How many cells have each verdict, without those that no cell has."""
        counts = count_verdicts(cell for cells in self.cells.values() for cell in cells.values())
        return {verdict: count for verdict, count in counts.items() if count}

    @property
    def verdict(self) -> Verdict | None:
        """The gravest verdict of all cells; None without cells."""
        return gravest(self.counts) if self.counts else None


def columns_of(runs: Mapping[Path, Results], folder: Path) -> tuple[Column, ...]:
    """A column for each run and device. A run that is given twice has one. `folder` is that of the page."""
    kept: list[Column] = []
    for path, run in runs.items():
        if all(run != other.run for other in kept):
            kept += [Column(run, device, _link(path, folder)) for device in _devices(run)]
    return tuple(sorted(kept, key=_place))


def _devices(run: Results) -> Iterator[str]:
    yield from dict.fromkeys((*run.environment.devices, *(cell.device for cell in run.cells if cell.check != "claims")))


def _place(column: Column) -> tuple[Version, int, str, str]:
    device = _FIRST.index(column.device) if column.device in _FIRST else len(_FIRST)
    return version_of(column.torch), device, column.device, column.run.environment.started


def version_of(text: str) -> Version:
    """A version of torch; what is none is taken for the oldest."""
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")


def _link(path: Path, folder: Path) -> str:
    """The address of a run's report from a folder: the file itself, or the report beside it."""
    report = path if path.suffix == ".html" else path.with_name(REPORT)
    try:
        return quote(Path(os.path.relpath(report, folder)).as_posix()) if report.is_file() else ""
    except ValueError:  # on another drive of Windows
        return ""
