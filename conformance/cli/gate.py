"""The commands `conformance gate`, `compare` and `merge`. `gate.decision` has their exit statuses."""

from __future__ import annotations

import faulthandler
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from conformance import results
from conformance.cli.arguments import FILE, output, read_results, report_folder, seconds, selected
from conformance.cli.ending import SuiteFailed, WrongInput
from conformance.cli.terminal import tell
from conformance.engine import profiles
from conformance.engine.deviations import DeviationError
from conformance.files.toml import TomlError
from conformance.gate import accepted
from conformance.gate.compare import compare_results
from conformance.gate.decision import NOT_COMPARABLE, Comparison
from conformance.gate.output import FILES, MARKDOWN, PAGE, RECORDS, GateRecords, remove_pages, write_all
from conformance.gate.plan import Order, Unit
from conformance.gate.run import NotComparable, UnitResult, compare
from conformance.gate.sides import SideDied
from conformance.gate.times.instructions import missing_commands
from conformance.gate.times.stopwatch import TimedCell
from conformance.processes.client import PATIENCE
from conformance.processes.interpreter import Interpreter
from conformance.results import comparability as terms
from conformance.results.file import CannotWrite
from conformance.results.merge import CannotMerge, merge
from conformance.results.model import Environment
from conformance.samples.vocabulary import SpecError
from conformance.spec.catalogue import Selection
from conformance.spec.cells import PERF
from conformance.spec.devices import environment as child_variables

Command = TypeVar("Command", bound=Callable[..., Any])

_OUTPUT = click.Path(path_type=Path)
UNFINISHED = "the gate did not end; run it again"
"""What the pages say until it has."""

THIS = "this"
"""Names the interpreter that the command itself runs in."""


def _common(command: Command) -> Command:
    """The options that both commands have."""
    for option in (
        click.option("--accepted", "accepted_file", type=FILE, help="TOML file of changes that your team accepts"),
        click.option(
            "--write-accepted",
            type=_OUTPUT,
            callback=output,
            help="draft such entries for the changes found, to this file",
        ),
        click.option("--unequal-terms", is_flag=True, help="compare although the terms differ; never exits with 0"),
        click.option("--report-dir", type=_OUTPUT, default="reports/gate", show_default=True, help="where results go"),
    ):
        command = option(command)
    return command


@click.command()
@click.option("--baseline", required=True, help="interpreter with the torch you have: a path, or 'this'")
@click.option("--candidate", required=True, help="interpreter with the torch you may move to: a path, or 'this'")
@click.option(
    "--device", "devices", multiple=True, help="device to ask; repeatable [default: cpu, and cuda where there is one]"
)
@click.option("--profile", default=profiles.DEFAULT, type=click.Choice(profiles.names()), show_default=True)
@click.option(
    "--seed", default=0, type=click.IntRange(0, 10**19 - 1), show_default=True, help="what the samples are drawn from"
)
@click.option("--cpu-capability", help="force one on both sides: default, avx2, avx512 (ATEN_CPU_CAPABILITY)")
@click.option(
    "--process-pairs",
    default=0,
    type=click.IntRange(0, 1000),
    help="processes a side [default: one for every two cores]",
)
@click.option("--times", is_flag=True, help="time the workloads of both, too; takes a few minutes and a quiet core")
@click.option(
    "--instructions", is_flag=True, help="with --times: count the instructions of what is slower or faster, by valgrind"
)
@click.option(
    "--patience",
    default=str(PATIENCE),
    callback=seconds,
    show_default=True,
    help="seconds after which a call counts as hung",
)
@click.option("--import", "imports", multiple=True, metavar="MODULE", help="module that makes a device known to torch")
@click.option("--device-profile", "device_profiles", multiple=True, type=FILE, help="what a device is; repeatable")
@click.option("--deviations", multiple=True, type=FILE, help="known deviations beside the built-in ones; repeatable")
@click.argument("specs", nargs=-1, metavar="[SPEC]...")
@_common
def gate(
    baseline: str,
    candidate: str,
    devices: tuple[str, ...],
    profile: str,
    seed: int,
    cpu_capability: str | None,
    process_pairs: int,
    times: bool,
    instructions: bool,
    patience: float,
    imports: tuple[str, ...],
    device_profiles: tuple[Path, ...],
    deviations: tuple[Path, ...],
    specs: tuple[str, ...],
    **outputs: Any,
) -> None:
    """Is it safe to move from one torch to another? Puts the same samples to two interpreters.

    A SPEC is an operation, a spec file or a folder of them [default: all built-in specs].

    Exit status: 0 safe; 1 unsafe; 2 a spec or file cannot be used, or the two are not comparable; 3 the suite failed;
    4 wrong option; 5 nothing to compare; 6 incomplete or inconclusive.
    """
    if sys.__stderr__ is not None:
        faulthandler.enable(sys.__stderr__)
    _end_like_ctrl_c(signal.SIGTERM)
    if instructions:
        _can_count(times)
    selection = _selection(specs)
    entries = _entries(outputs["accepted_file"])
    environment = _variables(device_profiles, imports, devices)
    environment += (("ATEN_CPU_CAPABILITY", cpu_capability),) if cpu_capability else ()
    order = Order(
        baseline=_interpreter(baseline, environment),
        candidate=_interpreter(candidate, environment),
        files=selection.files,
        devices=tuple(dict.fromkeys(devices)),
        examples=profiles.examples(profile),
        thorough=profile == profiles.THOROUGH,
        seed=seed,
        patience=patience,
        process_pairs=process_pairs,
        unequal_terms=outputs["unequal_terms"],
        timed=times,
        instructions=instructions,
        deviations=deviations,
        whole=selection.whole,
    )
    folder = report_folder(outputs["report_dir"], FILES)
    remove_pages(folder.path)
    records = GateRecords(folder.path / RECORDS)
    try:
        comparison = compare(order, _Listener(records, entries, folder.path))
    except NotComparable as problem:
        _stop(f"NOT COMPARABLE: {problem}; {terms.ADVICE}", NOT_COMPARABLE)
    except SideDied as problem:
        raise click.UsageError(str(problem)) from None
    except (SpecError, DeviationError) as problem:
        raise WrongInput(str(problem)) from None
    for change in comparison.changes:
        if change.check == PERF:  # the others were told as they came
            records.change(accepted.marked(entries, change))
    _finish(comparison, entries, records, outputs)


