"""The page on writing a spec: its examples are run, and every name that a spec may import has one."""

from __future__ import annotations

import ast
import doctest
import re
from collections.abc import Iterator
from pathlib import Path

import conformance.spec
from conformance.spec import catalogue
from tests import ROOT

PAGE = (ROOT / "docs" / "writing-a-spec.md").read_text(encoding="utf-8")
EXAMPLES = "\n".join(re.findall(r"```pycon\n(.*?)```", PAGE, re.DOTALL))
TESTS = doctest.DocTestParser().get_doctest(EXAMPLES, {}, "docs/writing-a-spec.md", "docs/writing-a-spec.md", 0)


def test_the_examples_give_what_the_page_says() -> None:
    told: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(TESTS, out=told.append)
    assert result.attempted > 60 and not told, "".join(told)


def test_every_name_that_a_spec_may_import_has_an_example() -> None:
    assert not sorted(_importable() - _used())


def test_a_name_without_an_example_is_missed() -> None:
    assert _importable() - (_used() - {"Open", "unary.odd_laws"}) == {"Open", "unary.odd_laws"}


def _importable() -> set[str]:
    """The names of the vocabulary, and those that a module of a family defines, after the name of the module."""
    return {
        *conformance.spec.__all__,
        *(name for path in catalogue.FAMILIES.glob("[!_]*.py") for name in _defined(path)),
    }


def _defined(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        words = [target.id for target in getattr(node, "targets", ()) if target.id.isupper()]
        names = [node.name] if isinstance(node, ast.FunctionDef) else words
        yield from (f"{path.stem}.{name}" for name in names if not name.startswith("_"))


def _used() -> set[str]:
    """The names that the examples use, those of families after the name of their module."""
    nodes = [node for example in TESTS.examples for node in ast.walk(ast.parse(example.source))]
    plain = {node.id for node in nodes if isinstance(node, ast.Name)}
    dotted = {
        f"{node.value.id}.{node.attr}"
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    return plain | dotted
