"""Calls as text: expressions, and programs of several statements."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.spec.expressions import around, as_function, evaluate, function_text, names_in, split

PROGRAM = """
    from math import sqrt
    def twice(x): return x + x
    total = twice(first)
    total + sqrt(second)
"""


def test_the_value_of_a_program_is_that_of_its_last_expression() -> None:
    names: dict[str, Any] = {"first": 3, "second": 4}
    assert evaluate(PROGRAM, names) == 8.0 and names["total"] == 6
    assert evaluate(" first + second ", {"first": 1, "second": 2}) == 3
    assert evaluate("a = 1; a + 1", {}) == 2


def test_a_program_must_end_in_an_expression() -> None:
    for call in ("a = 1", "", "if True:\n    1"):
        with pytest.raises(SyntaxError, match="does not end in an expression"):
            evaluate(call, {})


def test_the_free_names_of_a_program_are_those_it_does_not_bind() -> None:
    assert names_in(PROGRAM) == {"first", "second"}
    assert names_in("(leaf := input.clone()).add_(leaf)") == {"input"}
    assert names_in("import os.path as p\n[p, os]") == {"os"}


def test_a_program_is_split_before_its_last_expression() -> None:
    statements, expression = split("a = 1\nb = 'ü'; (a +\n  b)")
    assert statements == "a = 1\nb = 'ü'" and expression.replace("\n", "") == "(a +  b)"
    assert split("torch.neg(input)") == ("", "torch.neg(input)")
    assert around("a = 1\na + 1", "print(", ")") == "a = 1\nprint(a + 1)"


def test_a_program_can_be_a_function_of_its_own() -> None:
    assert as_function(PROGRAM, ("first",), {"second": 9})(1) == 5.0
    text = function_text("call", "a = x\na + 1", "x", ("x = x * 2",))
    assert text == "def call(x):\n    x = x * 2\n    a = x\n    return a + 1\n"
