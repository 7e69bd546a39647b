"""What a kind of failure does to who meets it."""

from __future__ import annotations

from conformance.results.model import Effect, FailureKind

_EFFECTS = {
    FailureKind.CRASHED: Effect.CRASH,
    FailureKind.HUNG: Effect.CRASH,
    FailureKind.ACCEPTED: Effect.ACCEPTED,
    FailureKind.RAISED: Effect.REFUSED,
    FailureKind.NOT_TAKEN: Effect.REFUSED,
    FailureKind.NOT_COMPILED: Effect.REFUSED,
    FailureKind.OUT_OF_MEMORY: Effect.REFUSED,
    FailureKind.OTHER_CLASS: Effect.ERROR_CLASS,
    FailureKind.SHARING: Effect.MEMORY,
    FailureKind.STORAGE: Effect.MEMORY,
    FailureKind.STRIDES: Effect.MEMORY,
    FailureKind.ALLOCATIONS: Effect.MEMORY,
}


def effect_of(kind: FailureKind) -> Effect:
    """What a failure of a kind does. What comes out otherwise than promised is a wrong value: a shape, a dtype, a
    gradient, an argument too."""
    return _EFFECTS.get(kind, Effect.VALUE)
