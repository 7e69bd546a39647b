"""What the documents speak of, a row for each group of operations: the specs that ask it, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from conformance.files.entries import entries_of
from conformance.files.toml import TomlError, read_toml
from conformance.results.model import Name, Record
from conformance.samples.vocabulary import SpecError
from conformance.spec.cells import CHECKS, cells_of
from conformance.spec.claims import ClaimsFolder
from conformance.spec.contract import Spec


class Row(Record, frozen=True, kw_only=True):
    """A row: what the documents name together, the operations that have a spec, and `why` if none has."""

    name: Name
    group: Name
    operations: tuple[Name, ...] = ()
    why: str = ""


def load_rows(path: Path) -> tuple[Row, ...]:
    """The rows of a file. Raises `SpecError`."""
    try:
        rows = entries_of(path, read_toml(path), "row", Row, "name")
    except TomlError as error:
        raise SpecError(str(error)) from None
    for row in rows:
        if bool(row.operations) == bool(row.why):
            raise SpecError(f"{path}: row {row.name!r}: needs either operations that have a spec, or why there is none")
    return rows


@dataclass(frozen=True)
class Asked:
    """What is asked of the operations of a row."""

    row: Row
    checks: tuple[str, ...]
    cells: int
    claims: int


def asked(rows: Iterable[Row], specs: dict[str, Spec], claims: ClaimsFolder) -> list[Asked]:
    """What the `specs`, by operation, ask of each row. Raises `SpecError` for a row that names none of them."""
    return [_asked(row, specs, claims) for row in rows]


def _asked(row: Row, specs: dict[str, Spec], claims: ClaimsFolder) -> Asked:
    for name in row.operations:
        if name not in specs:
            raise SpecError(f"row {row.name!r}: no spec has the operation {name!r}")
    cells = [cell for name in row.operations for cell in cells_of(specs[name])]
    checks = tuple(check for check in CHECKS if check in {cell.check for cell in cells})
    about = {(claim.source, claim.name) for name in row.operations for claim in claims.about(name)}
    return Asked(row, checks, len(cells), len(about))


def table(found: Iterable[Asked], specs: dict[str, Spec], claims: ClaimsFolder) -> list[str]:
    """The rows as lines: the operations, checks, cells and claims, or why there is none. Operations beyond the
    documents follow."""
    rows = list(found)
    lines = [f"{'documents':<60} {'checks':>6} {'cells':>6} {'claims':>6}  specs"]
    lines += [_line(one) for one in rows]
    named = {name for one in rows for name in one.row.operations}
    beyond = [Row(name=name, group="beyond", operations=(name,)) for name in specs if name not in named]
    if beyond:
        lines += ["", "beyond the documents", *(_line(one) for one in asked(beyond, specs, claims))]
    with_spec = sum(bool(one.row.operations) for one in rows)
    return [*lines, "", f"{with_spec} of {len(rows)} rows have a spec; {len(specs)} specs"]


def _line(one: Asked) -> str:
    row = one.row
    told = ", ".join(row.operations) if row.operations else f"- {row.why}"
    counts = f"{len(one.checks):>6} {one.cells:>6} {one.claims:>6}" if row.operations else " " * 20
    name = row.name if len(row.name) <= 60 else f"{row.name[:59]}…"
    return f"{name:<60} {counts}  {told}"
