"""Support: dtypes that torch takes beyond the specs, and dtypes that it refuses as the specs say."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.results.model import Verdict
from conformance.results.verdict import Results

CHECK = "support"
DtypesByNote = dict[tuple[str, str, str], list[str]]
"""The dtypes for each operation, device and summary."""


@dataclass(frozen=True)
class SupportNote:
    """A remark that the support cells of one operation on one device share, and their dtypes."""

    operation: str
    device: str
    summary: str
    dtypes: tuple[str, ...]


@dataclass(frozen=True)
class SupportPage:
    """Dtypes that torch takes beyond the specs, and dtypes that it refuses as the specs say."""

    gains: tuple[SupportNote, ...]
    refused: tuple[SupportNote, ...]


def support_of(results: Results) -> SupportPage:
    """The remarks of the support cells. Dtypes with the same remark are grouped."""
    gains: DtypesByNote = {}
    refused: DtypesByNote = {}
    for cell in results.cells:
        if cell.check != CHECK:
            continue
        if cell.evidence.gain:
            gains.setdefault((cell.operation, cell.device, "taken"), []).append(cell.subject)
        if cell.verdict == Verdict.UNSUPPORTED:
            known = [f"known deviation {deviation.id}" for deviation in cell.deviations]
            summary = "; ".join([*cell.evidence.remarks, *known]) or "refused"
            refused.setdefault((cell.operation, cell.device, summary), []).append(cell.subject)
    return SupportPage(_notes(gains), _notes(refused))


def _notes(dtypes_by_note: DtypesByNote) -> tuple[SupportNote, ...]:
    return tuple(SupportNote(*about, tuple(dtypes)) for about, dtypes in dtypes_by_note.items())