@click.command("compare")
@click.argument("baseline", metavar="RESULTS_A", type=FILE)
@click.argument("candidate", metavar="RESULTS_B", type=FILE)
@_common
def compare_command(baseline: Path, candidate: Path, **outputs: Any) -> None:
    """Compare two runs made on the same terms, A the baseline and B the candidate. Each is a results file or a report.

    Exit statuses are those of 'conformance gate'.
    """
    entries = _entries(outputs["accepted_file"])
    comparison = compare_results(read_results(baseline), read_results(candidate))
    if comparison.terms and not outputs["unequal_terms"]:
        _stop(f"NOT COMPARABLE: {'; '.join(comparison.terms)}; {terms.ADVICE}", NOT_COMPARABLE)
    folder = report_folder(outputs["report_dir"], FILES)
    remove_pages(folder.path)
    records = GateRecords(folder.path / RECORDS)
    records.begin(comparison.baseline, comparison.candidate, comparison.planned)
    for change in comparison.changes:
        records.change(accepted.marked(entries, change))
    _finish(comparison, entries, records, outputs)


@click.command("merge")
@click.argument("shards", nargs=-1, required=True, metavar="RESULTS...", type=FILE)
@click.option("--output", "whole", required=True, type=_OUTPUT, callback=output, help="results file to write")
def merge_command(shards: tuple[Path, ...], whole: Path) -> None:
    """Put the results of shards (conformance run --shard N/OF) together as one run. A report does for its results.

    Exit status: 0 all are there; 1 a contract is broken; 2 a file cannot be used, or they are not of one run; 3 the
    suite failed; 4 wrong option; 6 incomplete.
    """
    if whole.resolve() in {path.resolve() for path in shards}:
        raise click.UsageError(f"{whole} is one of the shards; write the whole to another file")
    try:
        found = merge({path: read_results(path) for path in shards}, whole)
    except CannotMerge as problem:
        _stop(f"NOT COMPARABLE: {problem}", NOT_COMPARABLE)
    except CannotWrite as error:
        raise SuiteFailed(str(error)) from None
    except results.ResultsError as error:
        raise WrongInput(str(error)) from None
    tell(f"results  {whole}\n{results.verdict_line(found)}")
    click.get_current_context().exit(found.status)


_ENDED = "conformance.ended"
"""Notes that a signal has ended the command: C code into which an interruption happens to fall may swallow it."""


