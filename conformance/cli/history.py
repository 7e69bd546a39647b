"""The command `conformance history`."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.arguments import FILE, output, read_results
from conformance.cli.terminal import tell
from conformance.report.history import write_history


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="RESULTS...", type=FILE)
@click.option(
    "--output",
    "page",
    type=click.Path(path_type=Path),
    default="reports/index.html",
    callback=output,
    show_default=True,
    help="the page to write",
)
def history(files: tuple[Path, ...], page: Path) -> None:
    """Write one page that has the torches of several RESULTS files or reports side by side.

    Exit status: 0 it was written; 2 a file cannot be used.
    """
    write_history({path: read_results(path) for path in files}, page)
    tell(str(page))
