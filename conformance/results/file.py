"""The results file: one run as JSON, one record a line; its writing and its reading. See docs/results-file.md."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from conformance.results.codec import DataError, from_plain, read_json, to_json
from conformance.results.model import CellResult, End, Environment, Plan, RunRecord, SpecEntry, SweepTime, Verdict
from conformance.results.schema_1 import upgraded
from conformance.results.verdict import Results

SCHEMA = 4
"""The version of the format that this module writes, and the newest that it reads."""

KINDS: dict[str, type[RunRecord]] = {
    "environment": Environment,
    "plan": Plan,
    "spec": SpecEntry,
    "cell": CellResult,
    "sweep": SweepTime,
    "end": End,
}
"""The type of each record, by its name in the file."""

LONGEST = 64 << 20
"""The most bytes of a record. A plan may be longer, since it names every cell."""


class ResultsError(ValueError):
    """A results file that cannot be used; the message is one line that says where and what to do."""


class CannotWrite(ResultsError):
    """A results file that cannot be written."""


# --- writing ------------------------------------------------------------------------------------------------------


class Writer:
    """Starts a results file and appends records to it, each one flushed as it comes.

    What cannot be written raises `CannotWrite`. After a failed write the file is closed, so that nothing can follow a
    half-written line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            raise CannotWrite(f"{path}: cannot be written: {error.strerror}") from None

    def write(self, record: RunRecord) -> None:
        """Append one record, once it is sure that it can be read again."""
        try:
            line = to_json(record).encode("ascii")
            from_plain(_data(line), type(record))
        except DataError as error:
            name = type(record).__name__
            raise CannotWrite(f"{self.path}: a record of type {name} cannot be written: {error}") from None
        try:
            self._append(line + b"\n")
        except OSError as error:
            self._file.close()
            raise CannotWrite(f"{self.path}: cannot be written: {error.strerror}") from None

    def _append(self, line: bytes) -> None:
        while line:
            line = line[self._file.write(line) or 0 :]

    @property
    def in_place(self) -> bool:
        """Whether the file still stands at its path: that it was not removed or replaced meanwhile."""
        try:
            return not self._file.closed and os.path.samestat(os.fstat(self._file.fileno()), self.path.stat())
        except OSError:
            return False

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def write_whole(path: Path, records: Iterable[RunRecord]) -> None:
    """Write a results file atomically: it is written beside, and takes its place once it is whole. Raises
    `CannotWrite`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}."[:64])
        os.close(handle)
    except OSError as error:
        raise CannotWrite(f"{path}: cannot be written: {error.strerror}") from None
    beside = Path(name)
    try:
        with Writer(beside) as writer:
            for record in records:
                writer.write(record)
        beside.chmod(0o644)
        beside.replace(path)
    except OSError as error:
        raise CannotWrite(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        beside.unlink(missing_ok=True)


# --- reading ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Records:
    """The records of one results file by type; `torn` if the last line was only half written."""

    environment: Environment
    plan: Plan | None
    specs: tuple[SpecEntry, ...]
    cells: tuple[CellResult, ...]
    sweeps: tuple[SweepTime, ...]
    end: End | None
    torn: bool


def read(path: Path) -> Results:
    """The run that a results file holds; raises `ResultsError`."""
    return assembled(read_records(path))


def read_records(path: Path) -> Records:
    """The records of a results file; raises `ResultsError`."""
    schema, torn = 0, False
    found: list[RunRecord] = []
    once: set[str] = set()
    for number, data in _lines(path, _content(path)):
        if data is _TORN:
            torn = True
            break
        schema = schema or _schema(path, data)
        name = data.get("type") if isinstance(data, dict) else None
        if not isinstance(name, str) or name not in KINDS:
            raise ResultsError(f"{path}: line {number}: no record of type {', '.join(KINDS)}")
        if name in once:
            raise ResultsError(f"{path}: line {number}: a second {name} record; one file holds one run")
        once.update({name} & {"environment", "plan", "end"})
        try:
            found.append(from_plain(upgraded(data) if schema == 1 else data, KINDS[name]))
        except DataError as error:
            raise ResultsError(f"{path}: line {number}: {name} record, {error}") from None
    return gathered(found, torn)


def gathered(records: Iterable[RunRecord], torn: bool = False) -> Records:
    """The records of one run by type, the environment among them."""
    by_type: dict[type[RunRecord], list[Any]] = {kind: [] for kind in KINDS.values()}
    for record in records:
        by_type[type(record)].append(record)
    plan, end = (next(iter(by_type[kind]), None) for kind in (Plan, End))
    specs, cells, sweeps = (tuple(by_type[kind]) for kind in (SpecEntry, CellResult, SweepTime))
    return Records(by_type[Environment][0], plan, specs, cells, sweeps, end, torn)


def _content(path: Path) -> bytes:
    """What the file holds, which is something."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ResultsError(f"{path}: there is no such file; run the suite, or name another file") from None
    except OSError as error:
        raise ResultsError(f"{path}: cannot be read: {error.strerror}") from None
    if not content.strip():
        raise ResultsError(f"{path}: is empty; the run left nothing, run it again")
    return content


