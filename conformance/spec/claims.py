"""The claims of source documents: a folder `claims/` that goes with spec files, a folder for each document in it.

`document.toml` says which document it is. Every other file there is a section: a list of claims, each of which names
the operations that it is about. The cell of a claim belongs to the spec of the first of them that has one. The claims
of a section that no spec has belong to the section itself, which is asked like a spec.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

from conformance.drawing.draw import Draw
from conformance.files.entries import entries_of
from conformance.files.toml import TomlError, read_record, read_toml
from conformance.results.model import Name, Record
from conformance.samples.vocabulary import SpecError
from conformance.spec.beside import beside
from conformance.spec.contract import Claim, Spec
from conformance.spec.expressions import compiled
from conformance.spec.modules import run_file

CLAIMS = "claims"
"""The name of a folder of claims. It lies beside spec files, or in the folder above."""

HEAD = "document.toml"

_OPERATION = re.compile(r"""\boperation\s*=\s*(["'])([\w.]+)\1\s*[,)]""")
"""An operation that is written in a spec file as a text."""

_FULL_NAME = re.compile(r"[A-Za-z_]\w*(\.\w+)+")


class Document(Record, frozen=True, kw_only=True):
    """One document, as its head file describes it. What is not known is empty; a title in square brackets is a
    description."""

    title: Name
    author: str
    address: str


class _Entry(Record, frozen=True, kw_only=True):
    """A claim as its file holds it."""

    name: Annotated[str, Meta(pattern="^[a-z0-9-]+$")]
    operations: tuple[str, ...]
    statement: Name
    verdict: Name
    check: Name
    note: str = ""
    contradicts: str = ""


@dataclass(frozen=True)
class Section:
    """One section of a document and its claims."""

    path: Path
    document: Document
    name: str
    claims: tuple[Claim, ...]

    @property
    def title(self) -> str:
        return f"{self.document.title}, {self.name}"


@dataclass(frozen=True)
class ClaimsFolder:
    """A folder of claims, and the `operations` that the specs beside it have."""

    sections: tuple[Section, ...]
    operations: frozenset[str]

    def owner(self, claim: Claim) -> str:
        """The operation whose spec has the cell of a claim; empty if no spec has it."""
        return next((name for name in claim.operations if name in self.operations), "")

    def about(self, operation: str) -> tuple[Claim, ...]:
        """All claims that name an operation."""
        return tuple(claim for section in self.sections for claim in section.claims if operation in claim.operations)

    def without_spec(self, section: Section) -> tuple[Claim, ...]:
        """The claims of a section that no spec has."""
        return tuple(claim for claim in section.claims if not self.owner(claim))


def with_claims(spec: Spec, path: Path) -> Spec:
    """The spec of the file `path` with the claims that name its operation. Raises `SpecError`."""
    folder = beside(path, CLAIMS)
    if not folder.is_dir():
        return spec
    found = read_claims(folder)
    owners = [(found.owner(claim), claim) for claim in found.about(spec.operation)]
    return replace(
        spec,
        claims=tuple(claim for owner, claim in owners if owner == spec.operation),
        claims_elsewhere=tuple(one for one in owners if one[0] != spec.operation),
    )


def section_spec(path: Path) -> Spec:
    """The claims of a section that no spec has, as what is asked like a spec. Raises `SpecError`."""
    found = read_claims(path.parents[1])
    section = next((one for one in found.sections if one.path == path), None)
    if section is None:
        raise SpecError(f"{path}: is no section of a document: those lie beside a {HEAD}, in a folder of {CLAIMS}/")
    return Spec(
        operation=section.title,
        summary="What the section says in general, and of operations that have no spec.",
        documentation=section.document.address,
        arguments=_no_arguments,
        forms=(),
        dtypes=(),
        oracle=_no_arguments,
        modes=(),
        claims=found.without_spec(section),
    )


def sections_below(folder: Path) -> list[Path]:
    """The sections below a folder that have claims of which no spec has the cell, in order. Of claims that cannot be
    read one section stands for all: whoever loads it is told."""
    heads = (head.absolute() for head in folder.rglob(HEAD))
    claims = sorted({head.parents[1] for head in heads if head.parents[1].name == CLAIMS})
    sections = [path for one in claims for path in _asked_sections(one)]
    return [path for path in sections if folder.absolute() in path.parents]


def _asked_sections(folder: Path) -> list[Path]:
    try:
        found = read_claims(folder)
    except SpecError:
        return [path for path in sorted(folder.glob("*/*.toml")) if path.name != HEAD][:1]
    return [section.path for section in found.sections if found.without_spec(section)]


def claim_files(path: Path) -> list[Path]:
    """The files of the claims that go with a spec file, or with a section."""
    folder = path.parents[1] if path.suffix == ".toml" else beside(path, CLAIMS)
    return sorted(folder.glob("*/*.toml"))


@cache
def read_claims(folder: Path) -> ClaimsFolder:
    """A folder of claims, which a process reads once. Raises `SpecError` with one line that names file and claim."""
    try:
        sections = tuple(_sections(folder))
    except TomlError as error:
        raise SpecError(str(error)) from None
    for problem in _problems(sections):
        raise SpecError(problem)
    return ClaimsFolder(sections, frozenset(_operations(folder)))


def _sections(folder: Path) -> Iterator[Section]:
    # A folder without such files is none of ours: that a folder has the name of this one may be chance.
    for place in sorted({path.parent for path in folder.glob("*/*.toml")}):
        document = read_record(place / HEAD, Document)
        for path in sorted(place.glob("*.toml")):
            if path.name != HEAD:
                yield _section(path, document)


def _section(path: Path, document: Document) -> Section:
    data = read_toml(path)
    name = data.pop("section", None)
    if not isinstance(name, str) or not name:
        raise TomlError(f'{path}: says no section; write section = "…" first, as the document calls it')
    entries = entries_of(path, data, "claim", _Entry, key="name")
    return Section(path, document, name, tuple(_claim(path, entry, f"{document.title}, {name}") for entry in entries))


def _claim(path: Path, entry: _Entry, source: str) -> Claim:
    for operation in entry.operations:
        if not _FULL_NAME.fullmatch(operation):
            raise TomlError(f"{path}: claim {entry.name!r}: {operation!r} is no operation; write it as torch.add")
    try:
        compiled(entry.check)
    except (SyntaxError, ValueError, ArithmeticError, RecursionError, MemoryError) as error:
        problem = error.msg if isinstance(error, SyntaxError) else str(error) or "it is too long"
        where = f"{path}: claim {entry.name!r}: check"
        raise TomlError(f"{where} is no Python that ends in an expression: {problem}") from None
    fields: dict[str, Any] = {name: getattr(entry, name) for name in _Entry.__struct_fields__}
    try:
        return Claim(source=source, **fields)
    except SpecError as error:
        raise TomlError(f"{path}: {error}") from None


def _problems(sections: tuple[Section, ...]) -> Iterator[str]:
    """What is wrong with claims beside others. Two that may come to have their cells in one spec need two names."""
    names = {claim.name for section in sections for claim in section.claims}
    seen: dict[tuple[str, str], Path] = {}
    for section in sections:
        for claim in section.claims:
            where = f"{section.path}: claim {claim.name!r}"
            if len(set(claim.operations)) < len(claim.operations):
                yield f"{where}: names an operation twice"
            if claim.contradicts and claim.contradicts not in names:
                yield f"{where}: contradicts {claim.contradicts!r}, which is no claim"
            for operation in claim.operations:
                other = seen.setdefault((operation, claim.name), section.path)
                if other != section.path:
                    yield f"{where}: {other} has one of that name about {operation}, too; give each its own name"


def _operations(folder: Path) -> Iterator[str]:
    """The operations of the spec files that a folder of claims goes with."""
    root = folder.parent
    for path in sorted((*root.glob("*.py"), *root.glob("*/*.py"))):
        if not path.name.startswith(("_", "conftest")) and beside(path, CLAIMS) == folder:
            yield _operation(path)


def _operation(path: Path) -> str:
    """The operation of a spec file. To read it in the text spares running the file, unless it is not written there."""
    written: set[str] = {name for _, name in _OPERATION.findall(path.read_text(encoding="utf-8", errors="replace"))}
    if len(written) == 1:
        return written.pop()
    try:
        spec = getattr(run_file(path), "spec", None)
    except SpecError:  # whoever asks that spec is told
        return ""
    return spec.operation if isinstance(spec, Spec) else ""


def _no_arguments(draw: Draw | None = None) -> dict[str, Any]:
    """A section has claims and no calls of its own."""
    return {}
