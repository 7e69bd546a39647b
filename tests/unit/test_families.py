"""Families: plain functions that return parts of a spec, which is shown with all of them spelled out."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest

from conformance.spec import catalogue, families
from conformance.spec.text import spec_text

MODULES = [
    importlib.import_module(f"{families.__name__}.{module.name}") for module in pkgutil.iter_modules(families.__path__)
]
FUNCTIONS = [
    pytest.param(function, id=f"{module.__name__.rpartition('.')[2]}.{name}")
    for module in MODULES
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__ and not name.startswith("_")
]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_returns_a_whole_spec_or_takes_a_switch(function):
    signature = inspect.signature(function)
    assert function.__doc__
    assert signature.return_annotation not in ("Spec", inspect.Signature.empty)
    for parameter in signature.parameters.values():
        assert parameter.annotation not in ("bool", inspect.Parameter.empty)
        assert parameter.default is inspect.Parameter.empty or isinstance(parameter.default, str)  # a condition


def test_a_spec_is_shown_with_the_parts_of_its_family():
    file = catalogue.select(["exp"]).files[0]
    text = spec_text(catalogue.load(file))
    for part in ("input.exp_()", "torch.exp(input, out=out)", "a list in place of the tensor: torch.exp([1.0])"):
        assert part in text
