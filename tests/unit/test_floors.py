"""requirements/floors.txt, with which `tox run -e floors` tests, repeats the lower bounds of pyproject.toml."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
FLOORS = ROOT / "requirements" / "floors.txt"
DEVELOPMENT = "dev"
"""The extra whose versions are not bounded: no user installs it."""


def floors_of(project: dict[str, Any]) -> list[str]:
    """The lines that pin every dependency of a project to its lower bound, in alphabetical order.

    Raises `ValueError` for a dependency that declares anything but one lower bound.
    """
    extras = project.get("optional-dependencies", {})
    declared = [*project["dependencies"], *(line for name in extras if name != DEVELOPMENT for line in extras[name])]
    return [_floor(requirement) for requirement in sorted(map(Requirement, declared), key=_name)]


def _name(requirement: Requirement) -> str:
    return requirement.name


def _floor(requirement: Requirement) -> str:
    bounds = list(requirement.specifier)
    if [bound.operator for bound in bounds] != [">="]:
        raise ValueError(f"{requirement.name}: write one lower bound, such as {requirement.name}>=1.0")
    marker = f"; {requirement.marker}" if requirement.marker else ""
    return f"{requirement.name}=={bounds[0].version}{marker}"


def test_the_floors_that_are_tested_are_those_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = floors_of(project)
    pinned = [line for line in FLOORS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert pinned == declared, "\n".join([f"{FLOORS.relative_to(ROOT)} must hold:", *declared])


def test_floors_are_of_the_dependencies_and_of_the_extras_for_users() -> None:
    project = {
        "dependencies": ["numpy>=1.23", "click >= 8", "tomli>=2; python_version < '3.11'"],
        "optional-dependencies": {"perf": ["pytest-benchmark>=4"], "dev": ["ruff"]},
    }
    assert floors_of(project) == [
        "click==8",
        "numpy==1.23",
        "pytest-benchmark==4",
        'tomli==2; python_version < "3.11"',
    ]


@pytest.mark.parametrize("declared", ["numpy", "numpy==2", "numpy>=1,<3"])
def test_a_dependency_without_one_lower_bound_is_refused(declared: str) -> None:
    with pytest.raises(ValueError, match=r"numpy: write one lower bound"):
        floors_of({"dependencies": [declared]})
