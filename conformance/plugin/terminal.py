"""What a run says on the terminal: failures and known deviations."""

from __future__ import annotations

from typing import Any

from conformance import results


def deviation_lines(found: results.Results) -> list[str]:
    """The known deviations that a run met, one line each."""
    cells: dict[str, list[results.CellResult]] = {}
    known: dict[str, results.KnownDeviation] = {}
    for cell in found.cells:
        for deviation in cell.deviations if cell.verdict == results.DEVIATES else ():
            known[deviation.id] = deviation
            cells.setdefault(deviation.id, []).append(cell)
    return [
        f"{name}: {known[name].reason} ({_count(cells[name])})" + (f" {known[name].link}" if known[name].link else "")
        for name in sorted(known)
    ]


def _count(cells: list[results.CellResult]) -> str:
    operations = list(dict.fromkeys(cell.operation for cell in cells))
    of = operations[0] if len(operations) == 1 else f"{len(operations)} operations"
    return f"{len(cells)} {'cell' if len(cells) == 1 else 'cells'} of {of}"


def failure_text(record: dict[str, Any]) -> str:
    """A failure as the terminal shows it."""
    lines = [f"{record['verdict']}: {record['message']}"]
    lines += [f"call      {record['call']}"] if record["call"] else []
    lines += [f"promised  {record['promised']}"] if record["promised"] else []
    if record["sample"]:
        lines.append("smallest failing sample" if record["repeats"] else "failing sample; it did not fail again")
        lines += ["    " + line for line in record["sample"]["text"].splitlines()]
    lines += [f"script    {record['repro']}"] if record["repro"] else []
    return "\n".join(lines)
