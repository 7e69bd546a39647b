"""The documents that claims are taken from: a table, documents.toml, in the folder that holds the specs.

An entry has an `id`, with which the sources of claims begin, and a `title`, `author` and `address` as given in the
document. What is not known is empty; a title in square brackets is a description.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from conformance.files.entries import read_entries
from conformance.files.toml import TomlError
from conformance.results.model import Name, Record
from conformance.samples.vocabulary import SpecError
from conformance.spec.contract import Claim, Spec

DOCUMENTS = "documents.toml"


class Document(Record, frozen=True, kw_only=True):
    """One document, as documents.toml lists it."""

    id: Annotated[str, Meta(pattern=r"^\S+$")]
    title: Name
    author: str
    address: str


def with_documents_named(spec: Spec, path: Path) -> Spec:
    """The spec of the file `path` with the title of a document in the place of its id in the source of each claim.

    Where there is no table the sources stay as they are. Raises `SpecError` for a document that is not listed, and
    for a table that cannot be used.
    """
    table = table_beside(path, DOCUMENTS)
    if not spec.claims or not table.exists():
        return spec
    titles = _titles(table, table.stat().st_mtime_ns)
    return replace(spec, claims=tuple(_named(claim, titles, table) for claim in spec.claims))


def table_beside(path: Path, name: str) -> Path:
    """The table that goes with a spec file: in its folder or in the one above, for the specs of several folders."""
    beside, above = (folder / name for folder in path.absolute().parents[:2])
    return beside if beside.exists() else above


@lru_cache(maxsize=16)
def _titles(table: Path, _changed: int) -> dict[str, str]:
    """The titles by id, of the table as it was changed last: it is read once for all specs of its folders."""
    try:
        return {document.id: document.title for document in read_entries(table, "document", Document)}
    except TomlError as error:
        raise SpecError(str(error)) from None


def _named(claim: Claim, titles: dict[str, str], table: Path) -> Claim:
    document, _, section = claim.source.partition(" ")
    if document not in titles:
        raise SpecError(
            f"claim {claim.name!r}: source {claim.source!r} begins with no id of a document in {table}; "
            f"known are {', '.join(titles) or 'none'}"
        )
    return replace(claim, source=f"{titles[document]}, {section}" if section else titles[document])