class _Listener:
    """Tells the terminal how far the gate is, and keeps what it finds as it comes."""

    def __init__(self, records: GateRecords, entries: tuple[accepted.Accepted, ...], folder: Path) -> None:
        self._records, self._entries, self._folder = records, entries, folder
        self._done = 0
        self._planned = 0

    def planned(self, baseline: Environment, candidate: Environment, units: list[Unit], timed: list[TimedCell]) -> None:
        cells = [*(unit.name(cell) for unit in units for cell in unit.cells), *(one.cell for one in timed)]
        self._planned = len(units)
        self._records.begin(baseline, candidate, cells)
        unfinished = Comparison(baseline=baseline, candidate=candidate, planned=tuple(cells), gaps=(UNFINISHED,))
        with suppress(OSError):  # they are written again at the end, and what is wrong is told then
            write_all(unfinished, self._folder)
        tell(f"torch {baseline.torch} and {candidate.torch}: {len(cells):,} cells to compare", error=True)

    def found(self, result: UnitResult) -> None:
        if click.get_current_context().meta.get(_ENDED):
            raise KeyboardInterrupt
        unit = result.unit
        for match in result.matches:
            self._records.cell(unit.name(match.cell), match)
        for change in result.changes:
            self._records.change(accepted.marked(self._entries, change))
        self._done += 1
        count = sum(change.steady for change in result.changes)
        news = result.problems[0] if result.problems else f"{count} changes" if count else "no change"
        tell(f"[{self._done}/{self._planned}] {unit.spec.operation} on {unit.device}: {news}", error=True)

    def timed(self, workload: TimedCell, summary: str) -> None:
        self._records.timed(workload.cell, summary)
        name = f"{workload.spec.operation} {workload.workload.name} on {workload.device}"
        tell(f"{name}: {summary}", error=True)


def _finish(
    comparison: Comparison, entries: tuple[accepted.Accepted, ...], records: GateRecords, outputs: dict[str, Any]
) -> None:
    """Mark what is accepted, write everything, say the decision, and exit with its status. What cannot be written does
    not keep the decision back."""
    changes, wrong = accepted.accept(entries, comparison.changes)
    comparison = replace(comparison, changes=changes, entries=wrong)
    problem = ""
    try:
        _write(comparison, records, outputs)
    except OSError as error:
        problem = f"the suite failed, which says nothing of torch: {error.filename}: {error.strerror}"
    tell(comparison.line())
    if problem:
        raise SuiteFailed(problem)
    click.get_current_context().exit(comparison.status)


def _write(comparison: Comparison, records: GateRecords, outputs: dict[str, Any]) -> None:
    """Write all files of a comparison; raises `OSError`."""
    folder: Path = outputs["report_dir"]
    records.end(comparison)
    write_all(comparison, folder)
    if outputs["write_accepted"]:
        count = accepted.draft(comparison.changes, outputs["write_accepted"])
        tell(f"{count} entries drafted in {outputs['write_accepted']}: complete owner, link and reason")
    tell(f"markdown {folder / MARKDOWN}\nreport   {folder / PAGE}")


def _stop(message: str, status: int) -> None:
    tell(message, error=True)
    click.get_current_context().exit(status)


def _selection(specs: tuple[str, ...]) -> Selection:
    found = selected(specs)
    if found.cells:
        raise click.UsageError("the gate compares whole specs; name operations, files or folders, not cells")
    return found


def _end_like_ctrl_c(number: signal.Signals) -> None:
    """Let a signal end the command as Ctrl-C does, so that its children and its temporary files go with it."""
    context = click.get_current_context()

    def end(*_: Any) -> None:
        context.meta[_ENDED] = True
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread() and signal.getsignal(number) is signal.SIG_DFL:
        signal.signal(number, end)
        context.call_on_close(partial(signal.signal, number, signal.SIG_DFL))


def _can_count(times: bool) -> None:
    if not times:
        raise click.UsageError("--instructions are evidence beside times: ask for --times, too")
    if missing := missing_commands():
        raise click.UsageError(f"--instructions needs valgrind; not found: {', '.join(missing)}")


def _interpreter(name: str, environment: tuple[tuple[str, str], ...]) -> Interpreter:
    if name == THIS:
        return Interpreter("", environment)
    path = Path(name).expanduser()
    if not path.is_file():
        raise click.UsageError(f"{name} is no interpreter: give the path of a Python, or 'this'")
    return Interpreter(str(path.absolute()), environment)


def _variables(files: Sequence[Path], imports: Sequence[str], names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The environment variables of both sides."""
    try:
        return child_variables(files, imports, names)
    except SpecError as error:
        raise WrongInput(f"--device-profile: {error}") from None


def _entries(path: Path | None) -> tuple[accepted.Accepted, ...]:
    try:
        return accepted.load(path) if path else ()
    except TomlError as error:
        raise WrongInput(str(error)) from None
