"""What the commands make of their arguments. What cannot be used ends the command with one line and status 2."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from conformance import results
from conformance.samples.vocabulary import SpecError
from conformance.spec import catalogue
from conformance.spec.catalogue import Selection, UnknownSpec

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
"""The type of an argument that is a file."""


def selected(specs: Sequence[str]) -> Selection:
    """The specs that are named."""
    try:
        return catalogue.select(specs)
    except (UnknownSpec, SpecError) as error:
        raise click.UsageError(str(error)) from None


def read_results(path: Path) -> results.Results:
    """The run of a results file."""
    try:
        return results.read(path)
    except results.ResultsError as error:
        raise click.UsageError(str(error)) from None
