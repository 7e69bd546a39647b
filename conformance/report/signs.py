"""The symbol and the colour of each verdict. Either alone identifies the verdict."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.results.model import Verdict


@dataclass(frozen=True)
class Sign:
    """The style class of a verdict, its symbol, and what it means."""

    style: str
    symbol: str
    meaning: str


SIGNS: dict[str, Sign] = {
    Verdict.HELD: Sign("h", "✓", "every comparison came out as promised"),
    Verdict.BROKEN: Sign("b", "✗", "torch did not do what the spec promises"),
    Verdict.CRASHED: Sign("c", "!", "the process died or hung in this cell"),
    Verdict.VACUOUS: Sign("v", "∅", "nothing was compared, so nothing is known"),
    Verdict.NOT_RUN: Sign("n", "?", "planned, but no answer arrived"),
    Verdict.DEVIATES: Sign("d", "≈", "differs exactly as a known deviation says"),
    Verdict.UNSUPPORTED: Sign("u", "–", "refused, as the spec says it must be"),
}
