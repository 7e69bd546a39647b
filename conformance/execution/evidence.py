"""Evidence gathered while a cell is asked: what was really compared, on what, and how close it came."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from typing import Any, Literal

from conformance.numeric.dtypes import Array
from conformance.results.model import Evidence
from conformance.samples.sample import Sample
from conformance.samples.serial import sample_text


@dataclass
class EvidenceBuilder:
    """The evidence of one cell so far. Everything is counted where the comparison is made, so nothing counts unless it
    ran."""

    comparisons: int = 0
    refused: int = 0
    """of the comparisons, those in which torch refused the call as the spec says it must"""
    rejected: int = 0
    layouts: set[str] = field(default_factory=set)
    worst_ulp: float = 0.0
    worst_sample: Sample | None = None
    refusals: dict[str, str] = field(default_factory=dict)
    gain: bool = False
    notes: list[str] = field(default_factory=list)
    _samples: set[int] = field(default_factory=set)
    _digest: Any = field(default_factory=lambda: hashlib.blake2b(digest_size=12))

    def compared(self, sample: Sample | None, *results: Array) -> None:
        """One comparison was made; its results go into the fingerprint."""
        self.comparisons += 1
        if sample is not None:
            self._samples.add(sample.digest)
            self.layouts.update(sample.layouts)
        for result in results:
            self._digest.update(result.tobytes())

    def measured(self, ulp: float, sample: Sample) -> None:
        """An error in ULP was measured."""
        if ulp > self.worst_ulp:
            self.worst_ulp, self.worst_sample = ulp, sample

    def refused_with(self, title: str, error: BaseException) -> None:
        """Something was refused as it must be; `title` says what."""
        self.refusals[title] = type(error).__name__

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    @property
    def fingerprint(self) -> str:
        """A digest of every result, bit for bit; nothing where nothing was compared."""
        return self._digest.hexdigest() if self.comparisons else ""

    def build(self) -> Evidence:
        """The evidence as a record."""
        return Evidence(
            comparisons=self.comparisons,
            samples=len(self._samples),
            rejected=self.rejected,
            layouts=tuple(sorted(self.layouts)),
            worst_ulp=_in_words(self.worst_ulp),
            worst_sample=sample_text(self.worst_sample),
            fingerprint=self.fingerprint,
            refusals=dict(self.refusals),
            gain=self.gain,
            notes=tuple(self.notes),
        )


def _in_words(ulp: float) -> float | Literal["inf", "nan"]:
    if math.isfinite(ulp):
        return float(ulp)
    return "nan" if math.isnan(ulp) else "inf"
