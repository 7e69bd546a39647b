"""The versions of torch that are certified: every cell was asked of them, and what is not as promised is known."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from msgspec import Meta
from packaging.version import InvalidVersion, Version

from conformance.files.entries import read_entries
from conformance.files.toml import TomlError
from conformance.results.model import Name, Record
from conformance.samples.vocabulary import SpecError
from conformance.spec import catalogue
from conformance.spec.devices import kind_of


class Certified(Record, frozen=True, kw_only=True):
    """A version of torch that is certified on a kind of device."""

    id: Annotated[str, Meta(pattern="^[a-z0-9.-]+$")]
    version: Name
    device: Name

    @property
    def release(self) -> Version:
        return Version(self.version)


@cache
def certified() -> tuple[Certified, ...]:
    """The certified versions, oldest first. Raises `SpecError`."""
    try:
        entries = read_entries(catalogue.CERTIFIED, "torch", Certified)
        return tuple(sorted(entries, key=lambda entry: entry.release))
    except (TomlError, InvalidVersion) as error:
        raise SpecError(str(error)) from None


def newest_certified(device: str) -> str:
    """The newest version of torch that is certified on the kind of a device; empty if none is."""
    versions = [entry.version for entry in certified() if entry.device == kind_of(device)]
    return versions[-1] if versions else ""


def uncertified(version: str, device: str) -> str:
    """That a version of torch is not certified on a device, in words; empty if it is."""
    newest = newest_certified(device)
    if is_certified(version, device):
        return ""
    if not newest:
        return f"no torch is certified on {kind_of(device)}"
    if Version(version) > Version(newest):
        return f"{version} is newer than the newest torch that is certified on {kind_of(device)}, {newest}"
    return f"{version} is not certified on {kind_of(device)}"


def is_certified(version: str, device: str) -> bool:
    """Whether a version of torch is certified on the kind of a device, whatever its build."""
    release = Version(version)
    return not release.is_prerelease and any(
        entry.release.release == release.release and entry.device == kind_of(device) for entry in certified()
    )
