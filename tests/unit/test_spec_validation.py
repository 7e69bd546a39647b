"""A spec that says what means nothing is refused in one line that names the place: each test plants one such word."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from conformance.drawing.draw import Draw
from conformance.drawing.source import Rejected
from conformance.engine.search import CannotDraw, draw_samples
from conformance.numeric.accuracy import Accuracy
from conformance.spec import (
    WITHIN,
    Cost,
    Form,
    Gradient,
    Law,
    Memory,
    Output,
    Refusal,
    Spec,
    SpecError,
    UnsupportedMode,
    catalogue,
    dense,
    loader,
    views,
)
from conformance.spec.contract import UPHELD, Claim
from conformance.spec.validation import problems

SPECS = Path(loader.__file__).parents[2] / "specs"


def arguments(draw):
    return {"input": draw.tensor(draw.shape())}


def oracle(input):
    return np.negative(input)


NEG = Spec(
    operation="torch.neg",
    summary="The negative of each element.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.neg.html",
    arguments=arguments,
    forms=(Form("torch.neg(input)"),),
    dtypes=("int32", "float32"),
    oracle=oracle,
)


def claim(**changes):
    return Claim(**{"name": "a", "source": "000", "statement": "s", "verdict": UPHELD, "check": "True", **changes})


# --- closed sets --------------------------------------------------------------------------------------------------

WORDS: dict[str, tuple[Callable[..., Any], Any, str, str]] = {
    "relation": (Law, ("zero stays", "-0", "0", "eqal"), "law 'zero stays': relation", "'eqal'; did you mean 'equal'?"),
    "memory order": (Memory, {"strides": "presrved"}, "memory: strides", "'presrved'; did you mean 'preserved'?"),
    "kind of values": (Gradient, {"kinds": ("few", "nomral")}, "gradient: kinds", "'nomral'; did you mean 'normal'?"),
    "landmark": (Gradient, {"landmarks": ("nann",)}, "gradient: landmarks", "'nann'; did you mean 'nan'?"),
    "kind of work": (Cost, {"reference": "elemntwise"}, "cost: reference", "'elemntwise'; did you mean 'elementwise'?"),
    "kind of strided work": (
        Cost,
        {"strided_reference": "cpoy"},
        "cost: strided_reference",
        "'cpoy'; did you mean 'copy'?",
    ),
    "dtype of an output": (
        Output,
        {"dtype": "flaot32"},
        "output 'result': dtype",
        "'flaot32'; did you mean 'float32'?",
    ),
    "cost": (Cost, {"dtypes": ("int33",)}, "cost: dtypes", "'int33'; did you mean 'int32'?"),
    "mode": (UnsupportedMode, ("vmpa", TypeError, "why"), "unsupported mode", "'vmpa'; did you mean 'vmap'?"),
    "verdict": (claim, {"verdict": "upheldd"}, "claim 'a': verdict", "'upheldd'; did you mean 'upheld'?"),
    "dtypes": (replace, {"dtypes": ("int32", "flaot32")}, "dtypes", "'flaot32'; did you mean 'float32'?"),
    "common dtype": (replace, {"common_dtype": "promotd"}, "common_dtype", "'promotd'; did you mean 'promoted'?"),
    "modes": (replace, {"modes": ("vmpa",)}, "modes", "'vmpa'; did you mean 'vmap'?"),
    "returns": (replace, {"returns": "two tensors"}, "returns", "'two tensors'; did you mean 'one tensor'?"),
    "accuracy": (replace, {"accuracy": Accuracy(cast(Any, "exactly"))}, "accuracy", "'exactly'; did you mean 'exact'?"),
    "a word like none": (replace, {"modes": ("gpu",)}, "modes", "'gpu'; known are vmap, forward, meta"),
}


@pytest.mark.parametrize("word", WORDS)
def test_a_word_outside_its_set_is_refused_where_it_is_used(word):
    make, given, place, told = WORDS[word]
    with pytest.raises(SpecError) as refused:
        if make is replace:
            replace(NEG, **given)
        else:
            make(**given) if isinstance(given, dict) else make(*given)
    message = str(refused.value)
    assert message.startswith(f"{place}: there is no ") and told in message and "\n" not in message


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"dtypes": ["int32"]}, "dtypes: needs a tuple such as ('bool',), and got ['int32']"),
        ({"dtypes": "int32"}, "dtypes: needs a tuple such as ('bool',), and got 'int32'"),
        ({"dtypes": ()}, "dtypes: is empty; known are bool, "),
        ({"modes": ("vmap", 3)}, "modes: there is no mode 3; known are vmap"),
        ({"laws": Law("zero stays", "-0", "0")}, "laws: needs a tuple such as (Law(…),), and got Law("),
        ({"refusals": ("no tensor",)}, "refusals: needs a tuple such as (Refusal(…),), and got ('no tensor',)"),
    ],
)
def test_what_is_no_tuple_of_its_kind_is_refused(change, told):
    with pytest.raises(SpecError) as refused:
        replace(NEG, **change)
    assert str(refused.value).startswith(told)


@pytest.mark.parametrize("raises", ["TypeError", (), (TypeError, 1), None])
def test_what_a_misuse_raises_is_an_exception_class(raises):
    with pytest.raises(SpecError, match="raises must be an exception class"):
        Refusal("vmap", "torch.neg(1)", raises)
    with pytest.raises(SpecError, match="raises must be an exception class"):
        UnsupportedMode("vmap", raises, "why")


@pytest.mark.parametrize("kind", [Claim, Gradient, Cost])
def test_claims_gradients_and_costs_take_keywords_alone(kind):
    with pytest.raises(TypeError, match="positional"):
        kind("a", "b")


# --- drawing ------------------------------------------------------------------------------------------------------

DRAWS: dict[str, tuple[dict[str, Any], str]] = {
    "layout": ({"layout": ("contigous",)}, "draw.tensor: layout: there is no layout 'contigous'; did you mean"),
    "landmark": ({"landmarks": ("nann",)}, "draw.tensor: landmarks: there is no landmark 'nann'; did you mean 'nan'?"),
    "kind": ({"kinds": ("randn",)}, "draw.tensor: kinds: there is no kind of values 'randn'"),
    "dtype": ({"dtype": "flaot32"}, "draw.tensor: dtype: there is no dtype 'flaot32'; did you mean 'float32'?"),
    "partner": ({"dtype": "partner3"}, "draw.tensor: dtype: there is no dtype 'partner3'"),
    "a bare word": (
        {"layout": "sliced"},
        "draw.tensor: layout: needs a tuple such as ('contiguous',), and got 'sliced'",
    ),
    "a list": ({"kinds": ["few"]}, "draw.tensor: kinds: needs a tuple such as ('counting',), and got ['few']"),
    "nothing": ({"layout": ()}, "draw.tensor: layout: is empty; known are contiguous, "),
}


@pytest.mark.parametrize("wrong", DRAWS)
def test_a_tensor_of_what_there_is_none_of_is_refused(wrong):
    given, told = DRAWS[wrong]
    for _ in range(2):  # what was refused once is refused again
        with pytest.raises(SpecError) as refused:
            drawer().tensor((2,), **given)
        assert str(refused.value).startswith(told)


def drawer(seed=0):
    return Draw(random.Random(seed).randint)


@pytest.mark.parametrize(
    ("method", "given", "told"),
    [
        ("tensor", (3,), "draw.tensor: shape: needs a shape such as (2, 3), and got 3"),
        ("tensor", ([2, 3],), "draw.tensor: shape: needs a shape such as (2, 3), and got [2, 3]"),
        ("tensor", ((2, -1),), "draw.tensor: shape: needs a shape"),
        ("mask", ((2.0,),), "draw.mask: shape: needs a shape"),
        ("index", ((2,), 3, 3), "draw.index: there are no numbers from 3 up to 3"),
        (
            "distinct_index",
            ((2, 4), 1, 0, 3),
            "draw.distinct_index: numbers from 0 up to 3 repeat along dim 1 of (2, 4)",
        ),
        ("dtype", (("flaot32",),), "draw.dtype: dtypes: there is no dtype 'flaot32'; did you mean 'float32'?"),
        ("mixed_dtype_tensor", ((2,), "flaot32"), "draw.tensor: dtype: there is no dtype 'flaot32'"),
        ("exactly_representable_tensor", ((2,), "int33"), "draw.tensor: dtype: there is no dtype 'int33'"),
        ("partner", (("real",),), "draw.partner: kinds: there is no kind of numbers 'real'; known are bool, integer, "),
        ("partner", ("float",), "draw.partner: kinds: needs a tuple such as ('bool',), and got 'float'"),
        ("promotable_dtypes", ((),), "draw.partner: kinds: is empty; known are bool, "),
        ("choice", ((),), "draw.choice: needs a tuple of options, and got ()"),
        ("choice", ("none",), "draw.choice: needs a tuple of options, and got 'none'"),
        ("integer", (3, 2), "draw.integer: there is no whole number from 3 to 2"),
        ("shape", (3, 2), "draw.shape: there are no ranks from 3 to 2"),
    ],
)
def test_other_draws_of_what_there_is_none_of_are_refused(method, given, told):
    with pytest.raises(SpecError) as refused:
        getattr(drawer(), method)(*given)
    assert str(refused.value).startswith(told)


def test_an_index_of_floats_is_refused():
    with pytest.raises(SpecError, match=r"draw\.index: dtype: there is no dtype of whole numbers 'float32'"):
        drawer().index((2,), 0, 3, dtype="float32")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (((2,), "nomral"), "dense: kind: there is no kind of values 'nomral'; did you mean 'normal'?"),
        (((2,), "few", "int33"), "dense: dtype: there is no dtype 'int33'"),
        ((2,), "dense: shape: needs a shape"),
    ],
)
def test_a_workload_of_what_there_is_none_of_is_refused(given, told):
    with pytest.raises(SpecError) as refused:
        dense(*given)
    assert str(refused.value).startswith(told)


def test_every_word_of_the_language_can_be_drawn():
    spec = replace(NEG, arguments=draws_one_of_each)
    assert not list(problems(spec)) and len(draw_samples(spec, 5, 0)) == 5


def draws_one_of_each(draw):
    draw.index((2,), 0, 3, dtype="int32")
    draw.distinct_index((2,), 0, 0, 2)
    draw.dtype(("float64", draw.partner()))
    draw.slice(3)
    draw.mask(())
    draw.tensor((), dtype=draw.partner(), landmarks=())
    return {"input": draw.tensor((3,), kinds=("landmarks",), layout=("sliced", "lazy"))}


def wrong_now_and_then(draw):
    shape = draw.shape(1, 1)
    return {"input": draw.tensor(shape, layout=("contigous",) if shape == (1023,) else ("sliced",))}


def draws_too_much(draw):
    return {"input": draw.tensor(draw.shape()), "other": 1}


def rejects_most(draw):
    draw.require(draw.integer(0, 9) == 0)
    return {"input": draw.tensor(draw.shape())}


def stumbles(draw):
    return {"input": draw.tensor(draw.shap())}


def test_what_arguments_draws_is_tried_when_a_spec_is_loaded():
    [told, *_] = problems(replace(NEG, arguments=stumbles))
    assert told.startswith("arguments: test_spec_validation.py:") and "AttributeError" in told
    [told, *_] = problems(replace(NEG, arguments=draws_too_much))
    assert told == "arguments: gives input, other; the oracle takes input"
    assert not list(problems(replace(NEG, arguments=rejects_most)))
    with pytest.raises(Rejected):
        for seed in range(20):
            rejects_most(drawer(seed))


def test_what_shows_only_in_a_rare_sample_says_why_none_can_be_drawn():
    spec = replace(NEG, arguments=wrong_now_and_then)
    assert not list(problems(spec))
    with pytest.raises(CannotDraw) as refused:
        draw_samples(spec, 3000, 0)
    message = str(refused.value)
    assert message.startswith("the spec's samples cannot be drawn: test_spec_validation.py:")
    assert "there is no layout 'contigous'; did you mean 'contiguous'?" in message and "\n" not in message


# --- a spec as a whole --------------------------------------------------------------------------------------------

HOLDS = Law("zero stays", "-0", "0")


def short_workload(size):
    return {"inptu": dense((size,))}


def wrong_workload(size):
    return {"input": dense((size,), "nomral")}


def geometry(input):
    return None


def takes_out(input, out):
    return out


def draws_out(draw):
    return {**arguments(draw), "out": 1}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"laws": (HOLDS,)}, "has one law; give it two or more, or none"),
        ({"laws": (HOLDS, HOLDS)}, "law 'zero stays': there are two of that title; say how they differ"),
        (
            {"laws": (HOLDS, replace(HOLDS, title="one")), "refusals": (Refusal("one", "torch.neg()", TypeError),)},
            "refusal 'one': there are two of that title; say how they differ",
        ),
        ({"refusals": (Refusal(" ", "torch.neg()", TypeError),)}, "refusal ' ': has no title"),
        ({"claims": (claim(),)}, "claims stand in a folder of their own, claims/, and not in the spec"),
        ({"memory": views("inptu", geometry)}, "memory: the results are views of 'inptu', which is no argument"),
        ({"forms": (Form("torch.neg(input)", writes="out"),)}, "form 'torch.neg(input)': writes 'out', which is no"),
        ({"forms": (Form("a = input\n-a"),)}, "form 'a = input': a call of several lines needs a title"),
        ({"oracle": takes_out, "arguments": draws_out}, "argument 'out': calls and conditions mean something else"),
        ({"cost": Cost(workload=short_workload)}, "cost: workload: gives inptu; the oracle takes input"),
        ({"cost": Cost(workload=wrong_workload)}, "cost: workload: test_spec_validation.py:"),
        ({"unsupported_modes": (UnsupportedMode("vmap", TypeError, "why", when="x"),)}, "unsupported mode 'vmap': 'x'"),
    ],
)
def test_a_spec_whose_parts_do_not_fit_says_so(change, told):
    [first, *_] = problems(replace(NEG, **change))
    assert first.startswith(told)


@pytest.mark.parametrize(
    "title",
    [
        "and in place",
        "So do others",
        "the same with out",
        "unless it is told to",
        "which has none",
        "nor data",
        "or zeros",
    ],
)
def test_a_title_that_leans_on_another_is_refused(title):
    [told] = problems(replace(NEG, laws=(HOLDS, Law(title, "-0", "0", WITHIN))))
    assert told.startswith(f"law {title!r}: begins with ") and "must say all by itself" in told


def test_a_title_may_begin_with_a_word_that_only_looks_like_one():
    titles = ("sorted entries come first", "order does not matter", "android", "the sameness of results")
    assert not list(problems(replace(NEG, laws=tuple(Law(title, "-0", "0") for title in titles))))


# --- files --------------------------------------------------------------------------------------------------------

FILE = """
import numpy as np

