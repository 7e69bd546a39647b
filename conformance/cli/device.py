"""The command `conformance device`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from msgspec import to_builtins

from conformance.cli.arguments import FILE
from conformance.cli.ending import WrongInput
from conformance.cli.terminal import tell
from conformance.files.entries import toml_entry, toml_value
from conformance.processes.client import ChildDied, ChildProcess
from conformance.processes.interpreter import Interpreter
from conformance.processes.requests import DeviceRequest, ProfileRequest
from conformance.samples.vocabulary import SpecError
from conformance.spec.devices import ASKED, DeviceProfile, environment, kind_of


@click.command()
@click.argument("name")
@click.option("--import", "imports", multiple=True, metavar="MODULE", help="module that makes it known to torch")
@click.option("--device-profile", "files", multiple=True, type=FILE, help="its profile so far")
def device(name: str, imports: tuple[str, ...], files: tuple[Path, ...]) -> None:
    """Print the profile of the device NAME as it is found: a draft of a file for --device-profile.

    Exit status: 0 it was asked; 2 a profile cannot be used; 4 there is no such device, or it is not as its profile
    says.
    """
    try:
        variables = environment(files, imports, [name])
    except SpecError as error:
        raise WrongInput(str(error)) from None
    child = ChildProcess(interpreter=Interpreter(environment=variables))
    try:
        problem = child.ask(DeviceRequest(device=name))
        found = child.ask(ProfileRequest(device=name)) if not problem else None
    except ChildDied as death:
        raise click.UsageError(f"torch cannot be asked here: {death}") from None
    finally:
        child.close()
    if found is None:
        raise click.UsageError(problem)
    for line in _lines(name, found, imports):
        tell(line)


def _lines(name: str, found: DeviceProfile, imports: tuple[str, ...]) -> list[str]:
    """A profile as TOML, with what the device says apart from what a person must say."""
    fields: dict[str, Any] = {**to_builtins(found), "module": found.module or ",".join(imports[:1])}
    gaps = fields.pop("gap")
    said = [name for name in fields if name not in ASKED]
    return [
        f"# {kind_of(name)}.toml, as found; what it says is asked again in every run.",
        *(f"{key} = {toml_value(fields[key])}" for key in ASKED),
        "",
        "# What the device cannot say.",
        *(f"{key} = {toml_value(fields[key])}" for key in said),
        *(f"\n{toml_entry('gap', {key: value for key, value in gap.items() if value})}".rstrip() for gap in gaps),
    ]
