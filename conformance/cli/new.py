"""The command `conformance new`."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.ending import SuiteFailed
from conformance.cli.terminal import tell
from conformance.files.atomic import write_text
from conformance.processes.client import ChildDied, ChildProcess
from conformance.processes.requests import SurveyRequest
from conformance.spec.draft import draft


@click.command()
@click.argument("operation")
@click.option(
    "--output", "file", type=click.Path(path_type=Path), help="its file [default: OPERATION.py in the current folder]"
)
def new(operation: str, file: Path | None) -> None:
    """Write the first draft of a spec of OPERATION, such as torch.hypot: it runs, and says what is to be done.

    Exit status: 0 it was written; 4 there is no such operation, or a file of that name.
    """
    path = file or Path(f"{operation.rpartition('.')[2]}.py")
    if path.exists():
        raise click.UsageError(f"{path}: there is such a file already; --output names another one")
    if not path.absolute().parent.is_dir():
        raise click.UsageError(f"{path}: there is no folder {path.parent}")
    child = ChildProcess()
    try:
        found = child.ask(SurveyRequest(operation=operation))
    except ChildDied as death:
        raise SuiteFailed(f"torch cannot be asked here: {death}") from None
    finally:
        child.close()
    if found.problem:
        raise click.UsageError(found.problem)
    write_text(path, draft(found))
    tell(f"{path}\nrun it:     conformance run {path}\nread it:    conformance show {path.stem} --specs {path}")
