"""Gaps: what an older torch, or a device, does not have of an operation, and says so when it is asked."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from conformance.files.entries import read_entries
from conformance.files.toml import TomlError
from conformance.numeric.dtypes import DTYPES
from conformance.results.model import Cell, Name, Record
from conformance.samples.vocabulary import SpecError
from conformance.spec.releases import is_within, range_problem

EVERY = "*"
"""Stands for all operations."""


class Gap(Record, frozen=True, kw_only=True):
    """Dtypes that some operations do not take, or with `checks` cells of which a call is refused: those of the checks,
    in the dtypes or modes, if any are named. The refusal must be an exception; what is taken by now is told."""

    id: Annotated[str, Meta(pattern="^[a-z0-9-]+$")]
    operations: Annotated[tuple[Name, ...], Meta(min_length=1)]
    reason: Name
    dtypes: tuple[Name, ...] = ()
    checks: tuple[Name, ...] = ()
    torch: str = ""
    """the range of versions of torch that have the gap; empty means all"""
    link: str = ""

    def concerns(self, operation: str, version: str) -> bool:
        """Whether an operation has the gap with a version of torch."""
        return (operation in self.operations or EVERY in self.operations) and is_within(version, self.torch)

    def lacks(self, cell: Cell) -> bool:
        """Whether it is declared that the calls of a cell are refused."""
        return cell.check in self.checks and (not self.dtypes or cell.subject in self.dtypes)


@cache
def load_gaps(path: Path) -> tuple[Gap, ...]:
    """The gaps of a file. Raises `SpecError`."""
    try:
        gaps = read_entries(path, "gap", Gap)
    except TomlError as error:
        raise SpecError(str(error)) from None
    if problem := problem_of(gaps):
        raise SpecError(f"{path}: {problem}")
    return gaps


def problem_of(gaps: tuple[Gap, ...]) -> str:
    """What is wrong with the first of the gaps that cannot be used; empty if all can."""
    for gap in gaps:
        unknown = [] if gap.checks else [name for name in gap.dtypes if name not in DTYPES]
        found = range_problem(gap.torch) or (f"there is no dtype {unknown[0]!r}" if unknown else "")
        found = found or ("" if gap.dtypes or gap.checks else "it names neither dtypes nor checks")
        if found:
            return f"gap {gap.id!r}: {found}"
    return ""
