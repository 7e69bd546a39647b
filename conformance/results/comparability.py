"""The terms on which two torches may be compared: what else than torch can change a result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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


def differing(baseline: Mapping[str, Any], candidate: Mapping[str, Any]) -> tuple[str, ...]:
    """Each term that differs, in words; none if the two are on equal terms."""
    found = []
    for name, words in TERMS.items():
        was, now = (_text(side.get(name)) for side in (baseline, candidate))
        if was != now:
            found.append(f"{words}: {was} and {now}")
    return tuple(found)


ADVICE = "make them equal (--cpu-capability forces one CPU capability), or give --unequal-terms"
"""What to do where the terms differ."""


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "not known" if value in (None, "") else str(value)
