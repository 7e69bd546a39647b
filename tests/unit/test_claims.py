"""The claims of documents: which spec has the cell of one, and what is wrong with one in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.files.toml import read_toml
from conformance.plugin.recorder import spec_entry
from conformance.samples.vocabulary import SpecError
from conformance.spec import catalogue, loader
from conformance.spec.cells import cells_of
from conformance.spec.text import spec_text
from tests import SPECS

SPEC = (Path(__file__).parents[1] / "system" / "neg.py").read_text()

HEAD = 'title = "A guide"\nauthor = "Somebody"\naddress = "https://example.org"\n'


def claim(name="a", operations=("torch.neg",), **changes):
    """A claim as it stands in a section."""
    fields = {"name": name, "operations": list(operations), "statement": f"It is {name}.", "verdict": "upheld"}
    fields = {**fields, "check": "True", **changes}
    lines = [f"{key} = {json.dumps(value)}" for key, value in fields.items() if value is not None]
    return "\n".join(["[[claim]]", *lines, ""])


def section(*claims, name="1.5"):
    return "\n".join([f'section = "{name}"', *claims])


@pytest.fixture
def folder(tmp_path):
    """Specs of neg and abs in folders of their own, and beside those the claims of one document."""
    for operation in ("neg", "abs"):
        path = tmp_path / "specs" / operation / f"{operation}.py"
        path.parent.mkdir(parents=True)
        path.write_text(SPEC.replace("torch.neg", f"torch.{operation}"))
    guide = tmp_path / "specs" / "claims" / "guide"
    guide.mkdir(parents=True)
    (guide / "document.toml").write_text(HEAD)
    return tmp_path / "specs"


def write(folder, text, file="01-start.toml", document="guide"):
    path = folder / "claims" / document / file
    path.write_text(text)
    return path


def loaded(folder, operation="neg"):
    return loader.load(folder / operation / f"{operation}.py")


def names(claims):
    return [claim.name for claim in claims]


# --- whose they are -----------------------------------------------------------------------------------------------


def test_the_first_operation_that_has_a_spec_has_the_cell(folder):
    write(folder, section(claim("a", ("torch.sum", "torch.abs", "torch.neg")), claim("b"), claim("c", ())))
    neg, abs_ = loaded(folder), loaded(folder, "abs")
    assert names(neg.claims) == ["b"] and names(abs_.claims) == ["a"]
    assert [(owner, one.name) for owner, one in neg.claims_elsewhere] == [("torch.abs", "a")]
    assert not abs_.claims_elsewhere
    assert [cell.subject for cell in cells_of(neg) if cell.check == "claims"] == ["b"]


def test_claims_that_no_spec_has_are_cells_of_their_section(folder):
    path = write(folder, section(claim("a", ("torch.sum",)), claim("b"), claim("c", ())))
    write(folder, section(claim("d"), name="2"), "02-more.toml")
    files = catalogue.select([str(folder)]).files
    assert [file.path.name for file in files] == ["abs.py", "neg.py", "01-start.toml"]
    spec = loader.load(path)
    assert (spec.operation, spec.documentation) == ("A guide, 1.5", "https://example.org")
    assert [tuple(cell) for cell in cells_of(spec)] == [("claims", "a"), ("claims", "c")]


def test_each_claim_has_its_cell_once(folder):
    write(folder, section(*(claim(name, (*one, *other)) for name, one, other in CROSSED)))
    files = catalogue.select([str(folder)]).files
    cells = [cell.subject for file in files for cell in cells_of(loader.load(file.path)) if cell.check == "claims"]
    assert sorted(cells) == [name for name, _, _ in CROSSED]


CROSSED = [
    ("a", ("torch.neg",), ("torch.abs",)),
    ("b", ("torch.abs",), ("torch.neg",)),
    ("c", ("torch.sum",), ("torch.neg",)),
    ("d", ("torch.sum",), ()),
    ("e", (), ()),
]


def test_an_operation_that_is_not_written_in_its_spec_file_is_found_all_the_same(folder):
    path = folder / "neg" / "neg.py"
    path.write_text(path.read_text().replace('operation="torch.neg"', 'operation="torch." + "neg"'))
    write(folder, section(claim("a", ("torch.neg", "torch.abs"))))
    assert names(loaded(folder).claims) == ["a"] and not loaded(folder, "abs").claims


def test_sections_keep_their_order_and_documents_theirs(folder):
    write(folder, section(claim("b"), claim("a")), "02-more.toml")
    write(folder, section(claim("c")), "01-start.toml")
    (folder / "claims" / "a-first").mkdir()
    write(folder, HEAD, "document.toml", "a-first")
    write(folder, section(claim("d")), "09-late.toml", "a-first")
    assert names(loaded(folder).claims) == ["d", "c", "b", "a"]


@pytest.mark.parametrize("place", ["claims", "neg/claims"])
def test_claims_lie_beside_the_spec_or_in_the_folder_above(folder, place):
    write(folder, section(claim()))
    (folder / "claims").rename(folder / place)
    assert names(loaded(folder).claims) == ["a"]


def test_a_source_is_the_title_of_the_document_and_the_section(folder):
    write(folder, section(claim()))
    assert loaded(folder).claims[0].source == "A guide, 1.5"


def test_show_joins_the_claims_of_all_documents(folder):
    write(folder, section(claim("a", ("torch.abs", "torch.neg")), claim("b", note="why")))
    text = spec_text(loaded(folder))
    assert "[upheld] It is b. (A guide, 1.5): why\n" in text
    assert "[upheld] It is a. (A guide, 1.5); asked of torch.abs" in text


def test_a_results_file_says_which_operations_a_claim_is_about(folder):
    write(folder, section(claim("a", ("torch.neg", "torch.abs"))))
    [entry] = spec_entry("specs/neg/neg.py", loaded(folder)).claims
    assert (entry.operations, entry.source) == (("torch.neg", "torch.abs"), "A guide, 1.5")


def test_the_digest_of_a_spec_tells_a_changed_claim(folder):
    digests = []
    for text in (section(claim()), section(claim(note="why")), section()):
        write(folder, text)
        digests.append(catalogue.digest([catalogue.spec_file(folder / "neg" / "neg.py")]))
    assert len(set(digests)) == 3


# --- what is wrong with them --------------------------------------------------------------------------------------

WRONG = {
    "unknown field": (section(claim(when="now")), "claim 'a': Object contains unknown field `when`"),
    "missing field": (section(claim(check=None)), "claim 'a': Object missing required field `check`"),
    "name": (section(claim("A name")), "claim 'A name', field 'name'"),
    "operation": (section(claim(operations=["neg"])), "claim 'a': 'neg' is no operation; write it as torch.add"),
    "operations": (section(claim().replace('["torch.neg"]', '"x"')), "claim 'a', field 'operations'"),
    "operation twice": (section(claim(operations=["torch.neg"] * 2)), "claim 'a': names an operation twice"),
    "verdict": (
        section(claim(verdict="upheldd")),
        "claim 'a': verdict: there is no verdict 'upheldd'; did you mean 'upheld'?",
    ),
    "statements": (
        section(claim(check="a = 1")),
        "claim 'a': check is no Python that ends in an expression: does not end in an expression",
    ),
    "no Python": (section(claim(check="1 +")), "claim 'a': check is no Python that ends in an expression: invalid"),
    "empty": (section(claim(check="")), "claim 'a', field 'check'"),
    "twins": (section(claim(), claim()), "claim 'a' is there twice; give each its own name"),
    "contradicts": (section(claim(contradicts="b")), "claim 'a': contradicts 'b', which is no claim"),
    "no section": (claim(), 'says no section; write section = "…" first, as the document calls it'),
    "another table": (section("[[clame]]"), "the file holds 'clame'; it must be a list of [[claim]]"),
    "no TOML": ("[[claim]\n", "not valid TOML"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_claim_is_one_line_with_its_file(folder, wrong):
    text, told = WRONG[wrong]
    path = write(folder, text)
    with pytest.raises(SpecError) as refused:
        loaded(folder)
    assert str(refused.value).startswith(str(path)) and told in str(refused.value) and "\n" not in str(refused.value)


def test_two_claims_about_one_operation_have_two_names(folder):
    write(folder, section(claim("a", ("torch.sum", "torch.neg"))))
    path = write(folder, section(claim("a")), "02-more.toml")
    with pytest.raises(SpecError, match=r"has one of that name about torch\.neg, too") as refused:
        loaded(folder)
    assert str(refused.value).startswith(str(path))


HEADS = {
    "title": (HEAD.replace("A guide", ""), "document.toml, field 'title'"),
    "author": (HEAD.replace('author = "Somebody"\n', ""), "document.toml: Object missing required field `author`"),
    "year": (HEAD + "year = 2019\n", "document.toml: Object contains unknown field `year`"),
}


@pytest.mark.parametrize("wrong", HEADS)
def test_a_wrong_head_file_is_one_line(folder, wrong):
    text, told = HEADS[wrong]
    write(folder, section(claim()))
    write(folder, text, "document.toml")
    with pytest.raises(SpecError) as refused:
        loaded(folder)
    assert told in str(refused.value) and "\n" not in str(refused.value)


def test_a_document_without_a_head_file_is_one_line(folder):
    write(folder, section(claim()))
    (folder / "claims" / "guide" / "document.toml").unlink()
    with pytest.raises(SpecError, match=r"guide/document.toml: cannot be read: No such file"):
        loaded(folder)


def test_a_folder_that_is_called_so_by_chance_holds_no_claims(folder):
    (folder / "claims" / "guide" / "document.toml").unlink()
    (folder / "claims" / "letters").mkdir()
    (folder / "claims" / "letters" / "damage.py").write_text("raise ValueError")
    assert loaded(folder).claims == () and len(catalogue.select([str(folder / "neg")]).files) == 1


def test_claims_that_cannot_be_read_are_told_where_nothing_but_claims_is_asked(folder):
    path = write(folder, section(claim("a", (), verdict="maybe")))
    [file] = catalogue.select([str(folder / "claims")]).files
    with pytest.raises(SpecError, match="there is no verdict 'maybe'"):
        loader.load(file.path)
    assert file.path == path


def test_a_file_of_another_kind_is_no_section(folder):
    with pytest.raises(SpecError, match="is no section of a document"):
        loader.load(write(folder, HEAD, "document.toml"))


# --- the claims of this project -----------------------------------------------------------------------------------


def test_the_claims_of_this_project_are_written_plainly():
    """One section a file, statements of one line, no check that is longer than a screen."""
    for path in sorted((SPECS / "claims").glob("*/*.toml")):
        for one in read_toml(path).get("claim", []):
            assert "\n" not in one["statement"] + one.get("note", ""), one["name"]
            assert one["statement"][-1] in ".?!" and len(one["check"].splitlines()) <= 30, one["name"]


def test_the_claims_in_the_documentation_can_be_loaded(folder):
    blocks = (SPECS.parent / "docs" / "writing-a-spec.md").read_text().split("## Claims: ")[1].split("```toml\n")
    head, text = (block.split("```")[0] for block in blocks[1:3])
    other = claim("shares-when-contiguous", (), statement="It may be shared.")
    path = write(folder, f"{text}\n{other}", document=write(folder, head, "document.toml").parent.name)
    assert names(loader.load(path).claims) == ["copies-always", "shares-when-contiguous"]
    assert loader.load(path).operation == "Our handbook, 3.1"


STATEMENTS = read_toml(SPECS / "claims" / "statements.toml")
DOCUMENTS = sorted(path.name for path in (SPECS / "claims").iterdir() if path.is_dir())


def test_every_document_says_what_became_of_its_statements():
    assert sorted(STATEMENTS) == DOCUMENTS


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_statement_is_decided_or_left_for_later_or_left_out(document):
    told = STATEMENTS[document]
    left = [*told.get("later", []), *told.get("left_out", [])]
    assert all(one["reason"][-1] == "." for one in left)
    statements = [*told["decided"], *(name for one in left for name in one["statements"])]
    assert len(statements) == len(set(statements)) == told["count"]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_claim_decides_one_statement_of_its_document(document):
    sections = (read_toml(path) for path in sorted((SPECS / "claims" / document).glob("[0-9]*.toml")))
    claims = [claim["name"] for one in sections for claim in one["claim"]]
    assert sorted(STATEMENTS[document]["decided"].values()) == sorted(claims)


def test_five_documents_say_508_things():
    assert sum(told["count"] for told in STATEMENTS.values()) == 508
