"""The results file: one run as JSON, one record a line. Its schema, its writing, its reading, and what it amounts to.

The format is described in docs/results-file.md. Nothing here needs torch or pytest.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

import jsonschema

SCHEMA = 1
"""The version of the format that this module writes, and the newest that it reads."""

HELD, BROKEN, DEVIATES, UNSUPPORTED = "held", "broken", "deviates", "unsupported"
NOT_RUN, VACUOUS, CRASHED = "not run", "vacuous", "crashed"

VERDICTS = (CRASHED, BROKEN, VACUOUS, NOT_RUN, DEVIATES, UNSUPPORTED, HELD)
"""Every verdict of a cell, the gravest first."""
FAILED = (CRASHED, BROKEN)
"""The verdicts that say that torch does not keep a contract."""
UNANSWERED = (VACUOUS, NOT_RUN)
"""The verdicts that say nothing of torch, though an answer was asked for."""


class ResultsError(ValueError):
    """A results file that cannot be used; the message is one line that says where and what to do."""


# --- schema -------------------------------------------------------------------------------------------------------

_TEXT: dict[str, Any] = {"type": "string"}
_NAME: dict[str, Any] = {"type": "string", "minLength": 1}
_TEXTS: dict[str, Any] = {"type": "array", "items": _TEXT}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
_WHOLE: dict[str, Any] = {"type": "integer"}


def _object(
    required: Mapping[str, Any], optional: Mapping[str, Any] | None = None, more: bool = False
) -> dict[str, Any]:
    """The schema of an object with these fields; with `more` it may have others too."""
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **(optional or {})},
        "additionalProperties": more,
    }


_SAMPLE = {"anyOf": [{"type": "null"}, _object({"text": _TEXT, "data": {}})]}
_EVIDENCE = _object(
    {"comparisons": _COUNT},
    {
        "samples": _COUNT,
        "rejected": _COUNT,
        "layouts": _TEXTS,
        "worst_ulp": {"anyOf": [{"type": "number", "minimum": 0}, {"enum": ["inf", "nan"]}]},
        "worst_sample": _SAMPLE,
        "fingerprint": _TEXT,
        "notes": _TEXTS,
    },
)
_TIMING = _object(
    {
        "kind": {"enum": ["ratios", "growth"]},
        "seconds": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "number", "exclusiveMinimum": 0}},
        },
        "bound": {"type": "number"},
    },
    {"margin": {"type": "number"}, "against": _TEXTS},
)
_NAMES = {"type": "array", "items": _NAME}
_SHARD = _object({"number": _COUNT, "of": _COUNT, "plan": _NAMES})
_DEVIATION = _object({"id": _NAME, "reason": _TEXT, "link": _TEXT, "witness": _TEXT})
_CLAIM = _object(
    {"name": _NAME, "source": _TEXT, "statement": _TEXT, "verdict": _NAME}, {"note": _TEXT, "contradicts": _TEXT}
)

RECORDS: dict[str, dict[str, Any]] = {
    "environment": _object(
        {
            "type": {"const": "environment"},
            "schema": {"const": SCHEMA},
            "torch": _NAME,
            "devices": {"type": "array", "items": _NAME, "minItems": 1},
            "profile": _TEXT,
            "examples": _COUNT,
            "seed": _WHOLE,
            "spec_hash": _TEXT,
            "started": _TEXT,
        },
        {
            "torch_git": _TEXT,
            "torch_build": _TEXT,
            "cpu_capability": _TEXT,
            "threads": _COUNT,
            "numpy": _TEXT,
            "hypothesis": _TEXT,
            "python": _TEXT,
            "platform": _TEXT,
            "absent": _TEXTS,
        },
        more=True,
    ),
    "plan": _object({"type": {"const": "plan"}, "cells": _NAMES}, {"deselected": _COUNT, "shard": _SHARD}),
    "spec": _object(
        {"type": {"const": "spec"}, "file": _NAME, "operation": _NAME, "dtypes": _TEXTS},
        {
            "summary": _TEXT,
            "documentation": _TEXT,
            "accuracy": _TEXT,
            "claims": {"type": "array", "items": _CLAIM},
        },
    ),
    "cell": _object(
        {
            "type": {"const": "cell"},
            "id": _NAME,
            "file": _NAME,
            "operation": _NAME,
            "check": _NAME,
            "device": _NAME,
            "subject": _NAME,
            "verdict": {"enum": list(VERDICTS)},
        },
        {
            "message": _TEXT,
            "call": _TEXT,
            "promised": _TEXT,
            "dtype": _TEXT,
            "sample": _SAMPLE,
            "repeats": {"type": "boolean"},
            "repro": _TEXT,
            "deviations": {"type": "array", "items": _DEVIATION},
            "evidence": _EVIDENCE,
            "timing": _TIMING,
        },
    ),
    "end": _object(
        {
            "type": {"const": "end"},
            "exit_status": _WHOLE,
            "seconds": {"type": "number", "minimum": 0},
            "errors": _TEXTS,
        }
    ),
}
"""The schema of each type of record."""

_VALIDATORS = {name: jsonschema.Draft202012Validator(schema) for name, schema in RECORDS.items()}


def problem(record: Any) -> str | None:
    """What is wrong with a record, in one line, or None."""
    name = record.get("type") if isinstance(record, dict) else None
    if not isinstance(name, str) or name not in _VALIDATORS:
        return f"no record of type {', '.join(RECORDS)}"
    error = jsonschema.exceptions.best_match(_VALIDATORS[name].iter_errors(record))
    if error is None:
        return None
    where = ".".join(str(part) for part in error.absolute_path)
    return one_line(f"{name} record{f', field {where}' if where else ''}: {error.message}")


def one_line(text: str, limit: int = 300) -> str:
    """The text without line breaks, cut where it is longer than `limit`."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


