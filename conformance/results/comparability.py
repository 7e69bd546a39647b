"""The terms on which two torches may be compared: what else than torch can change a result."""

from __future__ import annotations

from typing import Any

from conformance.results.model import Environment

TERMS = {
    "cpu_capability": "CPU capability",
    "threads": "threads",
    "numpy": "NumPy",
    "hypothesis": "Hypothesis",
    "spec_hash": "specs",
    "examples": "samples a sweep",
    "seed": "seed",
    "devices": "devices",
    "platform": "machine",
}


def differing(baseline: Environment, candidate: Environment) -> tuple[str, ...]:
    """Each term that differs, in words; none if the two are on equal terms."""
    found = []
    for name, words in TERMS.items():
        was, now = (_text(getattr(side, name)) for side in (baseline, candidate))
        if was != now:
            found.append(f"{words}: {was} and {now}")
    return tuple(found)


ADVICE = "make them equal (--cpu-capability forces one CPU capability), or give --unequal-terms"
"""What to do where the terms differ."""


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "not known" if value == "" else str(value)
