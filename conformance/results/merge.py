"""The results of shards put together: they must be of one run, and add up to its plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec.structs import replace

from conformance.results.comparability import differing
from conformance.results.file import SCHEMA, assembled, gathered, not_run, read, write_whole
from conformance.results.model import CellResult, End, Plan, RunRecord, ShardPlan
from conformance.results.status import Status
from conformance.results.verdict import Results


class CannotMerge(Exception):
    """Shards that are not of one run; the message is one line."""


def merge(shards: Mapping[Path, Results], output: Path) -> Results:
    """Write the results of all shards, by their files, as one run to `output`, and read it. What no shard answered is
    "not run" there.

    A cell that two shards answered with different bits is told among the errors of the end record. Raises
    `CannotMerge`, `ResultsError` or `CannotWrite`.
    """
    (first_path, first), *_ = shards.items()
    whole = _shard(first_path, first)
    for path, shard in shards.items():
        _require_same_run(path, shard, first_path, first)
    merged = list(_merged(list(shards.values()), whole))
    end = _end(shards)
    # Its exit status is that of all of it together: no shard can say what is missing in the others.
    status = assembled(gathered([*merged, end])).status
    write_whole(output, [*merged, replace(end, exit_status=max(end.exit_status, status, key=_gravity))])
    return read(output)


def _shard(path: Path, run: Results) -> ShardPlan:
    if run.shard is None:
        raise CannotMerge(f"{path} is no shard: make it with 'pytest --shard N/OF'")
    return run.shard


def _require_same_run(path: Path, run: Results, other: Path, first: Results) -> None:
    shard = _shard(path, run)
    terms = differing(first.environment, run.environment)
    torches = [found.environment.torch for found in (first, run)]
    terms = (f"torch: {' and '.join(torches)}", *terms) if torches[0] != torches[1] else terms
    if terms:
        raise CannotMerge(f"{other} and {path} are not of one run: {'; '.join(terms)}")
    if _shard(other, first).plan != shard.plan:
        raise CannotMerge(f"{other} and {path} are not of one run: their plans differ")
    foreign = {*run.planned, *(cell.id for cell in run.cells)} - set(shard.plan)
    if foreign:
        raise CannotMerge(f"{path} holds cells that are not in its plan, such as {min(foreign)}")


def _merged(shards: list[Results], whole: ShardPlan) -> Iterator[RunRecord]:
    yield replace(shards[0].environment, schema=SCHEMA)
    deselected = max(shard.deselected for shard in shards)
    yield Plan(cells=whole.plan, deselected=deselected, suite=shards[0].suite, left_out=shards[0].left_out)
    yield from {spec.file: spec for shard in shards for spec in shard.specs}.values()
    yield from (cell for shard in shards for cell in _told(shard))
    yield from (sweep for shard in shards for sweep in shard.sweeps)


def _told(shard: Results) -> Iterator[CellResult]:
    """The cells of which a shard says something. Another shard may answer the others."""
    specs = {spec.file: spec for spec in shard.specs}
    yield from (cell for cell in shard.cells if cell != not_run(cell.id, specs))


def _end(shards: Mapping[Path, Results]) -> End:
    ends = [shard.end for shard in shards.values() if shard.end]
    errors = [error for end in ends for error in end.errors]
    errors += [f"{path} did not end" for path, shard in shards.items() if shard.end is None]
    errors += [f"{name} came twice, with different bits" for name in _unlike(shards.values())]
    return End(
        exit_status=max((end.exit_status for end in ends), default=0, key=_gravity),
        seconds=round(sum(end.seconds for end in ends), 1),
        errors=tuple(errors),
    )


_GRAVITY = (Status.KEPT, Status.INCOMPLETE, Status.BROKEN)


def _gravity(exit_status: int) -> int:
    """The rank of an exit status: what ended a shard early, or failed beside torch, is graver than any verdict."""
    return _GRAVITY.index(Status(exit_status)) if exit_status in _GRAVITY else len(_GRAVITY) + exit_status


def _unlike(shards: Iterable[Results]) -> list[str]:
    """The ids of cells that came more than once and not with the same verdict and fingerprint."""
    told: dict[str, set[tuple[str, str]]] = {}
    for cell in (cell for shard in shards for cell in _told(shard)):
        told.setdefault(cell.id, set()).add((cell.verdict, cell.evidence.fingerprint))
    return [name for name, answers in told.items() if len(answers) > 1]