# --- what a file holds --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SampleText:
    """A sample as a person reads it, and as data that the engine can replay."""

    text: str
    data: Any = None


@dataclass(frozen=True)
class KnownDeviation:
    """What a cell says of a known deviation that concerns it."""

    id: str
    reason: str
    link: str
    witness: str


@dataclass(frozen=True)
class CellEvidence:
    """The ledger of one cell."""

    comparisons: int = 0
    samples: int = 0
    rejected: int = 0
    layouts: tuple[str, ...] = ()
    worst_ulp: float = 0.0
    worst_sample: SampleText | None = None
    fingerprint: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Timing:
    """The times of a perf cell: seconds by series (torch, numpy, forward, memcpy; or sizes), and the `bound` that
    ratios, or the exponent that growth was held against. Ratios are those to the sum of the series `against`."""

    kind: str
    seconds: Mapping[str, tuple[float, ...]]
    bound: float
    margin: float = 0.0
    against: tuple[str, ...] = ()

    @property
    def ratios(self) -> list[float]:
        """Torch's times by what they were held against; none where there was nothing."""
        references = zip(*(self.seconds[name] for name in self.against if name in self.seconds))
        return [torch / sum(times) for torch, times in zip(self.seconds.get("torch", ()), references)]


@dataclass(frozen=True)
class CellResult:
    """One cell: what it is about, its verdict, why, and the evidence."""

    id: str
    file: str
    operation: str
    check: str
    device: str
    subject: str
    verdict: str
    message: str = ""
    call: str = ""
    promised: str = ""
    dtype: str = ""
    sample: SampleText | None = None
    repeats: bool = True
    repro: str = ""
    deviations: tuple[KnownDeviation, ...] = ()
    evidence: CellEvidence = field(default_factory=CellEvidence)
    timing: Timing | None = None


@dataclass(frozen=True)
class ClaimEntry:
    """One statement of the source documents."""

    name: str
    source: str
    statement: str
    verdict: str
    note: str = ""
    contradicts: str = ""


