"""How every command ends: an error is one line, and its exit status is one of `Status`. No crash reads as a verdict."""

from __future__ import annotations

import io
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import click

from conformance.cli.terminal import give_up, tell
from conformance.processes.client import reason_of
from conformance.results.codec import one_line
from conformance.results.status import Status

REPORT_IT = "please report it in the issue tracker of torch-conformance"


class WrongInput(click.ClickException):
    """A file that was found and cannot be used; the message is one line."""

    exit_code = Status.WRONG_INPUT


class SuiteFailed(click.ClickException):
    """The suite could not do its work; the message is one line."""

    exit_code = Status.SUITE_FAILED


class Commands(click.Group):
    """A group of commands that end so."""

    def main(self, args: Sequence[str] | None = None, *others: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")  # not every terminal has every character
        run = partial(super().main, args, *others, standalone_mode=False, **extra)
        return sys.exit(_status(run)) if standalone_mode else run()


def _status(run: Callable[[], Any]) -> int:
    """Run a command; its exit status."""
    try:
        status = run()
        _flush()
        return status if isinstance(status, int) else Status.KEPT
    except click.ClickException as error:
        _show(error)
        return Status.WRONG_OPTION if isinstance(error, click.UsageError) else error.exit_code
    except (click.Abort, KeyboardInterrupt) as end:
        if isinstance(end.__cause__, EOFError):  # click takes it for Ctrl-D; no command asks a person anything
            return _failed(end.__cause__)
        tell("ended by a person: nothing is decided", error=True)
        return Status.WRONG_INPUT
    except (Exception, SystemExit) as error:  # no command ends so: the status is not that of a verdict
        return _failed(error)


def _flush() -> None:
    """Write what the standard output still holds: a full disk must be told before the status is. Raises `OSError`."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        give_up(sys.stdout)
    except OSError:
        give_up(sys.stdout)
        raise


def _show(error: click.ClickException) -> None:
    """Tell an error as click does."""
    shown = io.StringIO()
    error.show(shown)
    tell(shown.getvalue().rstrip("\n"), error=True)


def _failed(error: BaseException) -> int:
    with suppress(OSError):
        _flush()  # or Python would try again when it ends, and change the status
    tell(_told(error), error=True)
    return Status.SUITE_FAILED


def _told(error: BaseException) -> str:
    """An error that nobody expected, in one line."""
    opening = "ERROR: the suite failed, which says nothing of torch"
    if isinstance(error, OSError) and error.strerror:
        return f"{opening}: {f'{error.filename}: ' if error.filename else ''}{error.strerror}"
    reason = one_line(f"{type(error).__name__}: {reason_of(error)}")
    return f"{opening}: {reason}; {REPORT_IT}, with {_written(error)}"


def _written(error: BaseException) -> str:
    """The file to which the traceback of an error was written; where that is not possible, the traceback."""
    text = "".join(traceback.format_exception(error))
    try:
        handle, name = tempfile.mkstemp(prefix="conformance-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError:
        return f"this:\n{text}"
    return name
