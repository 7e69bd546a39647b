"""torch.no_grad: operations computed without a graph, and leaves changed in place."""

import numpy as np

from conformance.spec import (
    COMPLEXES,
    FLOATS,
    PRESERVED,
    REFUTED,
    UPHELD,
    Claim,
    Cost,
    Draw,
    Form,
    Lack,
    Law,
    Refusal,
    Spec,
    dense,
    rounded,
)


def arguments(draw: Draw):
    shape = draw.shape()
    return {"input": draw.tensor(shape), "factor": draw.tensor(shape), "flag": draw.boolean()}


def oracle(input, factor, flag):
    return np.multiply(factor, input)


def complex_bound(dtype, input, factor, flag):
    """As a complex product: the square root of 5, and that of 2 where both parts underflow."""
    return 3.66


LEAF = "(leaf := input.detach().requires_grad_())"
OWN_LEAF = "(leaf := input.clone().requires_grad_())"
INFERRED = "torch.inference_mode()(input.clone)()"
ENTERED = "(block := torch.no_grad()).__enter__()"
LEFT = "block.__exit__(None, None, None)"
REAL = "'float' in dtype"


def workload(size):
    shape = (size // 64, 64)
    return {"input": dense(shape), "factor": dense(shape), "flag": False}


spec = Spec(
    operation="torch.no_grad",
    summary="Inside it results have the values that they have outside, but no graph, and leaves may be written to.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html",
    arguments=arguments,
    forms=(
        Form(f"torch.no_grad()(torch.mul)(factor, {LEAF})"),
        Form(f"torch.no_grad()(torch.mul)(factor, other={LEAF})"),
        Form(f"torch.set_grad_enabled(False)(torch.mul)(factor, {LEAF})"),
        Form(f"torch.set_grad_enabled(mode=False)(torch.mul)(factor, {LEAF})"),
        Form(f"torch.inference_mode()(torch.mul)(factor, {LEAF})"),
        Form(f"torch.inference_mode(True)(torch.mul)(factor, {LEAF})"),
        Form(f"torch.inference_mode(mode=True)(torch.mul)(factor, {LEAF})"),
        Form(f"torch.autograd.no_grad()(torch.mul)(factor, {LEAF})"),
        Form(f"torch.enable_grad()(torch.mul)(factor, {LEAF}).data"),
        Form(f"torch.set_grad_enabled(flag)(torch.mul)(factor, {LEAF}).data"),
        Form(f"torch.inference_mode(flag)(torch.mul)(factor, {LEAF}).data"),
        Form(f"torch.no_grad()(torch.enable_grad()(torch.mul))(factor, {LEAF}).data"),
        Form("torch.no_grad()(input.requires_grad_().mul_)(factor)", writes="input", when=REAL),
        Form("torch.set_grad_enabled(False)(input.requires_grad_().mul_)(factor)", writes="input", when=REAL),
        Form("torch.inference_mode()(input.requires_grad_().mul_)(factor)", writes="input", when=REAL),
    ),
    dtypes=FLOATS + COMPLEXES,
    oracle=oracle,
    accuracy=rounded(
        complex_bound,
        "Brent, Percival & Zimmermann, Error bounds on complex floating-point multiplication, 2007, theorem 2",
    ),
    memory=PRESERVED,
    refusals=(
        Refusal("a leaf changed outside", f"{LEAF}.mul_(factor)", RuntimeError),
        Refusal("a leaf changed in enable_grad", f"torch.enable_grad()({LEAF}.mul_)(factor)", RuntimeError),
        Refusal(
            "a leaf changed in enable_grad inside",
            f"torch.no_grad()(torch.enable_grad()({LEAF}.mul_))(factor)",
            RuntimeError,
        ),
        Refusal(
            "a leaf changed where gradients are turned on",
            f"torch.set_grad_enabled(True)({LEAF}.mul_)(factor)",
            RuntimeError,
        ),
        Refusal(
            "a leaf changed where nothing is inferred",
            f"torch.inference_mode(False)({LEAF}.mul_)(factor)",
            RuntimeError,
        ),
        Refusal(
            "a gradient of the result", f"torch.no_grad()(torch.mul)({LEAF}, factor).backward(factor)", RuntimeError
        ),
        Refusal(
            "a gradient of an inferred result",
            f"torch.inference_mode()(torch.mul)({LEAF}, factor).backward(factor)",
            RuntimeError,
        ),
        Refusal(
            "a gradient back to a leaf that was changed inside",
            f"[square := {OWN_LEAF} * leaf, torch.no_grad()(leaf.mul_)(factor), square.backward(factor)]",
            RuntimeError,
        ),
        Refusal("an inference tensor changed outside", f"{INFERRED}.mul_(factor)", RuntimeError),
        Refusal("the same in no_grad", f"torch.no_grad()({INFERRED}.mul_)(factor)", RuntimeError),
        Refusal("an inference tensor marked", f"{INFERRED}.requires_grad_()", RuntimeError),
        Refusal("an inference tensor kept for a gradient", f"{INFERRED} * {LEAF}", RuntimeError),
        Refusal("a view of an inference tensor kept", f"{INFERRED}.view_as(input) * {LEAF}", RuntimeError),
        Refusal("the version of an inference tensor", f"{INFERRED}._version", RuntimeError),
        Refusal("an operand that is none, inside", f"torch.no_grad()(torch.mul)({LEAF}, 'factor')", TypeError),
        Refusal(
            "sizes that do not go together, inside",
            f"torch.no_grad()(torch.mul)({LEAF}, factor.new_zeros(input.shape[-1] + 2))",
            RuntimeError,
            when="input.rank > 0 and input.shape[-1] != 1",
        ),
        Refusal("no mode", "torch.set_grad_enabled()", TypeError),
        Refusal("a mode that is a word", "torch.set_grad_enabled('off')(torch.is_grad_enabled)()", TypeError),
        Refusal("a mode that is a number", "torch.set_grad_enabled(0)(torch.is_grad_enabled)()", TypeError),
        Refusal("a mode for no_grad", "torch.no_grad(mode=False)", TypeError),
        Refusal("a mode for enable_grad", "torch.enable_grad(mode=True)", TypeError),
    ),
    lacks=(
        Lack("vmap", RuntimeError, "leaves cannot be made inside a transformed function"),
        Lack("functionalize", RuntimeError, "leaves cannot be made inside a transformed function"),
        Lack("aot_eager", AssertionError, "the compiler takes no built-in function that a block decorates"),
        Lack("inductor", AssertionError, "the compiler takes no built-in function that a block decorates"),
    ),
    laws=(
        Law("gradients are on", "torch.is_grad_enabled(), torch.is_inference_mode_enabled()", "True, False"),
        Law("and off inside", "torch.no_grad()(torch.is_grad_enabled)()", "False"),
        Law("on in enable_grad", "torch.enable_grad()(torch.is_grad_enabled)()", "True"),
        Law("as asked in set_grad_enabled", "torch.set_grad_enabled(flag)(torch.is_grad_enabled)()", "flag"),
        Law("off in inference_mode", "torch.inference_mode(flag)(torch.is_grad_enabled)()", "not flag"),
        Law("which says so", "torch.inference_mode(flag)(torch.is_inference_mode_enabled)()", "flag"),
        Law(
            "the block within decides",
            "torch.no_grad()(torch.enable_grad()(torch.is_grad_enabled))(),"
            " torch.enable_grad()(torch.no_grad()(torch.is_grad_enabled))(),"
            " torch.no_grad()(torch.set_grad_enabled(flag)(torch.is_grad_enabled))()",
            "True, False, flag",
        ),
        Law(
            "after a block it is as before",
            f"[{ENTERED}, torch.enable_grad()(torch.is_grad_enabled)(), torch.is_grad_enabled(), {LEFT},"
            " torch.is_grad_enabled()][1:]",
            "True, False, None, True",
        ),
        Law(
            "after one within too",
            f"[{ENTERED}, torch.no_grad()(torch.is_grad_enabled)(), torch.is_grad_enabled(), {LEFT},"
            " torch.is_grad_enabled()][1:]",
            "False, False, None, True",
        ),
        Law(
            "after inference too",
            f"[{ENTERED}, torch.inference_mode()(torch.is_grad_enabled)(), torch.is_grad_enabled(), {LEFT},"
            " torch.is_grad_enabled()][1:]",
            "False, False, None, True",
        ),
        Law(
            "set_grad_enabled as a function lasts",
            "[torch.set_grad_enabled(flag) and None, torch.is_grad_enabled(), torch.enable_grad().__enter__(),"
            " torch.is_grad_enabled()]",
            "None, flag, None, True",
        ),
        Law(
            "results are plain leaves",
            f"(made := torch.no_grad()(torch.mul)({LEAF}, factor)).requires_grad, made.is_leaf, made.grad_fn",
            "False, True, None",
        ),
        Law(
            "and tracked where gradients are on",
            f"torch.enable_grad()(torch.mul)({LEAF}, factor).requires_grad,"
            " torch.no_grad()(torch.enable_grad()(torch.mul))(leaf, factor).requires_grad,"
            " torch.set_grad_enabled(flag)(torch.mul)(leaf, factor).requires_grad,"
            " torch.inference_mode(flag)(torch.mul)(leaf, factor).requires_grad",
            "True, True, flag, not flag",
        ),
        Law(
            "inference cannot be undone by enable_grad",
            f"torch.inference_mode()(torch.enable_grad()(torch.mul))({LEAF}, factor).requires_grad",
            "False",
        ),
        Law(
            "views have no function that made them",
            f"torch.no_grad()({LEAF}.view_as)(leaf).grad_fn, torch.inference_mode()(leaf.view_as)(leaf).grad_fn",
            "None, None",
        ),
        Law(
            "inferred results are marked as such, others not",
            f"torch.inference_mode(flag)(torch.mul)({LEAF}, factor).is_inference(),"
            " torch.no_grad()(torch.mul)(leaf, factor).is_inference()",
            "flag, False",
        ),
        Law("a copy of an inference tensor is a plain one", f"{INFERRED}.clone().is_inference()", "False"),
        Law(
            "which can be used in a graph",
            f"torch.autograd.grad({LEAF} + {INFERRED}.clone(), leaf, factor)",
            "[factor]",
        ),
        Law(
            "tensors can be marked inside",
            "torch.no_grad()(input.detach().requires_grad_)().requires_grad,"
            " torch.no_grad()(torch.zeros)(2, dtype=dtype, requires_grad=True).requires_grad,"
            " torch.no_grad()(nn.Parameter)(input).requires_grad",
            "True, True, True",
        ),
        Law(
            "a leaf that is changed inside stays one",
            f"torch.no_grad()({OWN_LEAF}.mul_)(factor) is leaf and [leaf.requires_grad, leaf.is_leaf, leaf.grad_fn]",
            "[True, True, None]",
        ),
        Law(
            "an element set inside",
            f"torch.no_grad()(operator.setitem)({OWN_LEAF}, ..., factor) or leaf",
            "factor",
        ),
        Law(
            "a view changed inside",
            f"[torch.no_grad()({OWN_LEAF}.detach().copy_)(factor), torch.no_grad()(leaf.view_as)(leaf)][1]",
            "factor",
        ),
        Law(
            "a step down the gradient",
            f"({OWN_LEAF} * factor).backward(torch.ones_like(input)) or torch.no_grad()(leaf.sub_)(leaf.grad)",
            "input - torch.ones_like(input) * factor.conj()",
            when=REAL,
        ),
        Law(
            "is not part of the graph",
            f"({OWN_LEAF} * factor).backward(factor) or torch.no_grad()(leaf.sub_)(leaf.grad) is leaf"
            " and torch.autograd.grad(leaf + leaf, leaf, factor)",
            "[factor + factor]",
        ),
        Law(
            "a gradient can be taken inside of what was computed outside",
            f"torch.no_grad()(torch.autograd.grad)({LEAF} * factor, leaf, factor)",
            f"torch.autograd.grad({LEAF} * factor, leaf, factor)",
        ),
    ),
    cost=Cost(workload=workload, numpy="np.multiply(factor, input)", at_most=100.0),
    claims=(
        Claim(
            "leaves-never-change",
            "001 5.1(2)",
            "A leaf cannot be changed in place, whatever one does.",
            REFUTED,
            """
            w = torch.ones(1, requires_grad=True)
            with torch.no_grad():
                refused = raises("w.add_(1)", RuntimeError)
            refused
            """,
            note="in no_grad it can, and through data",
        ),
        Claim(
            "update-needs-no-grad",
            "002 III.6",
            "Parameters are updated in place in a block of no_grad.",
            UPHELD,
            """
            model = nn.Linear(2, 1)
            model(torch.ones(1, 2)).sum().backward()
            before = [p.detach().clone() for p in model.parameters()]
            def step():
                for p in model.parameters():
                    p -= 0.1 * p.grad
            refused = raises("step()", RuntimeError)
            with torch.no_grad():
                step()
            refused and all(close(p, b - 0.1, 1e-6) for p, b in zip(model.parameters(), before))
            """,
            note="outside of one autograd refuses",
        ),
    ),
)