@dataclass(frozen=True)
class SpecEntry:
    """What a run says of one spec."""

    file: str
    operation: str
    dtypes: tuple[str, ...]
    summary: str = ""
    documentation: str = ""
    accuracy: str = ""
    claims: tuple[ClaimEntry, ...] = ()


@dataclass(frozen=True)
class End:
    """How a run ended: pytest's exit status, the seconds it took, and the files that could not be collected."""

    exit_status: int
    seconds: float
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Results:
    """One run. `cells` are in the order of the plan; planned cells without a record are there as "not run"."""

    environment: Mapping[str, Any]
    planned: tuple[str, ...]
    deselected: int
    specs: tuple[SpecEntry, ...]
    cells: tuple[CellResult, ...]
    end: End | None
    torn: bool = False
    """the last line was only half written, and is left out"""
    shard: str = ""
    """which part of a plan this is, such as 3/8; empty for a whole one"""

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many cells have each verdict; every verdict is there."""
        return count_verdicts(self.cells)

    @property
    def comparisons(self) -> int:
        return sum(cell.evidence.comparisons for cell in self.cells)

    @property
    def broken(self) -> bool:
        """Whether a cell says that torch does not keep a contract."""
        return any(self.counts[verdict] for verdict in FAILED)

    @property
    def gaps(self) -> tuple[str, ...]:
        """Why the run cannot be called complete, cells apart."""
        found = []
        if not self.planned:
            found.append("no cell was planned")
        if self.end is None:
            found.append("the run did not end" + (" and its last line is cut off" if self.torn else ""))
        elif self.end.exit_status not in (0, 1):
            found.append(f"pytest ended with exit status {self.end.exit_status}")
        if self.end is not None:
            found.extend(f"not collected: {error}" for error in self.end.errors)
        return tuple(found)

    @property
    def incomplete(self) -> bool:
        """Whether an answer that was asked for is missing."""
        return bool(self.gaps) or any(self.counts[verdict] for verdict in UNANSWERED)


def count_verdicts(cells: Iterable[CellResult]) -> dict[str, int]:
    """How many of the cells have each verdict; every verdict is there, the gravest first."""
    counts = dict.fromkeys(VERDICTS, 0)
    for cell in cells:
        counts[cell.verdict] += 1
    return counts


# --- the verdict in words -----------------------------------------------------------------------------------------


def verdict_line(results: Results) -> str:
    """What the run amounts to, in one line; anything but a full success is said in its first word."""
    counts = results.counts
    subject, devices = f"torch {results.environment['torch']}", " and ".join(results.environment["devices"])
    bad = [f"{counts[verdict]:,} {verdict}" for verdict in (BROKEN, CRASHED, VACUOUS, NOT_RUN)]
    deviate = "deviates" if counts[DEVIATES] == 1 else "deviate"
    good = [
        f"{counts[HELD]:,} held",
        f"{counts[DEVIATES]:,} {deviate} as known",
        f"{counts[UNSUPPORTED]:,} unsupported as the spec says",
    ]
    if results.broken:
        word = "BROKEN, INCOMPLETE" if results.incomplete else "BROKEN"
        opening, groups = f"{word}: {subject} does not keep its contracts on {devices}", [bad, good]
    elif results.incomplete:
        opening, groups = f"INCOMPLETE: {subject} is not fully examined on {devices}", [bad, good]
    else:
        opening, groups = f"{subject} keeps its contracts on {devices}", [good, bad]
    number, _, rest = groups[0][0].partition(" ")
    groups[0][0] = f"{number} {'cell' if number == '1' else 'cells'} {rest}"
    parts = [", ".join(group) for group in groups]
    parts.append(f"{results.comparisons:,} {'comparison' if results.comparisons == 1 else 'comparisons'}")
    if results.deselected:
        parts.append(f"{results.deselected:,} deselected")
    parts += [f"shard {results.shard} alone"] if results.shard else []
    parts += [f"not run: {missing}" for missing in results.environment.get("absent", ())]
    return f"{opening}: {'; '.join([*parts, *results.gaps])}"


# --- writing ------------------------------------------------------------------------------------------------------


class Writer:
    """Starts a results file and appends records to it, each one flushed as it comes.

    A record that does not fit the schema, or cannot be written, raises `ResultsError`. After a failed write the file is
    closed, so that nothing can follow a half-written line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            raise ResultsError(f"{path}: cannot be written: {error.strerror}") from None

    def write(self, record: Mapping[str, Any]) -> None:
        """Append one record."""
        plain = _without_infinities(dict(record))
        wrong = problem(plain)
        if wrong:
            raise ResultsError(f"{self.path}: a record does not fit the schema: {wrong}")
        try:
            line = json.dumps(plain, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"
        except (TypeError, ValueError) as error:
            raise ResultsError(f"{self.path}: a {plain['type']} record is not JSON: {one_line(str(error))}") from None
        try:
            self._append(line)
        except OSError as error:
            self._file.close()
            raise ResultsError(f"{self.path}: cannot be written: {error.strerror}") from None

    def _append(self, line: bytes) -> None:
        while line:
            line = line[self._file.write(line) or 0 :]

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _without_infinities(record: dict[str, Any]) -> dict[str, Any]:
    """The record with a worst error that is not finite as a word: JSON has no such numbers."""
    evidence = record.get("evidence")
    if isinstance(evidence, dict) and isinstance(evidence.get("worst_ulp"), float):
        worst = evidence["worst_ulp"]
        if not math.isfinite(worst):
            return {**record, "evidence": {**evidence, "worst_ulp": str(float(worst))}}
    return record


# --- reading ------------------------------------------------------------------------------------------------------


def read(path: Path) -> Results:
    """The run that a results file holds; raises `ResultsError`."""
    return _assemble(*read_records(path))


def read_records(path: Path) -> tuple[dict[str, list[dict[str, Any]]], bool]:
    """The records of a results file by type, held to their schema, and whether the last line was only half written.

    Raises `ResultsError`.
    """
    records, torn = _records(path)
    _examine_first(path, records[0][1])
    by_type: dict[str, list[dict[str, Any]]] = {name: [] for name in RECORDS}
    for number, record in records:
        wrong = problem(record)
        if wrong:
            raise ResultsError(f"{path}: line {number}: {wrong}")
        found = by_type[record["type"]]
        if found and record["type"] in ("environment", "plan", "end"):
            raise ResultsError(f"{path}: line {number}: a second {record['type']} record; one file holds one run")
        found.append(record)
    return by_type, torn


def _records(path: Path) -> tuple[list[tuple[int, Any]], bool]:
    """The file's records with their line numbers, and whether the last line was only half written."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ResultsError(f"{path}: there is no such file; run the suite, or name another file") from None
    except OSError as error:
        raise ResultsError(f"{path}: cannot be read: {error.strerror}") from None
    if not content.strip():
        raise ResultsError(f"{path}: is empty; the run left nothing, run it again")
    lines = content.split(b"\n")
    records: list[tuple[int, Any]] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            records.append((number, json.loads(line, parse_constant=_refuse_constant)))
        except ValueError:
            if not records:
                raise _foreign(path) from None
            if number == len(lines):
                return records, True
            raise ResultsError(f"{path}: line {number} is damaged: it is not JSON") from None
    return records, False


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _examine_first(path: Path, record: Any) -> None:
    """The first record says whether this is a results file, and of which version."""
    if not isinstance(record, dict) or record.get("type") != "environment" or "schema" not in record:
        raise _foreign(path)
    version = record["schema"]
    if isinstance(version, int) and version > SCHEMA:
        raise ResultsError(
            f"{path}: has results schema {version}, this version reads up to {SCHEMA}; upgrade torch-conformance"
        )


def _foreign(path: Path) -> ResultsError:
    return ResultsError(f"{path}: is not a results file: its first line is no whole environment record")


def _assemble(by_type: Mapping[str, list[dict[str, Any]]], torn: bool) -> Results:
    environment = {name: value for name, value in by_type["environment"][0].items() if name != "type"}
    specs = {record["file"]: spec_from(record) for record in by_type["spec"]}
    cells: dict[str, CellResult] = {}
    for record in by_type["cell"]:
        cell = cell_from(record)
        other = cells.get(cell.id)
        # A cell that was run twice keeps its graver verdict: running again must not turn red into green.
        if other is None or VERDICTS.index(cell.verdict) < VERDICTS.index(other.verdict):
            cells[cell.id] = cell
    plan = by_type["plan"][0] if by_type["plan"] else {"cells": []}
    planned = tuple(dict.fromkeys(plan["cells"]))
    ordered = [cells.pop(name) if name in cells else not_run(name, specs) for name in planned]
    end = by_type["end"][0] if by_type["end"] else None
    return Results(
        environment=environment,
        planned=planned,
        deselected=plan.get("deselected", 0),
        specs=tuple(specs.values()),
        cells=(*ordered, *cells.values()),
        end=None if end is None else End(end["exit_status"], float(end["seconds"]), tuple(end["errors"])),
        torn=torn,
        shard="{number}/{of}".format(**plan["shard"]) if "shard" in plan else "",
    )


_CELL_ID = re.compile(r"(?P<file>.+?)::(?P<check>[^\[]+)\[(?P<device>[^-\]]+)-(?P<subject>.+)\]", re.DOTALL)


def not_run(name: str, specs: Mapping[str, SpecEntry]) -> CellResult:
    """A planned cell of which nothing was heard; its id says what it is about."""
    match = _CELL_ID.fullmatch(name)
    parts = match.groupdict() if match else {"file": name, "check": "?", "device": "?", "subject": "?"}
    spec = specs.get(parts["file"])
    return CellResult(id=name, operation=spec.operation if spec else parts["file"], verdict=NOT_RUN, **parts)


def cell_from(record: Mapping[str, Any]) -> CellResult:
    """A cell from its record."""
    plain = {name: value for name, value in record.items() if name != "type"}
    plain["sample"] = _sample_from(plain.get("sample"))
    plain["deviations"] = tuple(KnownDeviation(**entry) for entry in plain.get("deviations", ()))
    plain["evidence"] = _evidence_from(plain.get("evidence", {}))
    plain["timing"] = _timing_from(plain.get("timing"))
    return CellResult(**plain)


def _timing_from(record: Mapping[str, Any] | None) -> Timing | None:
    if record is None:
        return None
    seconds = {name: tuple(float(time) for time in times) for name, times in record["seconds"].items()}
    return Timing(**{**record, "seconds": seconds, "against": tuple(record.get("against", ()))})


def _evidence_from(record: Mapping[str, Any]) -> CellEvidence:
    plain = dict(record)
    for name in ("layouts", "notes"):
        plain[name] = tuple(plain.get(name, ()))
    plain["worst_ulp"] = float(plain.get("worst_ulp", 0.0))
    plain["worst_sample"] = _sample_from(plain.get("worst_sample"))
    return CellEvidence(**plain)


def _sample_from(record: Mapping[str, Any] | None) -> SampleText | None:
    return None if record is None else SampleText(record["text"], record["data"])


def spec_from(record: Mapping[str, Any]) -> SpecEntry:
    """A spec from its record."""
    plain = {name: value for name, value in record.items() if name != "type"}
    plain["dtypes"] = tuple(plain["dtypes"])
    plain["claims"] = tuple(ClaimEntry(**claim) for claim in plain.get("claims", ()))
    return SpecEntry(**plain)
