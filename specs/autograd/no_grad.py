"""torch.no_grad: operations computed without a graph, and leaves changed in place."""

import numpy as np

from conformance.spec import (
    COMPLEXES,
    FLOATS,
    PRESERVED,
    Cost,
    Draw,
    Form,
    Law,
    Refusal,
    Spec,
    UnsupportedMode,
    dense,
)

from ._graphs import ACCURACY_OF_PRODUCTS, LEAF, NO_LEAVES_INSIDE, OWN_LEAF, REAL


def arguments(draw: Draw):
    shape = draw.shape()
    return {"input": draw.tensor(shape), "factor": draw.tensor(shape), "flag": draw.boolean()}


def oracle(input, factor, flag):
    return np.multiply(factor, input)


INFERRED = "torch.inference_mode()(input.clone)()"
ENTERED = "(block := torch.no_grad()).__enter__()"
LEFT = "block.__exit__(None, None, None)"


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
    accuracy=ACCURACY_OF_PRODUCTS,
    memory=PRESERVED,
    refusals=(
        Refusal("an in-place change of a leaf outside of no_grad", f"{LEAF}.mul_(factor)", RuntimeError),
        Refusal(
            "an in-place change of a leaf in enable_grad", f"torch.enable_grad()({LEAF}.mul_)(factor)", RuntimeError
        ),
        Refusal(
            "an in-place change of a leaf in enable_grad inside no_grad",
            f"torch.no_grad()(torch.enable_grad()({LEAF}.mul_))(factor)",
            RuntimeError,
        ),
        Refusal(
            "an in-place change of a leaf in set_grad_enabled(True)",
            f"torch.set_grad_enabled(True)({LEAF}.mul_)(factor)",
            RuntimeError,
        ),
        Refusal(
            "an in-place change of a leaf in inference_mode(False)",
            f"torch.inference_mode(False)({LEAF}.mul_)(factor)",
            RuntimeError,
        ),
        Refusal(
            "a backward pass from a product of no_grad",
            f"torch.no_grad()(torch.mul)({LEAF}, factor).backward(factor)",
            RuntimeError,
        ),
        Refusal(
            "a backward pass from a product of inference_mode",
            f"torch.inference_mode()(torch.mul)({LEAF}, factor).backward(factor)",
            RuntimeError,
        ),
        Refusal(
            "a backward pass to a leaf that was changed in no_grad",
            f"[square := {OWN_LEAF} * leaf, torch.no_grad()(leaf.mul_)(factor), square.backward(factor)]",
            RuntimeError,
        ),
        Refusal("an in-place change of an inference tensor", f"{INFERRED}.mul_(factor)", RuntimeError),
        Refusal(
            "an in-place change of an inference tensor in no_grad",
            f"torch.no_grad()({INFERRED}.mul_)(factor)",
            RuntimeError,
        ),
        Refusal("requires_grad_() on an inference tensor", f"{INFERRED}.requires_grad_()", RuntimeError),
        Refusal("an inference tensor as the factor of a leaf", f"{INFERRED} * {LEAF}", RuntimeError),
        Refusal(
            "a view of an inference tensor as the factor of a leaf", f"{INFERRED}.view_as(input) * {LEAF}", RuntimeError
        ),
        Refusal("the version of an inference tensor", f"{INFERRED}._version", RuntimeError),
        Refusal("a string as an operand inside no_grad", f"torch.no_grad()(torch.mul)({LEAF}, 'factor')", TypeError),
        Refusal(
            "operands whose shapes do not broadcast, inside no_grad",
            f"torch.no_grad()(torch.mul)({LEAF}, factor.new_zeros(input.shape[-1] + 2))",
            RuntimeError,
            when="input.rank > 0 and input.shape[-1] != 1",
        ),
        Refusal("set_grad_enabled without a mode", "torch.set_grad_enabled()", TypeError),
        Refusal(
            "a string as the mode of set_grad_enabled",
            "torch.set_grad_enabled('off')(torch.is_grad_enabled)()",
            TypeError,
        ),
        Refusal(
            "a number as the mode of set_grad_enabled", "torch.set_grad_enabled(0)(torch.is_grad_enabled)()", TypeError
        ),
        Refusal("a mode for no_grad", "torch.no_grad(mode=False)", TypeError),
        Refusal("a mode for enable_grad", "torch.enable_grad(mode=True)", TypeError),
    ),
    unsupported_modes=(
        *NO_LEAVES_INSIDE,
        UnsupportedMode("aot_eager", AssertionError, "the compiler takes no built-in function that a block decorates"),
        UnsupportedMode("inductor", AssertionError, "the compiler takes no built-in function that a block decorates"),
    ),
    laws=(
        Law(
            "gradients are enabled outside of any block",
            "torch.is_grad_enabled(), torch.is_inference_mode_enabled()",
            "True, False",
        ),
        Law("gradients are disabled in no_grad", "torch.no_grad()(torch.is_grad_enabled)()", "False"),
        Law("gradients are enabled in enable_grad", "torch.enable_grad()(torch.is_grad_enabled)()", "True"),
        Law(
            "set_grad_enabled enables gradients as it is told",
            "torch.set_grad_enabled(flag)(torch.is_grad_enabled)()",
            "flag",
        ),
        Law(
            "gradients are disabled in inference_mode",
            "torch.inference_mode(flag)(torch.is_grad_enabled)()",
            "not flag",
        ),
        Law(
            "is_inference_mode_enabled says whether inference_mode is on",
            "torch.inference_mode(flag)(torch.is_inference_mode_enabled)()",
            "flag",
        ),
        Law(
            "the innermost block decides",
            "torch.no_grad()(torch.enable_grad()(torch.is_grad_enabled))(),"
            " torch.enable_grad()(torch.no_grad()(torch.is_grad_enabled))(),"
            " torch.no_grad()(torch.set_grad_enabled(flag)(torch.is_grad_enabled))()",
            "True, False, flag",
        ),
        Law(
            "the outer block holds again after enable_grad within it",
            f"[{ENTERED}, torch.enable_grad()(torch.is_grad_enabled)(), torch.is_grad_enabled(), {LEFT},"
            " torch.is_grad_enabled()][1:]",
            "True, False, None, True",
        ),
        Law(
            "the outer block holds again after no_grad within it",
            f"[{ENTERED}, torch.no_grad()(torch.is_grad_enabled)(), torch.is_grad_enabled(), {LEFT},"
            " torch.is_grad_enabled()][1:]",
            "False, False, None, True",
        ),
        Law(
            "the outer block holds again after inference_mode within it",
            f"[{ENTERED}, torch.inference_mode()(torch.is_grad_enabled)(), torch.is_grad_enabled(), {LEFT},"
            " torch.is_grad_enabled()][1:]",
            "False, False, None, True",
        ),
        Law(
            "set_grad_enabled called as a function lasts",
            "[torch.set_grad_enabled(flag) and None, torch.is_grad_enabled(), torch.enable_grad().__enter__(),"
            " torch.is_grad_enabled()]",
            "None, flag, None, True",
        ),
        Law(
            "results in no_grad are leaves that require no gradient",
            f"(made := torch.no_grad()(torch.mul)({LEAF}, factor)).requires_grad, made.is_leaf, made.grad_fn",
            "False, True, None",
        ),
        Law(
            "results require a gradient where gradients are enabled",
            f"torch.enable_grad()(torch.mul)({LEAF}, factor).requires_grad,"
            " torch.no_grad()(torch.enable_grad()(torch.mul))(leaf, factor).requires_grad,"
            " torch.set_grad_enabled(flag)(torch.mul)(leaf, factor).requires_grad,"
            " torch.inference_mode(flag)(torch.mul)(leaf, factor).requires_grad",
            "True, True, flag, not flag",
        ),
        Law(
            "enable_grad does not undo inference_mode",
            f"torch.inference_mode()(torch.enable_grad()(torch.mul))({LEAF}, factor).requires_grad",
            "False",
        ),
        Law(
            "views made in no_grad and inference_mode have no grad_fn",
            f"torch.no_grad()({LEAF}.view_as)(leaf).grad_fn, torch.inference_mode()(leaf.view_as)(leaf).grad_fn",
            "None, None",
        ),
        Law(
            "results of inference_mode alone are inference tensors",
            f"torch.inference_mode(flag)(torch.mul)({LEAF}, factor).is_inference(),"
            " torch.no_grad()(torch.mul)(leaf, factor).is_inference()",
            "flag, False",
        ),
        Law("a clone of an inference tensor is a plain tensor", f"{INFERRED}.clone().is_inference()", "False"),
        Law(
            "a clone of an inference tensor can be used in a graph",
            f"torch.autograd.grad({LEAF} + {INFERRED}.clone(), leaf, factor)",
            "[factor]",
        ),
        Law(
            "tensors can be made to require a gradient in no_grad",
            "torch.no_grad()(input.detach().requires_grad_)().requires_grad,"
            " torch.no_grad()(torch.zeros)(2, dtype=dtype, requires_grad=True).requires_grad,"
            " torch.no_grad()(nn.Parameter)(input).requires_grad",
            "True, True, True",
        ),
        Law(
            "a leaf that is changed in no_grad stays a leaf",
            f"torch.no_grad()({OWN_LEAF}.mul_)(factor) is leaf and [leaf.requires_grad, leaf.is_leaf, leaf.grad_fn]",
            "[True, True, None]",
        ),
        Law(
            "elements of a leaf can be set in no_grad",
            f"torch.no_grad()(operator.setitem)({OWN_LEAF}, ..., factor) or leaf",
            "factor",
        ),
        Law(
            "a detached leaf can be written to in no_grad",
            f"[torch.no_grad()({OWN_LEAF}.detach().copy_)(factor), torch.no_grad()(leaf.view_as)(leaf)][1]",
            "factor",
        ),
        Law(
            "a leaf can be moved against its gradient in no_grad",
            f"({OWN_LEAF} * factor).backward(torch.ones_like(input)) or torch.no_grad()(leaf.sub_)(leaf.grad)",
            "input - torch.ones_like(input) * factor.conj()",
            when=REAL,
        ),
        Law(
            "a step in no_grad is no part of the graph",
            f"({OWN_LEAF} * factor).backward(factor) or torch.no_grad()(leaf.sub_)(leaf.grad) is leaf"
            " and torch.autograd.grad(leaf + leaf, leaf, factor)",
            "[factor + factor]",
        ),
        Law(
            "a gradient of what was computed outside can be taken in no_grad",
            f"torch.no_grad()(torch.autograd.grad)({LEAF} * factor, leaf, factor)",
            f"torch.autograd.grad({LEAF} * factor, leaf, factor)",
        ),
    ),
    cost=Cost(workload=workload, reference="elementwise"),
)
