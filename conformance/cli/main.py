"""The `conformance` command. Its exit statuses are those of `conformance.results.status`."""

from __future__ import annotations

from pathlib import Path

import click

from conformance import __version__
from conformance.cli.arguments import FILE, output, read_results, selected
from conformance.cli.certify import certify
from conformance.cli.device import device
from conformance.cli.ending import Commands, WrongInput
from conformance.cli.gate import compare_command, gate, merge_command
from conformance.cli.history import history
from conformance.cli.new import new
from conformance.cli.run import run
from conformance.cli.terminal import tell
from conformance.plugin.recorder import REPORT
from conformance.report import write_report
from conformance.report.mutation import scores_file
from conformance.results import ResultsError
from conformance.samples.vocabulary import SpecError
from conformance.spec import catalogue
from conformance.spec.catalogue import SpecFile
from conformance.spec.cells import cells_of
from conformance.spec.certified import certified
from conformance.spec.claims import CLAIMS, read_claims
from conformance.spec.contract import Spec
from conformance.spec.documents import asked, load_rows, table
from conformance.spec.text import spec_text


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="torch-conformance")
def main() -> None:
    """Does the installed torch keep the contracts of its tensor operations? 'conformance run' finds out."""


@main.command("list")
@click.argument("specs", nargs=-1, metavar="[SPEC]...")
@click.option("--torches", is_flag=True, help="list the certified versions of torch instead")
@click.option("--documents", is_flag=True, help="list what the documents speak of instead, and the specs that ask it")
def list_specs(specs: tuple[str, ...], torches: bool, documents: bool) -> None:
    """List the operations that have a spec: of SPEC files or folders, or the built-in ones."""
    if documents:
        _list_documents()
        return
    if torches:
        for entry in certified():
            tell(f"torch {entry.version:<10} {entry.device}")
        return
    for file, spec in _specs(specs):
        tell(f"{spec.operation:<34} {len(cells_of(spec)):>4} cells  {file.name}")


def _list_documents() -> None:
    by_operation = {spec.operation: spec for _, spec in _specs(()) if spec.has_calls}
    try:
        claims = read_claims(catalogue.BUILT_IN / CLAIMS)
        for line in table(asked(load_rows(catalogue.OPERATIONS), by_operation, claims), by_operation, claims):
            tell(line)
    except SpecError as error:
        raise WrongInput(str(error)) from None


@main.command()
@click.argument("operation")
@click.option("--specs", multiple=True, help="spec file or folder; repeatable [default: the built-in specs]")
def show(operation: str, specs: tuple[str, ...]) -> None:
    """Show the spec of OPERATION as a person reads it."""
    for file, spec in _specs(specs):
        if operation in (spec.operation, spec.operation.split(".")[-1], file.path.stem, file.name):
            tell(spec_text(spec))
            return
    raise click.UsageError(f"no spec for {operation!r}; 'conformance list' names those there are")


@main.command()
@click.argument("results_file", metavar="RESULTS", type=FILE)
@click.option(
    "--output", "page", type=click.Path(path_type=Path), callback=output, help="its file [default: beside RESULTS]"
)
@click.option(
    "--mutation",
    type=FILE,
    help="mutation scores to show [default: mutation.json beside the run's folder, else those of this package]",
)
@click.option(
    "--baseline",
    type=FILE,
    help="results file or report of an earlier run: the page says what is newly broken, still broken and mended",
)
def report(results_file: Path, page: Path | None, mutation: Path | None, baseline: Path | None) -> None:
    """Write the HTML report of a RESULTS file, or make a report anew from the results in it."""
    page = page or results_file.with_name(REPORT)
    before = read_results(baseline) if baseline else None
    try:
        write_report(read_results(results_file), page, mutation or scores_file(results_file.resolve().parent), before)
    except ResultsError as error:
        raise WrongInput(str(error)) from None
    tell(str(page))


@main.command()
@click.argument("results_file", metavar="RESULTS", type=FILE)
@click.argument("cell")
def repro(results_file: Path, cell: str) -> None:
    """Print the script that reproduces the failure of CELL (its id, or the end of it) in a RESULTS file or a report."""
    matching = [found for found in read_results(results_file).cells if found.id.endswith(cell)]
    if not matching:
        raise click.UsageError(f"{results_file} has no cell {cell!r}")
    if len(matching) > 1:
        raise click.UsageError(f"{cell!r} fits {len(matching)} cells: {matching[0].id}, {matching[1].id}, …")
    failure = matching[0].failure
    if failure is None or not matching[0].verdict.failed:
        raise click.UsageError(f"{matching[0].id} is {matching[0].verdict}: there is nothing to reproduce")
    if not failure.script:
        raise WrongInput(f"{matching[0].id} has no script in this results file: run the suite again")
    tell(failure.script.removesuffix("\n"))


main.add_command(run)
main.add_command(certify)
main.add_command(device)
main.add_command(history)
main.add_command(new)
main.add_command(gate)
main.add_command(compare_command)
main.add_command(merge_command)


def _specs(specs: tuple[str, ...]) -> list[tuple[SpecFile, Spec]]:
    try:
        return [(file, catalogue.load(file)) for file in selected(specs).files]
    except SpecError as error:
        raise WrongInput(str(error)) from None
