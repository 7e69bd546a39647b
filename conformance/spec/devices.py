"""Device profiles: what a kind of device is, as data. `on_device` narrows a spec to a device, and `without_dtypes` to
what it can hold."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

from msgspec import field

from conformance.files.toml import TomlError, read_record
from conformance.results.model import Record
from conformance.samples.vocabulary import SpecError
from conformance.spec import catalogue
from conformance.spec.contract import MODES, Spec
from conformance.spec.gaps import Gap, load_gaps, problem_of

PROFILE = "profile.toml"
"""The name of a built-in profile, in the folder of its kind of device."""

GIVEN = "CONFORMANCE_DEVICE_PROFILES"
"""The environment variable by which a child process learns of the files of given profiles."""

IMPORTS = "CONFORMANCE_IMPORTS"
"""The environment variable by which a child process learns of the modules to import, with commas between them."""


class DeviceProfile(Record, frozen=True, kw_only=True):
    """What a kind of device is. What can be asked of the device is asked, and a profile that says otherwise is an
    error; None leaves it to the device."""

    module: str = ""
    """the module that makes the device known to torch; empty if torch knows it by itself"""
    addresses: bool | None = None
    """whether the storage of a tensor has an address"""
    strides: bool | None = None
    """whether tensors have the strides that views give them"""
    counts_allocations: bool | None = None
    """whether its allocations can be counted"""
    flushes_subnormals: bool | None = None
    """whether it may take a subnormal number for 0, among arguments and results"""
    lacks: tuple[str, ...] | None = None
    """the dtypes that it cannot hold"""
    compiles_per_shape: bool = False
    """whether it compiles each call for each new shape, so that shapes are expensive"""
    adds_in_fixed_order: bool = False
    """whether sums are added up in the same order in every call. Atomic additions are not"""
    compile_backend: str = ""
    """the backend of torch.compile that generates its code; empty means inductor, where that can"""
    gap: tuple[Gap, ...] = field(default=())
    """what it is declared not to support"""


ASKED = ("addresses", "strides", "counts_allocations", "flushes_subnormals", "lacks")
"""What the device itself says."""

UNKNOWN = DeviceProfile()
"""The profile of a device that has none."""

_given: dict[str, Path] = {}


def kind_of(device: str) -> str:
    """The kind of a device: `cuda` of `cuda:1`."""
    return device.split(":")[0]


def use(paths: Iterable[Path]) -> None:
    """Take the profiles of files, each for the kind of device that the name of the file says, before built-in ones.
    Raises `SpecError`."""
    _given.clear()
    for path in paths:
        load_profile(path)
        _given[path.stem] = path


def environment(
    profiles: Iterable[Path], imports: Iterable[str], devices: Iterable[str]
) -> tuple[tuple[str, str], ...]:
    """The environment variables of a child process that is to use the profiles of files, as this one does from now on,
    and to import modules: the given ones, and those of the devices. Raises `SpecError`."""
    files = [path.absolute() for path in profiles]
    use(files)
    modules = dict.fromkeys([*imports, *(profile_of(device).module for device in devices)])
    found = ((GIVEN, os.pathsep.join(map(str, files))), (IMPORTS, ",".join(filter(None, modules))))
    return tuple(pair for pair in found if pair[1])


def imported() -> list[str]:
    """The modules that this process was to import."""
    return [name for name in os.environ.get(IMPORTS, "").split(",") if name]


def profile_of(device: str) -> DeviceProfile:
    """The profile of a device. Raises `SpecError`."""
    kind = kind_of(device)
    path = _given.get(kind, catalogue.DEVICES / kind / PROFILE)
    return load_profile(path) if path.is_file() else UNKNOWN


@cache
def load_profile(path: Path) -> DeviceProfile:
    """The profile of a file. Raises `SpecError`."""
    try:
        profile = read_record(path, DeviceProfile)
    except TomlError as error:
        raise SpecError(str(error)) from None
    taken = profile.compile_backend in MODES and profile.compile_backend != "inductor"
    problem = f"compile_backend: {profile.compile_backend!r} is a mode that is asked anyway" if taken else ""
    if problem := problem or problem_of(profile.gap):
        raise SpecError(f"{path}: {problem}")
    return profile


def gaps_of(operation: str, device: str, version: str) -> tuple[Gap, ...]:
    """What an operation lacks on a device with a version of torch."""
    gaps = (*load_gaps(catalogue.GAPS), *profile_of(device).gap)
    return tuple(gap for gap in gaps if gap.concerns(operation, version))


def on_device(spec: Spec, device: str, version: str) -> Spec:
    """A spec as it is promised of a device with a version of torch."""
    gaps = (gap for gap in gaps_of(spec.operation, device, version) if not gap.checks)
    lacking = {dtype for gap in gaps for dtype in gap.dtypes}.intersection(spec.dtypes)
    refusals = tuple(one for one in spec.refusals if not one.devices or kind_of(device) in one.devices)
    if not lacking and refusals == spec.refusals:
        return spec
    dtypes = tuple(name for name in spec.dtypes if name not in lacking)
    return replace(spec, dtypes=dtypes, lacking=tuple(sorted(lacking)), refusals=refusals)


_OTHER_NAMES = {
    "float16": "half",
    "float32": "float",
    "float64": "double",
    "complex64": "cfloat",
    "complex128": "cdouble",
    "int16": "short",
    "int32": "int",
    "int64": "long",
}


def without_dtypes(spec: Spec, missing: Iterable[str]) -> Spec:
    """What can be asked of a spec on a device that cannot hold the `missing` dtypes: no samples with tensors of them,
    and no form, law, refusal or claim that names one."""
    names = [other for name in missing for other in (name, _OTHER_NAMES.get(name, name))]
    if not names:
        return spec
    named = re.compile(rf"torch\.({'|'.join(names)})\b|\.({'|'.join(names)})\(\)")
    return replace(
        spec,
        dtypes=tuple(name for name in spec.dtypes if name not in names),
        lacking=tuple(sorted({*spec.lacking, *missing})),
        forms=(*spec.forms[:1], *(form for form in spec.forms[1:] if not named.search(form.call))),
        laws=tuple(law for law in spec.laws if not named.search(f"{law.left} {law.right}")),
        refusals=tuple(one for one in spec.refusals if not named.search(one.call)),
        claims=tuple(claim for claim in spec.claims if not named.search(claim.check)),
    )
