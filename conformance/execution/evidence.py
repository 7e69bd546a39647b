"""Evidence gathered while a cell is examined: what was compared, on which samples, and with what error."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Literal

from conformance.execution.broken import class_of
from conformance.numeric.accuracy import Worst
from conformance.numeric.bits import bits_of
from conformance.numeric.dtypes import Array
from conformance.results.model import Evidence
from conformance.samples.sample import Sample
from conformance.samples.serial import sample_text


@dataclass
class EvidenceBuilder:
    """The evidence of one cell so far. A comparison is counted where it is made, so that only those that ran count."""

    comparisons: int = 0
    refused: int = 0
    """the comparisons in which torch refused the call, as the spec says it must"""
    rejected: int = 0
    layouts: Counter[str] = field(default_factory=Counter)
    """the comparisons of samples that have a layout"""
    parts: Counter[str] = field(default_factory=Counter)
    """the comparisons of a part of the check: a form, a law, a refusal"""
    worst: Worst = field(default_factory=Worst)
    """the greatest error of a result in ULP"""
    closest: float = 0.0
    """the greatest share of its bound that the error of a result had"""
    worst_sample: Sample | None = None
    refusals: dict[str, str] = field(default_factory=dict)
    gain: bool = False
    notes: list[str] = field(default_factory=list)
    without_memory: int = 0
    """the number of samples that the device had no memory for"""
    lack: str = ""
    """what the device without memory said"""
    _samples: set[int] = field(default_factory=set)
    _aside: set[int] = field(default_factory=set)
    _failed: set[int] = field(default_factory=set)
    _digest: Any = field(default_factory=lambda: hashlib.blake2b(digest_size=12))

    def compared(self, sample: Sample | None, *results: Array, part: str = "") -> None:
        """Count one comparison, of a `part` of the check if it has several. Its results become part of the
        fingerprint."""
        self.comparisons += 1
        if part:
            self.parts[part] += 1
        if sample is not None:
            self._samples.add(sample.digest)
            self.layouts.update(sample.layouts)
        for result in results:
            self._digest.update(bits_of(result))

    def aside(self, sample: Sample) -> None:
        """Count a sample that failed as a known deviation says, or was not asked because of one."""
        self._aside.add(sample.digest)

    @property
    def set_aside(self) -> int:
        """The number of samples that failed as a known deviation says, or were not asked because of one."""
        return len(self._aside - self._failed)

    def broke(self, sample: Sample) -> None:
        """Count a sample that broke the cell."""
        self._failed.add(sample.digest)

    @property
    def failed(self) -> int:
        """The number of samples that broke the cell."""
        return len(self._failed)

    def measured(self, worst: Worst, sample: Sample) -> None:
        """Note the measured error of a result."""
        self.closest = max(self.closest, worst.share)
        if worst.ulp > self.worst.ulp:
            self.worst, self.worst_sample = worst, sample

    def refused_with(self, title: str, error: BaseException) -> None:
        """Note a call that was refused as it must be. `title` says what the call was."""
        self.refusals[title] = class_of(error)

    def note(self, text: str) -> None:
        """Add a note, once."""
        if text not in self.notes:
            self.notes.append(text)

    def lacks_memory(self, reason: str) -> None:
        """Count a sample that the device had no memory for."""
        self.without_memory += 1
        self.lack = reason

    @property
    def is_mostly_missing(self) -> bool:
        """Whether the device had no memory for most of what was asked."""
        return self.without_memory > len(self._samples)

    @property
    def shortage(self) -> str:
        """How much the device had no memory for, in words; empty if for all."""
        if not self.without_memory:
            return ""
        asked = self.without_memory + len(self._samples)
        return f"{self.without_memory} of {asked} questions could not be asked: {self.lack}"

    def become(self, other: EvidenceBuilder) -> None:
        """Be as another was."""
        vars(self).update(vars(other.copy()))

    def copy(self) -> EvidenceBuilder:
        """The same evidence, to be added to apart."""
        made = copy(self)
        made.layouts, made.parts = self.layouts.copy(), self.parts.copy()
        made.refusals, made.notes = dict(self.refusals), list(self.notes)
        made._samples, made._aside, made._failed = set(self._samples), set(self._aside), set(self._failed)
        made._digest = self._digest.copy()
        return made

    @property
    def fingerprint(self) -> str:
        """A digest of every result, bit for bit, with all NaNs alike; empty if nothing was compared."""
        return self._digest.hexdigest() if self.comparisons else ""

    def build(self) -> Evidence:
        """The evidence as a record."""
        return Evidence(
            comparisons=self.comparisons,
            samples=len(self._samples),
            rejected=self.rejected,
            set_aside=self.set_aside,
            failed=self.failed,
            asked=len(self._samples | self._aside | self._failed),
            layouts=tuple(sorted(self.layouts)),
            counts={**dict(sorted(self.layouts.items())), **self.parts},
            worst_ulp=_json_number(self.worst.ulp),
            worst_bound=_json_number(self.worst.allowed),
            closest=_json_number(self.closest),
            of_terms=self.worst.of_terms,
            worst_sample=sample_text(self.worst_sample),
            fingerprint=self.fingerprint,
            refusals=dict(self.refusals),
            gain=self.gain,
            notes=(*self.notes, *filter(None, (self.shortage,))),
        )


def _json_number(ulp: float) -> float | Literal["inf", "nan"]:
    """The number, or a text where JSON has no such number."""
    if math.isfinite(ulp):
        return float(ulp)
    return "nan" if math.isnan(ulp) else "inf"
