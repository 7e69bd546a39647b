"""The Hypothesis profiles: how much a run searches. Every field that matters is set, as a profile made where CI is set
inherits from Hypothesis's own CI profile."""

from __future__ import annotations

from hypothesis import HealthCheck, Verbosity, settings
from hypothesis.database import DirectoryBasedExampleDatabase

DEFAULT = "gate"
_EXAMPLES = {"quick": 32, "gate": 300, "deep": 3000}


def register() -> None:
    """Make quick, gate and deep known to Hypothesis."""
    for name, examples in _EXAMPLES.items():
        deep = name == "deep"
        settings.register_profile(
            name,
            settings(
                max_examples=examples,
                derandomize=not deep,
                database=DirectoryBasedExampleDatabase(".hypothesis/examples") if deep else None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                verbosity=Verbosity.normal,
                print_blob=False,
            ),
        )


def names() -> tuple[str, ...]:
    """The profiles of this project."""
    return tuple(_EXAMPLES)


def examples(name: str) -> int:
    """How many samples a sweep draws in a profile."""
    return _EXAMPLES[name]
