"""The results of shards put together: they must be of one run, and add up to its plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from conformance.results.comparability import differing
from conformance.results.file import SCHEMA, Records, assembled, gathered, read, read_records, write_whole
from conformance.results.model import End, Plan, RunRecord, ShardPlan
from conformance.results.status import Status
from conformance.results.verdict import Results


class CannotMerge(Exception):
    """Shards that are not of one run; the message is one line."""


def merge(paths: Sequence[Path], output: Path) -> Results:
    """Write the results of all shards as one run to `output`, and read it. What no shard answered is "not run" there.

    A cell that two shards answered with different bits is told among the errors of the end record. Raises
    `CannotMerge`, `ResultsError` or `CannotWrite`.
    """
    shards = [read_records(path) for path in paths]
    whole = _shard(paths[0], shards[0])
    for path, records in zip(paths, shards):
        _require_same_run(path, records, paths[0], shards[0])
    merged = list(_merged(shards, whole))
    end = _end(paths, shards)
    # Its exit status is that of all of it together: no shard can say what is missing in the others.
    status = assembled(gathered([*merged, end])).status
    write_whole(output, [*merged, replace(end, exit_status=max(end.exit_status, status, key=_gravity))])
    return read(output)


def _shard(path: Path, records: Records) -> ShardPlan:
    if records.plan is None or records.plan.shard is None:
        raise CannotMerge(f"{path} is no shard: make it with 'pytest --shard N/OF'")
    return records.plan.shard


def _require_same_run(path: Path, records: Records, other: Path, first: Records) -> None:
    shard = _shard(path, records)
    terms = differing(first.environment, records.environment)
    torches = [found.environment.torch for found in (first, records)]
    terms = (f"torch: {' and '.join(torches)}", *terms) if torches[0] != torches[1] else terms
    if terms:
        raise CannotMerge(f"{other} and {path} are not of one run: {'; '.join(terms)}")
    if _shard(other, first).plan != shard.plan:
        raise CannotMerge(f"{other} and {path} are not of one run: their plans differ")
    foreign = {*_planned(records), *(cell.id for cell in records.cells)} - set(shard.plan)
    if foreign:
        raise CannotMerge(f"{path} holds cells that are not in its plan, such as {min(foreign)}")


def _planned(records: Records) -> tuple[str, ...]:
    return records.plan.cells if records.plan else ()


def _merged(shards: list[Records], whole: ShardPlan) -> Iterator[RunRecord]:
    yield replace(shards[0].environment, schema=SCHEMA)
    plan = shards[0].plan or Plan()
    deselected = max(shard.plan.deselected for shard in shards if shard.plan)
    yield Plan(cells=whole.plan, deselected=deselected, suite=plan.suite, left_out=plan.left_out)
    yield from {spec.file: spec for shard in shards for spec in shard.specs}.values()
    yield from (cell for shard in shards for cell in shard.cells)
    yield from (sweep for shard in shards for sweep in shard.sweeps)


def _end(paths: Sequence[Path], shards: list[Records]) -> End:
    ends = [shard.end for shard in shards if shard.end]
    errors = [error for end in ends for error in end.errors]
    errors += [f"{path} did not end" for path, shard in zip(paths, shards) if shard.end is None]
    errors += [f"{name} came twice, with different bits" for name in _unlike(shards)]
    return End(
        exit_status=max((end.exit_status for end in ends), default=0, key=_gravity),
        seconds=round(sum(end.seconds for end in ends), 1),
        errors=tuple(errors),
    )


_GRAVITY = (Status.KEPT, Status.INCOMPLETE, Status.BROKEN)


def _gravity(exit_status: int) -> int:
    """The rank of an exit status: what ended a shard early, or failed beside torch, is graver than any verdict."""
    return _GRAVITY.index(Status(exit_status)) if exit_status in _GRAVITY else len(_GRAVITY) + exit_status


def _unlike(shards: list[Records]) -> list[str]:
    """The ids of cells that came more than once and not with the same verdict and fingerprint."""
    told: dict[str, set[tuple[str, str]]] = {}
    for cell in (cell for shard in shards for cell in shard.cells):
        told.setdefault(cell.id, set()).add((cell.verdict, cell.evidence.fingerprint))
    return [name for name, answers in told.items() if len(answers) > 1]
