"""The Hypothesis profiles: how many samples a run draws, and whether each is asked in every dtype.

Every field that matters is set, because a profile that is made in CI inherits from Hypothesis's own CI profile. The
profiles are not loaded, so that other tests of the same process keep their settings.
"""

from __future__ import annotations

from functools import cache

from hypothesis import HealthCheck, Verbosity, settings
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.errors import InvalidArgument

DEFAULT = "gate"
THOROUGH = "deep"
"""The profile in which every sample is asked in every dtype. Its samples are others each time."""
_EXAMPLES = {"quick": 32, DEFAULT: 200, THOROUGH: 3000}


@cache
def _settings(name: str) -> settings:
    deep = name == THOROUGH
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
    """Register quick, gate and deep with Hypothesis, for its option --hypothesis-profile. A profile of that name that
    is registered already is kept."""
    for name in _EXAMPLES:
        if registered(name) is None:
            settings.register_profile(name, _settings(name))


def registered(name: str) -> settings | None:
    """The registered profile of a name, or None."""
    try:
        return settings.get_profile(name)
    except InvalidArgument:
        return None


def default() -> settings:
    """This project's default profile, even if another one is registered by its name."""
    return _settings(DEFAULT)


def names() -> tuple[str, ...]:
    """The names of this project's profiles."""
    return tuple(_EXAMPLES)


def examples(name: str) -> int:
    """The number of samples that a sweep draws in a profile."""
    return _EXAMPLES[name]