_TORN: Any = object()
"""Stands for a last line that was only half written."""


def _lines(path: Path, content: bytes) -> Iterator[tuple[int, Any]]:
    """The lines as data, with their numbers. They come one by one, since the data of a whole run is much to keep."""
    lines = content.split(b"\n")
    found = False
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            data = _data(line)
        except DataError as error:
            if not found:
                raise _foreign(path) from None
            if number < len(lines):
                raise ResultsError(f"{path}: line {number} is damaged: it {error}") from None
            data = _TORN
        found = True
        yield number, data


def _data(line: bytes) -> Any:
    """The data of one line. Raises `DataError`."""
    if len(line) > LONGEST and not line.startswith(b'{"type":"plan"'):
        raise DataError(f"is longer than {LONGEST:,} bytes")
    return read_json(line)


def _schema(path: Path, first: Any) -> int:
    """The version of the format: the first record says whether this is a results file, and of which version."""
    if not isinstance(first, dict) or first.get("type") != "environment":
        raise _foreign(path)
    version = first.get("schema")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise _foreign(path)
    if version > SCHEMA:
        raise ResultsError(newer_schema(path, version))
    return version


def newer_schema(path: Path, version: int) -> str:
    """What is said of a file that a later version of the suite wrote."""
    return f"{path}: has results schema {version}, this version reads up to {SCHEMA}; upgrade torch-conformance"


def _foreign(path: Path) -> ResultsError:
    return ResultsError(f"{path}: is not a results file: its first line is no whole environment record")


def assembled(records: Records) -> Results:
    """The run that records make up. Of a cell that was run twice the graver verdict counts: running again must not turn
    red into green."""
    specs = {spec.file: spec for spec in records.specs}
    order = list(Verdict)
    cells: dict[str, CellResult] = {}
    for cell in records.cells:
        other = cells.get(cell.id)
        if other is None or order.index(cell.verdict) < order.index(other.verdict):
            cells[cell.id] = cell
    plan = records.plan or Plan()
    planned = tuple(dict.fromkeys(plan.cells))
    ordered = [cells.pop(name) if name in cells else not_run(name, specs) for name in planned]
    return Results(
        environment=records.environment,
        planned=planned,
        deselected=plan.deselected,
        suite=plan.suite,
        left_out=plan.left_out,
        specs=tuple(specs.values()),
        cells=(*ordered, *cells.values()),
        sweeps=records.sweeps,
        end=records.end,
        torn=records.torn,
        shard=plan.shard,
    )


_CELL_ID = re.compile(r"(?P<file>.+?)::(?P<check>[^\[]+)\[(?P<device>[^-\]]+)-(?P<subject>.+)\]", re.DOTALL)


def parts_of(cell_id: str) -> dict[str, Any]:
    """The file, the check, the device and the subject of a cell, by its id."""
    match = _CELL_ID.fullmatch(cell_id)
    return match.groupdict() if match else {"file": cell_id, "check": "?", "device": "?", "subject": "?"}


def not_run(name: str, specs: Mapping[str, SpecEntry]) -> CellResult:
    """A planned cell of which nothing was heard; its id says what it is about."""
    parts = parts_of(name)
    spec = specs.get(parts["file"])
    operation = spec.operation if spec else parts["file"]
    return CellResult(id=name, operation=operation, verdict=Verdict.NOT_RUN, **parts)
