"""What a run says on the terminal: failures, known deviations, and which specs took longest."""

from __future__ import annotations

from conformance.processes.client import MOST_GROWN
from conformance.results.durations import durations
from conformance.results.model import CellResult, KnownDeviation, Verdict
from conformance.results.verdict import Results
from conformance.results.visible import visible


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
    """What was broken, each cause once with the cells that show it; none for a single failure, which is told
    already."""
    causes: dict[str, list[CellResult]] = {}
    for cell in found.cells:
        if cell.verdict.failed:
            causes.setdefault(cell.cause, []).append(cell)
    if sum(len(cells) for cells in causes.values()) < 2:
        return []
    return [visible(f"{cause} ({', '.join(cell.subject for cell in cells)})") for cause, cells in causes.items()]


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
