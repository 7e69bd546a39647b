"""What a known deviation does to who meets it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from conformance.engine.deviations import Deviation, load
from conformance.results.effects import effect_of
from conformance.results.model import Effect, FailureKind
from conformance.spec.catalogue import deviation_files

ENTRY = {"id": "a", "operation": "torch.cat", "checks": ("values",), "torch": ">=2.2", "witness": "1", "promised": "2"}


@pytest.mark.parametrize(
    ("changes", "raised", "effect"),
    [
        ({}, False, Effect.VALUE),
        ({}, True, Effect.REFUSED),
        ({"poisons": True, "failures": (FailureKind.VALUES,)}, False, Effect.CRASH),
        ({"failures": (FailureKind.STRIDES, FailureKind.VALUES)}, False, Effect.VALUE),
        ({"failures": (FailureKind.STORAGE,)}, False, Effect.MEMORY),
        ({"failures": (FailureKind.ACCEPTED, FailureKind.RAISED)}, False, Effect.ACCEPTED),
        ({"promised": "NotImplementedError", "checks": ("support",)}, True, Effect.ERROR_CLASS),
        ({"promised": "RuntimeError", "checks": ("refusals",)}, False, Effect.ACCEPTED),
        ({"checks": ("memory", "cost")}, False, Effect.MEMORY),
    ],
)
def test_the_gravest_effect_counts(changes: dict[str, Any], raised: bool, effect: Effect) -> None:
    entry = Deviation(**{**ENTRY, "reason": "so it is", "expires": datetime.date(2100, 1, 1), **changes})
    assert entry.effect(raised) is effect


def test_every_kind_of_failure_and_every_known_deviation_has_an_effect() -> None:
    assert Effect.UNKNOWN not in {effect_of(kind) for kind in FailureKind}
    found = {entry.effect(raised=False) for path in deviation_files() for entry in load(path)}
    assert Effect.UNKNOWN not in found and {Effect.CRASH, Effect.VALUE, Effect.MEMORY} <= found
