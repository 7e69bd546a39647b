"""The Hypothesis profiles: how much a run searches. Every field that matters is set, as a profile made where CI is set
inherits from Hypothesis's own CI profile. None is ever loaded: other tests of the same process keep their settings."""

from __future__ import annotations

from functools import cache

from hypothesis import HealthCheck, Verbosity, settings
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.errors import InvalidArgument

DEFAULT = "gate"
_EXAMPLES = {"quick": 32, "gate": 300, "deep": 3000}


@cache
def _settings(name: str) -> settings:
    deep = name == "deep"
    return settings(
        max_examples=_EXAMPLES[name],
        derandomize=not deep,
        database=DirectoryBasedExampleDatabase(".hypothesis/examples") if deep else None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.normal,
        print_blob=False,
    )


def register() -> None:
    """Make quick, gate and deep known to Hypothesis, for its option --hypothesis-profile. A profile of that name that
    somebody else has registered stays."""
    for name in _EXAMPLES:
        if registered(name) is None:
            settings.register_profile(name, _settings(name))


def registered(name: str) -> settings | None:
    """The profile that Hypothesis knows by a name, or None."""
    try:
        return settings.get_profile(name)
    except InvalidArgument:
        return None


def default() -> settings:
    """The profile of a run that names none, whatever else is registered by its name."""
    return _settings(DEFAULT)


def names() -> tuple[str, ...]:
    """The profiles of this project."""
    return tuple(_EXAMPLES)


def examples(name: str) -> int:
    """How many samples a sweep draws in a profile."""
    return _EXAMPLES[name]
