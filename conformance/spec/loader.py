"""Spec files read from disk and checked, so that a wrong one is told in one line and not by a traceback."""

from __future__ import annotations

from pathlib import Path

from conformance.samples.vocabulary import SpecError
from conformance.spec.claims import section_spec, with_claims
from conformance.spec.contract import Spec
from conformance.spec.modules import run_file
from conformance.spec.validation import problems


def load(path: Path) -> Spec:
    """The spec of one file, or of a section of claims; raises `SpecError` with one line that says what is wrong and
    where."""
    if path.suffix == ".toml":
        return section_spec(path.absolute())
    spec = getattr(run_file(path), "spec", None)
    if not isinstance(spec, Spec):
        raise SpecError(f"{path}: assigns no Spec to the name 'spec'")
    try:
        for problem in problems(spec):
            raise SpecError(problem)
    except SpecError as error:
        raise SpecError(f"{path}: {error}") from None
    return with_claims(spec, path)


def spec_files(folder: Path) -> list[Path]:
    """The spec files of operations below a folder, in order."""
    return sorted(path for path in folder.rglob("*.py") if may_be_spec(path))


def may_be_spec(path: Path) -> bool:
    """Whether a file below a folder of specs is one of them: Python, and its name does not begin with an underscore."""
    return path.suffix == ".py" and not path.name.startswith(("_", "conftest"))
