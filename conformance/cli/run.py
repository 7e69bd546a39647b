"""The command `conformance run`."""

from __future__ import annotations

import click


@click.command(
    context_settings={
        "ignore_unknown_options": True,
        "allow_interspersed_args": False,
        "help_option_names": ["--help"],
    },
    options_metavar="",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[SPEC]... [PYTEST OPTIONS]")
def run(arguments: tuple[str, ...]) -> None:
    """Ask the installed torch whether it keeps the contracts of SPECs [default: all built-in ones].

    A SPEC is an operation (cat, torch.cat), a spec file, a folder of them, or a cell
    (specs/joining/cat.py::values[cpu-float32]). Everything else is handed to pytest, such as -n auto, -k "float32 and
    values", --device npu, --deviations FILE, --hypothesis-profile=quick, --report-dir=DIR; 'conformance run -h' lists
    them all. The pytest settings and conftest.py files of the current folder are left alone.

    Exit status: 0 every contract is kept; 1 one is broken; 2 a spec or file cannot be used, or Ctrl-C; 3 the suite
    failed; 4 wrong option; 5 no cells; 6 incomplete.
    """
    from conformance.plugin.command import run_specs  # the other commands need no pytest

    click.get_current_context().exit(run_specs(arguments))
