"""The command `conformance certify`."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.arguments import FILE, output, read_results
from conformance.cli.ending import WrongInput
from conformance.cli.terminal import tell
from conformance.engine.drafts import Decisions, decisions_of, drafts
from conformance.files.atomic import write_text
from conformance.results.causes import Cause
from conformance.results.status import Status
from conformance.results.verdict import Results, verdict_line


@click.command()
@click.argument("results_file", metavar="RESULTS", type=FILE)
@click.option(
    "--drafts",
    "drafts_file",
    type=click.Path(path_type=Path),
    callback=output,
    help="file to write a draft of a known deviation to, for each cause",
)
def certify(results_file: Path, drafts_file: Path | None) -> None:
    """Say what a person must decide before the torch of a RESULTS file, or of a report, can be certified.

    Exit status: 0 nothing is left to decide; 1 torch does not keep a contract; 6 a deviation ended, or a cell was not
    answered.
    """
    results = read_results(results_file)
    if results.deselected or results.shard:
        raise WrongInput(f"{results_file}: a part of the cells says too little; certify a whole run")
    decisions = decisions_of(results)
    for line in _lines(results, decisions):
        tell(line)
    if drafts_file is not None:
        write_text(drafts_file, "\n".join(drafts(decisions, results.environment.torch)))
        tell(f"drafts   {drafts_file}")
    click.get_current_context().exit(_status(decisions))


def _status(decisions: Decisions) -> Status:
    if decisions.causes:
        return Status.BROKEN
    return Status.INCOMPLETE if decisions.are_left else Status.KEPT


def _lines(results: Results, decisions: Decisions) -> list[str]:
    version = results.environment.torch.partition("+")[0]
    lines = [verdict_line(results)]
    lines += [f"explain  {_cause(cause)}" for cause in decisions.causes]
    lines += [f"end      {known.id}: its range {known.torch!r} ends before {version}" for known in decisions.fixed]
    lines += [f"answer   {missing}" for missing in decisions.unanswered]
    lines += [f"may ask  {cell.id}: it is taken by now" for cell in decisions.gains]
    if decisions.are_left:
        return lines
    entries = (
        f'[[torch]] id = "{version}-{device}", version = "{version}", device = "{device}"'
        for device in results.environment.devices
    )
    return [*lines, *(f"certify  {entry} in specs/certified.toml" for entry in entries)]


def _cause(cause: Cause) -> str:
    first = cause.first.cell
    checks = ", ".join(dict.fromkeys(one.cell.check for one in cause.failures))
    subjects = ", ".join(dict.fromkeys(one.cell.subject for one in cause.failures))
    operations = ", ".join(cause.operations)
    return f"{operations} on {first.device}: {checks} ({subjects}): {cause.first.failure.message}"
