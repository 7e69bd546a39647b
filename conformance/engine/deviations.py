"""Known deviations of released versions of torch: loading, validation, and matching with cells and samples."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from conformance.files.entries import read_entries
from conformance.files.toml import TomlError
from conformance.numeric.dtypes import DTYPES
from conformance.results.effects import effect_of
from conformance.results.model import Effect, FailureKind, Name, Record
from conformance.samples.sample import Sample
from conformance.spec.cells import CHECKS
from conformance.spec.contract import MODES, Spec
from conformance.spec.devices import kind_of, profile_of
from conformance.spec.gaps import EVERY
from conformance.spec.releases import is_within, range_problem

Given = Literal["zero", "infinity", "nan", "the other zero"]
"""A wrong value that a deviation gives: a complex number if a part of it is one, and zero if both are; or the promised
value save for the signs of zeros."""


class DeviationError(ValueError):
    """A deviation file that cannot be used. The message is one line that says where and what to do."""


Names = Annotated[tuple[Name, ...], Meta(min_length=1)]


class Deviation(Record, frozen=True, kw_only=True):
    """One known deviation of torch from a spec."""

    id: Annotated[str, Meta(pattern="^[a-z0-9-]+$")]
    operation: Name
    """or `*` for all operations: those whose spec has its predicate, if it names one"""
    checks: Names
    torch: Name
    """the range of versions of torch that deviate, such as `>=2.2,<2.14`"""
    witness: Name
    """an expression; the deviation lasts as long as its value differs from that of `promised`"""
    promised: Name
    """an expression, or the name of the class of the exception that the witness must raise"""
    reason: Name
    expires: datetime.date
    dtypes: tuple[Name, ...] = ()
    """the dtypes concerned; empty means all"""
    devices: tuple[Name, ...] = ()
    """the devices concerned; empty means all"""
    cpu_capabilities: tuple[Name, ...] = ()
    """what `torch.backends.cpu.get_cpu_capability()` says where torch deviates, such as AVX512; empty means anything"""
    predicate: str = ""
    """the name of a predicate of the spec: a sample for which it is true may break the cells concerned"""
    poisons: bool = False
    """whether such a sample may end or corrupt the process. It is not asked then"""
    link: str = ""
    failures: tuple[FailureKind, ...] = ()
    """how torch fails; empty means in any way, or with wrong values if the entry says which"""
    about: str = ""
    """the form, law, refusal or result that fails; empty means any"""
    error: str = ""
    """the name of the class of the exception that is raised; empty means any"""
    symptom: str = ""
    """what the failure's symptom must be, such as the exception's message without what varies; empty means any"""
    gives: tuple[Given, ...] = ()
    """the wrong values that torch gives"""
    explanation: str = ""
    """the name of an explanation of the spec, which says which wrong values torch gives"""
    within: float = 0.0
    """how far from the promised values the wrong ones are at most, in ULP"""

    @property
    def says_how(self) -> bool:
        """Whether the entry says how torch fails."""
        return bool(self.failures or self.about or self.error or self.symptom or self.says_which_values)

    @property
    def says_which_values(self) -> bool:
        """Whether the entry says which wrong values torch gives."""
        return bool(self.gives or self.within or self.explanation)

    @property
    def excused_kinds(self) -> tuple[FailureKind, ...]:
        """The kinds of failures that the entry explains."""
        if self.failures:
            return self.failures
        return (FailureKind.VALUES,) if self.says_which_values else tuple(FailureKind)

    def effect(self, raised: bool) -> Effect:
        """What it does to who meets it, the gravest of what the entry says. Where it does not say how torch fails, it
        counts whether the witness `raised` an exception."""
        if self.poisons:
            return Effect.CRASH
        if self.failures:
            found = {effect_of(kind) for kind in self.failures}
            return next(effect for effect in Effect if effect in found)
        if self.promised.isidentifier() and self.promised.endswith("Error"):
            return Effect.ERROR_CLASS if raised else Effect.ACCEPTED
        if raised or self.error:
            return Effect.REFUSED
        return Effect.MEMORY if set(self.checks) <= {"memory", "cost"} else Effect.VALUE

    def concerns(self, operation: str, check: str, device: str, dtype: str, version: str, cpu_capability: str) -> bool:
        """Whether the deviation concerns a cell on a version of torch that uses a CPU capability."""
        covered = self.covers(operation, check, device, dtype)
        return covered and self.lasts_on(version) and self.shows_with(cpu_capability)

    def shows_with(self, cpu_capability: str) -> bool:
        """Whether the deviation is known of a torch that uses a CPU capability."""
        return not self.cpu_capabilities or cpu_capability in self.cpu_capabilities

    def covers(self, operation: str, check: str, device: str, dtype: str) -> bool:
        """Whether the deviation concerns a cell on any version of torch."""
        return (
            self.operation in (EVERY, operation)
            and check in self.checks
            and (not self.dtypes or dtype in self.dtypes)
            and (not self.devices or kind_of(device) in self.devices)
        )

    def lasts_on(self, version: str) -> bool:
        """Whether the deviation is known of a version of torch."""
        return is_within(version, self.torch)

    @property
    def expired(self) -> bool:
        return datetime.date.today() > self.expires


def load(path: Path) -> tuple[Deviation, ...]:
    """The deviations of a file; none if there is no such file. Raises `DeviationError`."""
    if not path.exists():
        return ()
    try:
        entries = read_entries(path, "deviation", Deviation)
    except TomlError as error:
        raise DeviationError(str(error)) from None
    for entry in entries:
        _require_readable(path, entry)
    return entries


def _require_readable(path: Path, entry: Deviation) -> None:
    """Raise `DeviationError` unless the version range and the expressions can be read."""
    where = f"{path}: deviation {entry.id!r}"
    if problem := range_problem(entry.torch):
        raise DeviationError(f"{where}: {problem}")
    for name, expression in (("witness", entry.witness), ("promised", entry.promised)):
        try:
            compile(expression, "<deviation>", "eval")
        except (SyntaxError, ValueError, ArithmeticError, RecursionError, MemoryError) as error:
            problem = error.msg if isinstance(error, SyntaxError) else str(error) or "it is too long"
            raise DeviationError(f"{where}: {name} is no Python expression: {problem}") from None


def validate(deviations: tuple[Deviation, ...], specs: list[Spec], complete: bool = True) -> None:
    """Raise `DeviationError` for the first entry that names something unknown to the specs. If the specs are not
    `complete`, entries of other operations are skipped."""
    checks, dtypes = set(CHECKS), {*DTYPES, *MODES, *(claim.name for spec in specs for claim in spec.claims)}
    for deviation in deviations:
        where = f"deviation {deviation.id!r}"
        concerned = [spec for spec in specs if deviation.operation in (EVERY, spec.operation)]
        if not concerned and not complete:
            continue
        if not concerned:
            raise DeviationError(
                f"{where}: no spec has the operation {deviation.operation!r}; correct or remove it, or name its spec"
            )
        backends = {profile_of(device).compile_backend for device in deviation.devices}
        good_dtypes = dtypes | {backend for backend in backends if backend}
        for kind, given, good in (("check", deviation.checks, checks), ("dtype", deviation.dtypes, good_dtypes)):
            unknown = [name for name in given if name not in good]
            if unknown:
                raise DeviationError(f"{where}: there is no {kind} {unknown[0]!r}; known are {', '.join(sorted(good))}")
        may_be_elsewhere = deviation.operation == EVERY and not complete
        lacking = all(spec.predicate(deviation.predicate) is None for spec in concerned)
        if deviation.predicate and lacking and not may_be_elsewhere:
            names = ", ".join(function.__name__ for spec in concerned for function in spec.predicates) or "none"
            operation = concerned[0].operation
            raise DeviationError(f"{where}: {operation} has no predicate {deviation.predicate!r}; it has {names}")
        if deviation.explanation and all(spec.explanation(deviation.explanation) is None for spec in concerned):
            names = ", ".join(function.__name__ for spec in concerned for function in spec.explanations) or "none"
            operation = concerned[0].operation
            raise DeviationError(f"{where}: {operation} has no explanation {deviation.explanation!r}; it has {names}")


def in_region(spec: Spec, deviations: Iterable[Deviation], sample: Sample, dtype: str) -> bool:
    """Whether a sample is in the region of one of the deviations. Some predicates compute the oracle, so this is asked
    of samples that failed."""
    return any(is_in_region(spec, known, sample, dtype) for known in deviations)


def is_in_region(spec: Spec, known: Deviation, sample: Sample, dtype: str) -> bool:
    """Whether the predicate of a deviation is true for a sample."""
    predicate = spec.predicate(known.predicate) if known.predicate else None
    return predicate is not None and _holds(predicate, dtype, sample)


def must_not_ask(spec: Spec, deviations: Iterable[Deviation], sample: Sample, dtype: str) -> bool:
    """Whether a process may not survive a sample, as a known deviation says."""
    return in_region(spec, (known for known in deviations if known.poisons), sample, dtype)


@lru_cache(maxsize=64)
def _holds(predicate: Callable[..., bool], dtype: str, sample: Sample) -> bool:
    """The value of a predicate. It is computed once for all cells of a dtype: some predicates compute the oracle."""
    return bool(predicate(dtype, **sample.by_name))
