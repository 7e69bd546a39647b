"""The `conformance` command. Exit status: 0 done; 2 wrong usage, or a spec or results file that cannot be used. Those
of `gate`, `compare` and `merge` are in `conformance.gate.decision`."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import click

from conformance import __version__, loader, results
from conformance.cells import cells_of
from conformance.deviations import DeviationError
from conformance.gate.commands import compare_command, gate, merge_command
from conformance.report import write_report
from conformance.session import Session
from conformance.spec import Lack, Spec, SpecError
from conformance.telling import MUTATION, REPORT, accuracy_text

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="torch-conformance")
def main() -> None:
    """Does the installed torch keep the contracts of its tensor operations? Run `pytest -n auto` to find out."""


@main.command("list")
@click.option("--specs", default="specs", type=_FOLDER, help="folder of spec files", show_default=True)
def list_specs(specs: Path) -> None:
    """List the operations that have a spec."""
    for path, spec in _specs(specs):
        click.echo(f"{spec.operation:<34} {len(cells_of(spec)):>4} cells  {path}")


@main.command()
@click.argument("operation")
@click.option("--specs", default="specs", type=_FOLDER, help="folder of spec files", show_default=True)
def show(operation: str, specs: Path) -> None:
    """Show the spec of OPERATION as a person reads it."""
    for path, spec in _specs(specs):
        if operation in (spec.operation, spec.operation.split(".")[-1], path.stem):
            click.echo(spec_text(spec))
            return
    raise click.UsageError(f"no spec for {operation!r}; 'conformance list' names those there are")


@main.command()
@click.argument("results_file", metavar="RESULTS", type=_FILE)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="where to write it [default: beside RESULTS]"
)
@click.option("--mutation", type=_FILE, help="mutation scores to show [default: mutation.json beside the run's folder]")
def report(results_file: Path, output: Path | None, mutation: Path | None) -> None:
    """Write the HTML report of a RESULTS file."""
    beside = results_file.resolve().parent.parent / MUTATION
    output = output or results_file.with_name(REPORT)
    write_report(_read(results_file), output, mutation or (beside if beside.exists() else None))
    click.echo(output)


@main.command()
@click.argument("results_file", metavar="RESULTS", type=_FILE)
@click.argument("cell")
def repro(results_file: Path, cell: str) -> None:
    """Print the script that reproduces the failure of CELL (its id, or the end of it) in a RESULTS file."""
    matching = [found for found in _read(results_file).cells if found.id.endswith(cell)]
    if not matching:
        raise click.UsageError(f"{results_file} has no cell {cell!r}")
    if len(matching) > 1:
        raise click.UsageError(f"{cell!r} fits {len(matching)} cells: {matching[0].id}, {matching[1].id}, …")
    record = dataclasses.asdict(matching[0])
    path = Path(record["file"])
    if not path.exists():
        raise click.UsageError(f"the spec {path} is not here: run this at the root of the checkout")
    session = Session(patience=60.0)
    try:
        script = session.script(path.resolve(), record)
    finally:
        session.close()
    if not script:
        raise click.UsageError(f"{record['id']} is {record['verdict']}: there is nothing to reproduce")
    click.echo(script, nl=False)


main.add_command(gate)
main.add_command(compare_command)
main.add_command(merge_command)


def _specs(folder: Path) -> list[tuple[Path, Spec]]:
    try:
        return [(path, loader.load(path)) for path in loader.spec_files(folder)]
    except (SpecError, DeviationError) as error:
        raise click.UsageError(str(error)) from None


def _read(path: Path) -> results.Results:
    try:
        return results.read(path)
    except results.ResultsError as error:
        raise click.UsageError(str(error)) from None


def spec_text(spec: Spec) -> str:
    """A spec as text: what it does, how it is reached, what it promises, what is said of it."""
    parts = [
        f"{spec.operation}\n\n  {spec.summary}\n  {spec.documentation}",
        _section("Forms", [_when(form.call, form.when) for form in spec.forms]),
        _section("Dtypes", [", ".join(spec.dtypes)]),
        _section("Accuracy", [accuracy_text(spec.accuracy)]),
        _section("Memory", [_memory_text(spec)]),
        _section("Refuses", [_when(f"{r.title}: {r.call} raises {_classes(r)}", r.when) for r in spec.refusals]),
        _section(
            "Laws", [_when(f"{law.title}: {law.left} is {law.relation} {law.right}", law.when) for law in spec.laws]
        ),
        _section("Gradient", _gradient_lines(spec)),
        _section("Modes", [_modes_text(spec), *(_when(_lack_text(lack), lack.when) for lack in spec.lacks)]),
        _section("Claims", [f"[{c.verdict}] {c.statement} ({c.source}){_note(c.note)}" for c in spec.claims]),
    ]
    return "\n\n".join(part for part in parts if part)


def _section(title: str, lines: list[str]) -> str:
    return f"{title}\n" + "\n".join(f"  {line}" for line in lines) if lines else ""


def _when(text: str, condition: str) -> str:
    return f"{text}   when {condition}" if condition else text


def _note(note: str) -> str:
    return f": {note}" if note else ""


def _classes(refusal: Any) -> str:
    return " or ".join(kind.__name__ for kind in refusal.classes)


def _gradient_lines(spec: Spec) -> list[str]:
    """How the gradient goes, and how accurate it is, in the words of the spec."""
    gradient = spec.gradient
    if gradient is None:
        return []
    if gradient.terms is None:
        return ["data is moved: it goes back to where each element came from, and adds up"]
    said = (" ".join((part.__doc__ or "").split()) for part in (gradient.terms, gradient.bound) if part is not None)
    return [line for line in said if line] or ["a closed form"]


def _modes_text(spec: Spec) -> str:
    return ", ".join(mode for mode in spec.modes if mode != "forward" or spec.gradient) or "none"


def _lack_text(lack: Lack) -> str:
    kinds = lack.raises if isinstance(lack.raises, tuple) else (lack.raises,)
    return f"{lack.mode} is refused with {' or '.join(kind.__name__ for kind in kinds)}: {lack.reason}"


def _memory_text(spec: Spec) -> str:
    memory = spec.memory
    if memory.of:
        reason = " ".join(((memory.geometry.__doc__ if memory.geometry else "") or "").split())
        return f"views of {memory.of}. {reason}".strip()
    return f"new memory, {memory.strides}, no more storage than elements"
