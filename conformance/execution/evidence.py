"""Evidence per cell: what was really compared, on what, and how close it came."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from conformance.numeric.dtypes import Array
from conformance.samples.sample import Sample
from conformance.samples.serial import describe, to_data
from conformance.spec.cells import Cell


@dataclass
class Evidence:
    """The ledger of one cell. Everything is counted where the comparison is made, so nothing counts unless it ran."""

    comparisons: int = 0
    refused: int = 0
    """of the comparisons, those in which torch refused the call as the spec says it must"""
    rejected: int = 0
    layouts: set[str] = field(default_factory=set)
    worst_ulp: float = 0.0
    worst_sample: Sample | None = None
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

    def error(self, ulp: float, sample: Sample) -> None:
        """An error in ULP was measured."""
        if ulp > self.worst_ulp:
            self.worst_ulp, self.worst_sample = ulp, sample

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    @property
    def fingerprint(self) -> str:
        """A digest of every result, bit for bit; nothing where nothing was compared."""
        return self._digest.hexdigest() if self.comparisons else ""

    def as_record(self) -> dict[str, Any]:
        """The ledger as plain data for the results file."""
        return {
            "comparisons": self.comparisons,
            "samples": len(self._samples),
            "rejected": self.rejected,
            "layouts": sorted(self.layouts),
            "worst_ulp": self.worst_ulp,
            "worst_sample": sample_record(self.worst_sample),
            "fingerprint": self.fingerprint,
            "notes": list(self.notes),
        }


def sample_record(sample: Sample | None) -> dict[str, Any] | None:
    """A sample for the results file: as text and as data."""
    return None if sample is None else {"text": describe(sample), "data": to_data(sample)}


def cell_record(
    device: str, cell: Cell, verdict: str, evidence: Evidence, message: str = "", sample: Sample | None = None
) -> dict[str, Any]:
    """The record of a cell for the results file; what else is known of a failure is for the caller to fill in."""
    return {
        "check": cell[0],
        "device": device,
        "subject": cell[1],
        "verdict": verdict,
        "message": message,
        "call": "",
        "promised": "",
        "dtype": "",
        "sample": sample_record(sample),
        "repeats": True,
        "deviations": [],
        "evidence": evidence.as_record(),
    }
