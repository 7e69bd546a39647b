"""What the commands write on the terminal: text fit to be shown, whoever it is from."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from conformance.results.visible import visible


def tell(text: str, error: bool = False) -> None:
    """Write lines to the standard output, or to that of errors. A reader that has gone away is not missed: the exit
    status is still to come."""
    try:
        click.echo(visible(text, lines=True), err=error)
    except BrokenPipeError:
        give_up(sys.stderr if error else sys.stdout)


def give_up(stream: Any) -> None:
    """Let Python not try again to write to a stream when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
