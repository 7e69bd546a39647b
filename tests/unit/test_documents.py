"""The table of what the documents speak of names specs that there are, and says why where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.samples.vocabulary import SpecError
from conformance.spec import catalogue
from conformance.spec.claims import CLAIMS, ClaimsFolder, read_claims
from conformance.spec.documents import Row, asked, load_rows, table
from tests.unit.test_spec_validation import NEG

ROW = '[[row]]\nname = "minus"\ngroup = "arithmetic"\n'
NO_CLAIMS = ClaimsFolder((), frozenset())


def test_every_row_of_the_documents_is_asked_or_says_why() -> None:
    specs = {spec.operation: spec for spec in map(catalogue.load, catalogue.select(()).files) if spec.has_calls}
    claims = read_claims(catalogue.BUILT_IN / CLAIMS)
    lines = table(asked(load_rows(catalogue.OPERATIONS), specs, claims), specs, claims)
    assert lines[-1].endswith(f"of 129 rows have a spec; {len(specs)} specs")
    told = "\n".join(lines)
    assert all(name in told for name in specs)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ROW, "row 'minus': needs either operations that have a spec, or why there is none"),
        (ROW + 'operations = ["torch.neg"]\nwhy = "later"\n', "row 'minus': needs either"),
        (ROW + 'wy = "later"\n', "row 'minus': Object contains unknown field `wy`"),
        ((ROW + 'why = "later"\n') * 2, "row 'minus' is there twice"),
    ],
)
def test_a_wrong_row_is_one_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "operations.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError) as error:
        load_rows(path)
    assert str(path) in str(error.value) and told in str(error.value) and "\n" not in str(error.value)


def test_a_row_of_an_operation_without_a_spec_is_refused() -> None:
    rows = [Row(name="minus", group="arithmetic", operations=("torch.minus",))]
    with pytest.raises(SpecError, match=r"no spec has the operation 'torch\.minus'"):
        asked(rows, {"torch.neg": NEG}, NO_CLAIMS)


def test_operations_beyond_the_documents_are_listed_too() -> None:
    rows = asked([Row(name="plus", group="arithmetic", why="later")], {"torch.neg": NEG}, NO_CLAIMS)
    lines = table(rows, {"torch.neg": NEG}, NO_CLAIMS)
    assert "- later" in lines[1] and lines[-1] == "0 of 1 rows have a spec; 1 specs"
    assert any(line.endswith("torch.neg") for line in lines[lines.index("beyond the documents") :])