from conformance.spec import *
{imports}

def arguments(draw):
    return {{"input": draw.tensor(draw.shape())}}


def oracle(input):
    return np.negative(input)


spec = Spec(
    operation="torch.neg",
    summary="The negative of each element.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.neg.html",
    arguments=arguments,
    forms=(Form("torch.neg(input)"),),
    dtypes=("int32",),
    oracle=oracle,
    {fields}
)
"""


def written(folder, name="neg", imports="", fields=""):
    path = folder / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(FILE.format(imports=imports, fields=fields))
    return path


def refusal_of(path):
    with pytest.raises(SpecError) as refused:
        loader.load(path)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_word_outside_its_set_is_told_with_its_line(tmp_path):
    path = written(tmp_path, fields='memory=Memory(strides="presrved"),')
    assert refusal_of(path).startswith(f"{path}:23: memory: strides: there is no memory order 'presrved'; did you mean")


def test_specs_of_one_folder_share_a_module(tmp_path):
    for family, operation in (("first", "torch.neg"), ("second", "torch.abs")):
        (tmp_path / family).mkdir()
        (tmp_path / family / "_shared.py").write_text(f'OPERATION = "{operation}"\n')
        path = written(tmp_path / family, imports="from ._shared import OPERATION\nNAME = OPERATION\n")
        path.write_text(path.read_text().replace('operation="torch.neg"', "operation=NAME"))
        assert loader.load(path).operation == operation
    (tmp_path / "second" / "_shared.py").write_text('OPERATION = "torch.negative"\n')
    assert loader.load(path).operation == "torch.negative"


def test_what_is_wrong_in_a_shared_module_is_told_with_its_own_line(tmp_path):
    path = written(tmp_path, imports="from ._shared import FORMS")
    (tmp_path / "_shared.py").write_text("\nFORMS = (\n")
    assert refusal_of(path).startswith(f"{tmp_path / '_shared.py'}:2: cannot be read: SyntaxError")
    (tmp_path / "_shared.py").write_text('\n\nraise ValueError("no")\n')
    assert refusal_of(path).startswith(f"{tmp_path / '_shared.py'}:3: cannot be read: ValueError: no")
    (tmp_path / "_shared.py").unlink()
    assert refusal_of(path).startswith(f"{path}:5: cannot be read: ModuleNotFoundError")


def test_a_digest_tells_a_changed_shared_module(tmp_path):
    path = written(tmp_path / "specs" / "small")
    shared = path.with_name("_shared.py")
    digests = []
    for text in ("", "A = 1\n", "A = 2\n"):
        shared.write_text(text)
        digests.append(catalogue.digest([catalogue.spec_file(path)]))
    assert len(set(digests)) == 3


@pytest.mark.parametrize(
    "imports",
    [
        "from conformance.spec.families import unary",
        "from conformance.spec.families.unary import forms",
        "import conformance.spec.families.unary",
    ],
)
def test_a_digest_tells_a_changed_family_of_the_specs_that_import_it(tmp_path, monkeypatch, imports):
    ours = written(tmp_path / "ours", imports=imports)
    others = written(tmp_path / "others")
    families = tmp_path / "families"
    families.mkdir()
    monkeypatch.setattr(catalogue, "FAMILIES", families)
    digests = []
    for text in ("A = 1\n", "A = 2\n"):
        (families / "unary.py").write_text(text)
        digests.append([catalogue.digest([catalogue.spec_file(path)]) for path in (ours, others)])
    (ours_before, others_before), (ours_after, others_after) = digests
    assert ours_before != ours_after
    assert others_before == others_after


def test_a_digest_tells_a_family_that_a_shared_module_imports(tmp_path, monkeypatch):
    path = written(tmp_path / "small")
    path.with_name("_shared.py").write_text("from conformance.spec.families import unary\n")
    monkeypatch.setattr(catalogue, "FAMILIES", tmp_path)
    before = catalogue.digest([catalogue.spec_file(path)])
    (tmp_path / "unary.py").write_text("A = 1\n")
    assert before != catalogue.digest([catalogue.spec_file(path)])


def test_a_digest_tells_a_family_that_another_family_imports(tmp_path, monkeypatch):
    path = written(tmp_path / "small")
    path.with_name("_shared.py").write_text("from conformance.spec.families import unary\n")
    monkeypatch.setattr(catalogue, "FAMILIES", tmp_path)
    (tmp_path / "unary.py").write_text("from conformance.spec.families.binary import A\n")
    before = catalogue.digest([catalogue.spec_file(path)])
    (tmp_path / "binary.py").write_text("A = 1\n")
    assert before != catalogue.digest([catalogue.spec_file(path)])


# --- the documentation --------------------------------------------------------------------------------------------


def test_the_spec_in_the_documentation_can_be_loaded(tmp_path):
    text = (SPECS.parent / "docs" / "writing-a-spec.md").read_text()
    (tmp_path / "neg.py").write_text(text.split("```python\n")[1].split("```")[0])
    assert loader.load(tmp_path / "neg.py").operation == "torch.neg"


# --- the specs of this project ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(SPECS.rglob("*.py")), ids=str)
def test_a_spec_of_this_project_is_plain(path):
    """No lambdas, which have no name and no docstring; a module that begins with an underscore is shared."""
    assert not [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Lambda)]
    if path.name.startswith("_"):
        others = [other for other in path.parent.glob("[!_]*.py") if f"from .{path.stem} import" in other.read_text()]
        assert len(others) >= 2
