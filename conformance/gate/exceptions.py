"""Which class of exceptions is a subclass of which, by their names: neither torch is imported here."""

from __future__ import annotations

import builtins

_OF_TORCH = {
    "OutOfMemoryError": RuntimeError,
    "AcceleratorError": RuntimeError,
    "_LinAlgError": RuntimeError,
    "LinAlgError": RuntimeError,
}
"""The classes of torch itself, and what they derive from. Source: torch/csrc/Exceptions.cpp, in 2.9 to 2.14."""


def is_narrower(name: str, other: str) -> bool:
    """Whether one class is a subclass of another class, and not that class itself. Of a class that is not known it is
    not said."""
    narrow, wide = _OF_TORCH.get(name) or _built_in(name), _built_in(other)
    return narrow is not None and wide is not None and name != other and issubclass(narrow, wide)


def _built_in(name: str) -> type[BaseException] | None:
    found = getattr(builtins, name, None)
    return found if isinstance(found, type) and issubclass(found, BaseException) else None
