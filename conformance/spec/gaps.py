"""What a device, or an older torch, does not have of a spec: dtypes without a kernel, and refusals that are promised
of other devices. `on_device` leaves it out of a spec."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from conformance.files.entries import EntriesError, read_entries
from conformance.numeric.dtypes import DTYPES
from conformance.results.model import Name, Record
from conformance.samples.vocabulary import SpecError
from conformance.spec import catalogue
from conformance.spec.contract import Spec
from conformance.spec.releases import is_within, range_problem

Names = Annotated[tuple[Name, ...], Meta(min_length=1)]


class Gap(Record, frozen=True, kw_only=True):
    """Dtypes that some operations do not take on some devices, or on older versions of torch. The operation must refuse
    them there; one that takes them by now is told."""

    id: Annotated[str, Meta(pattern="^[a-z0-9-]+$")]
    operations: Names
    dtypes: Names
    reason: Name
    torch: str = ""
    """the range of versions of torch that have the gap; empty means all"""
    devices: tuple[Name, ...] = ()
    """the kinds of devices that have the gap; empty means all"""
    link: str = ""

    def concerns(self, operation: str, device: str, version: str) -> bool:
        """Whether an operation has the gap on a device with a version of torch."""
        return (
            operation in self.operations
            and (not self.devices or kind_of(device) in self.devices)
            and is_within(version, self.torch)
        )


def kind_of(device: str) -> str:
    """The kind of a device: `cuda` of `cuda:1`."""
    return device.split(":")[0]


@cache
def load_gaps(path: Path) -> tuple[Gap, ...]:
    """The gaps of a file. Raises `SpecError`."""
    try:
        gaps = read_entries(path, "gap", Gap)
    except EntriesError as error:
        raise SpecError(str(error)) from None
    for gap in gaps:
        unknown = [name for name in gap.dtypes if name not in DTYPES]
        problem = range_problem(gap.torch) or (f"there is no dtype {unknown[0]!r}" if unknown else "")
        if problem:
            raise SpecError(f"{path}: gap {gap.id!r}: {problem}")
    return gaps


def on_device(spec: Spec, device: str, version: str) -> Spec:
    """A spec as it is promised of a device with a version of torch."""
    gaps = (gap for gap in load_gaps(catalogue.GAPS) if gap.concerns(spec.operation, device, version))
    lacking = {dtype for gap in gaps for dtype in gap.dtypes}.intersection(spec.dtypes)
    refusals = tuple(one for one in spec.refusals if not one.devices or kind_of(device) in one.devices)
    if not lacking and refusals == spec.refusals:
        return spec
    dtypes = tuple(name for name in spec.dtypes if name not in lacking)
    return replace(spec, dtypes=dtypes, lacking=tuple(sorted(lacking)), refusals=refusals)
