"""What a run says on the terminal: failures, known deviations, and which specs took longest."""

from __future__ import annotations

from conformance.processes.client import MOST_GROWN
from conformance.results.causes import Cause, causes_of
from conformance.results.durations import durations
from conformance.results.model import CellResult, KnownDeviation, Verdict
from conformance.results.verdict import Results
from conformance.results.visible import visible

MOST_OPERATIONS = 3
"""The operations that are named of a cause. The report names all."""


def deviation_lines(found: Results) -> list[str]:
    """The known deviations that a run met, one line each."""
    cells: dict[str, list[CellResult]] = {}
    known: dict[str, KnownDeviation] = {}
    for cell in found.cells:
        for deviation in cell.deviations if cell.verdict is Verdict.DEVIATES else ():
            known[deviation.id] = deviation
            cells.setdefault(deviation.id, []).append(cell)
    lines = (f"{name}: {known[name].reason} ({_count(cells[name])}) {known[name].link}" for name in sorted(known))
    return [visible(line.rstrip()) for line in lines]


def fixed_lines(found: Results) -> list[str]:
    """The deviations of certified versions of torch that this one does not show, one line each."""
    known = {fixed.id: fixed for cell in found.cells for fixed in cell.fixed}
    cells = {name: [cell for cell in found.cells if name in {one.id for one in cell.fixed}] for name in sorted(known)}
    return [
        visible(f"{name}: end its range {known[name].torch!r} before {found.environment.torch} ({_count(cells[name])})")
        for name in cells
    ]


def _count(cells: list[CellResult]) -> str:
    operations = list(dict.fromkeys(cell.operation for cell in cells))
    of = operations[0] if len(operations) == 1 else f"{len(operations)} operations"
    return f"{len(cells)} {'cell' if len(cells) == 1 else 'cells'} of {of}"


def cause_lines(found: Results) -> list[str]:
    """What was broken, each cause with the cells that show it; none for a single failure, which is told already."""
    causes = causes_of(found.cells)
    cells = {one.place for cause in causes for one in cause.failures}
    if sum(len(cause.failures) for cause in causes) < 2:
        return []
    lines = [f"{len(causes)} {'cause' if len(causes) == 1 else 'causes'} in {len(cells)} cells"]
    for number, cause in enumerate(causes, 1):
        first = cause.first
        told = [part for part in (first.cell.id, first.share, first.failure.repro) if part]
        lines += [f"{number}. {cause.title}", f"   {_shown_by(cause)}", f"   first: {', '.join(told)}"]
    return [visible(line) for line in lines]


def _shown_by(cause: Cause) -> str:
    """The cells that show a cause, by operation: their checks, and their dtypes, modes or claims."""
    texts = []
    for operation in cause.operations[:MOST_OPERATIONS]:
        groups = [group for group in cause.cells if group.operation == operation]
        checks = dict.fromkeys(group.check for group in groups)
        subjects = dict.fromkeys(subject for group in groups for subject in group.subjects)
        texts.append(f"{operation}: {', '.join(checks)} ({', '.join(subjects)})")
    more = len(cause.operations) - len(texts)
    return "; ".join([*texts, *([f"and {more} more operations"] if more else [])])


def memory_lines(found: Results) -> list[str]:
    """The sweeps in which the memory of the process grew so much that it was replaced, one line each."""
    return [
        visible(
            f"of the process grew by {sweep.grown / (1 << 30):.1f} GiB in the sweep of {sweep.file} on {sweep.device}"
        )
        for sweep in found.sweeps
        if sweep.grown > MOST_GROWN
    ]


def duration_lines(found: Results, number: int, least: float) -> list[str]:
    """The specs that took longest, so many (0 for all) as pytest's option --durations asks for; those that took less
    than `least` seconds are left out."""
    every = [one for one in durations(found.sweeps) if one.seconds >= least]
    return [
        visible(f"{one.seconds:.2f}s {f'({one.cpu_seconds:.2f}s CPU)':<14} {one.file} on {one.device}")
        for one in every[: number or None]
    ]


def failure_text(cell: CellResult) -> str:
    """A failure as the terminal shows it, its text made visible."""
    failure = cell.failure
    if failure is None:
        return str(cell.verdict)
    lines = [f"{cell.verdict}: {failure.message}"]
    lines += [f"call      {failure.call}"] if failure.call else []
    lines += [f"promised  {failure.promised}"] if failure.promised else []
    if failure.sample:
        lines.append("smallest failing sample" if failure.repeats else "failing sample; it did not fail again")
        lines += ["    " + line for line in failure.sample.text.splitlines()]
    lines += [f"script    {failure.repro}"] if failure.repro else []
    return visible("\n".join(lines), lines=True)
