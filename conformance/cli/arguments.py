"""What the commands make of their arguments. What is not there is a wrong option, what cannot be used wrong input."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from conformance import results
from conformance.cli.ending import WrongInput
from conformance.files.folder import FolderError, ReportFolder, try_to_write
from conformance.processes import patience
from conformance.report import read_run
from conformance.samples.vocabulary import SpecError
from conformance.spec import catalogue
from conformance.spec.catalogue import Selection, UnknownSpec

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
"""The type of an argument that is a file."""


def seconds(context: click.Context, parameter: click.Parameter, value: Any) -> float:
    """The value of an option that is a number of seconds above 0."""
    try:
        return patience.parse(str(value))
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from None


def output(context: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    """The value of an option that is a file to write, tried before the work begins."""
    if value is not None:
        try:
            try_to_write(value.parent, [value.name])
        except OSError as error:
            raise click.BadParameter(f"{value}: cannot be written: {error.strerror}", context, parameter) from None
    return value


def report_folder(path: Path, names: Iterable[str]) -> ReportFolder:
    """The folder that a command writes its results to, for it alone until the command ends."""
    try:
        folder = ReportFolder(path, names)
    except FolderError as error:
        raise click.UsageError(str(error)) from None
    click.get_current_context().call_on_close(folder.release)
    return folder


def selected(specs: Sequence[str]) -> Selection:
    """The specs that are named."""
    try:
        return catalogue.select(specs)
    except UnknownSpec as error:
        raise click.UsageError(str(error)) from None
    except SpecError as error:
        raise WrongInput(str(error)) from None


def read_results(path: Path) -> results.Results:
    """The run of a results file or of a report."""
    try:
        return read_run(path)
    except results.ResultsError as error:
        raise WrongInput(str(error)) from None
