"""Ranges of versions of torch, such as `>=2.2,<2.14`."""

from __future__ import annotations

from functools import cache

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version


@cache
def is_within(version: str, versions: str) -> bool:
    """Whether a version of torch is in a range. Release numbers alone count, so that 2.13.0+cpu and 2.13.0a0 are in
    ">=2.13"."""
    return ".".join(str(part) for part in Version(version).release) in SpecifierSet(versions)


def range_problem(versions: str) -> str:
    """Why a text is no range of versions; empty if it is one."""
    try:
        SpecifierSet(versions)
    except InvalidSpecifier:
        return f"torch = {versions!r} is no version range such as '>=2.2,<2.14'"
    return ""
