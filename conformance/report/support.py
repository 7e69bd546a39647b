"""Support: dtypes that torch takes beyond the specs, and those that it refuses as they say."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.results.model import Verdict
from conformance.results.verdict import Results

CHECK = "support"
Said = dict[tuple[str, str, str], list[str]]
"""(operation, device, words): the dtypes of which they are said."""


@dataclass(frozen=True)
class SupportNote:
    """Something that the support cells of one operation on one device say of these dtypes."""

    operation: str
    device: str
    words: str
    dtypes: tuple[str, ...]


@dataclass(frozen=True)
class SupportPage:
    """What torch takes beyond the specs, and what it refuses as they say."""

    gains: tuple[SupportNote, ...]
    refused: tuple[SupportNote, ...]


def support_of(results: Results) -> SupportPage:
    """What the support cells say, taken together where they say the same of several dtypes."""
    gains: Said = {}
    refused: Said = {}
    for cell in results.cells:
        if cell.check != CHECK:
            continue
        if cell.evidence.gain:
            gains.setdefault((cell.operation, cell.device, "taken"), []).append(cell.subject)
        if cell.verdict == Verdict.UNSUPPORTED:
            words = "; ".join(cell.evidence.remarks) or "refused"
            refused.setdefault((cell.operation, cell.device, words), []).append(cell.subject)
    return SupportPage(_notes(gains), _notes(refused))


def _notes(said: Said) -> tuple[SupportNote, ...]:
    return tuple(SupportNote(*about, tuple(dtypes)) for about, dtypes in said.items())
