"""Forward-mode differentiation must agree with reverse mode: both give the same inner product. Forward over reverse,
reverse over forward and reverse over reverse must give the same second derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from conformance.checks.comparison import NothingToCompare
from conformance.checks.gradients.combined import (
    REVERSE_TWICE,
    is_way,
    require_equal_second_derivatives,
    text_of_ways,
    with_tangents,
)
from conformance.checks.gradients.second_order import function_of_leaves, leaf_names, smooth
from conformance.checks.literals import tensor_literal
from conformance.checks.steps import Lines, arguments
from conformance.drawing.layouts import contiguous
from conformance.execution.broken import Broken
from conformance.execution.execution import Execution
from conformance.execution.tensors import Operand, dtype_name, make, to_array
from conformance.numeric.dtypes import DTYPES, Array, real_of
from conformance.results.model import Failure, FailureKind
from conformance.samples.contents import content_of
from conformance.samples.sample import TensorSample, Values

COMBINED_SHARE = 3
"""Second derivatives are asked of one in this many samples."""

DTYPES_IN_ROTATION = ("float64", "complex128")


def require_agreement(execution: Execution) -> None:
    """Compare <v, J u> with <J* v, u> for tangents u and incoming gradients v. The values of the arguments are apart
    from each other. Raises `NothingToCompare` if there is nothing to differentiate or nothing is promised."""
    again = execution.of_sample(smooth(execution))
    leaves = [operand.tensor for operand in again.operands if operand.inexact]
    if not leaves or not all(leaf.numel() for leaf in leaves):
        raise NothingToCompare
    tangents = [_spaced(tensor, execution.device, 11) for tensor in leaves]

    def call(*tensors: Any) -> Any:
        return tuple(result for result in again.results_of_leaves(tensors) if DTYPES[dtype_name(result)].inexact)

    results, forward = torch.func.jvp(call, tuple(leaves), tuple(tangents))
    if any(real_of(dtype_name(result)) != "float64" for result in results):
        raise NothingToCompare  # the result was asked for in a dtype that is too narrow
    incoming = [_spaced(result, execution.device, 53) for result in results]
    _, back = torch.func.vjp(call, *leaves)
    gradients = back(tuple(incoming))
    pairs = [(incoming, list(forward)), (list(gradients), tangents)]
    _require_equal([_inner(ones, others) for ones, others in pairs], again)
    if execution.sample.pick("derivatives combined", COMBINED_SHARE) == 0:
        require_equal_second_derivatives(again, tangents, incoming)


def _spaced(like: Any, device: str, seed: int) -> Any:
    return _operand(like, device, seed).tensor


def _operand(like: Any, device: str, seed: int) -> Operand:
    shape = tuple(like.shape)
    sample = TensorSample(shape, contiguous(shape), Values("spaced", seed))
    return make(content_of(sample, dtype_name(like)), device)


def _inner(ones: list[Any], others: list[Any]) -> Array:
    """The terms of the real inner product of two lists of tensors."""
    return np.concatenate(
        [(np.conj(to_array(one)) * to_array(other)).real.ravel() for one, other in zip(ones, others)] or [np.zeros(1)]
    ).astype(np.longdouble)


def _require_equal(products: list[Array], execution: Execution) -> None:
    """Raise `Broken` unless the sums of the two products are equal. Each term may be off by as much as the gradient."""
    bound = _bound(execution)
    if not np.isfinite(bound):
        raise NothingToCompare
    first, second = (np.sum(product) for product in products)
    size = sum(float(np.sum(np.abs(product))) for product in products)
    terms = max(product.size for product in products)
    if not abs(first - second) <= (terms + 64 + 4 * bound) * 2.0**-53 * size:
        raise Broken(
            FailureKind.VALUES,
            f"<v, J u> is {first:.17g} forward and {second:.17g} in reverse",
            f"torch.func.jvp and torch.func.vjp of {execution.form.name}",
            "one number",
        )


def _bound(execution: Execution) -> Any:
    """The ULPs that each term of a gradient may be off."""
    gradient = execution.spec.gradient
    if gradient is None or gradient.bound is None:
        return 0.0
    return float(np.max(gradient.bound(execution.dtype, **execution.sample.by_name), initial=0))


def reproduce(execution: Execution, failure: Failure) -> Lines:
    """The steps that hold the products of both modes to each other, or two ways to take second derivatives."""
    again = execution.of_sample(smooth(execution))
    leaves = [operand for operand in again.operands if operand.inexact]
    tangents = ", ".join(tensor_literal(_operand(one.tensor, "cpu", 11)) for one in leaves)
    results = [one for one in again.tensors if DTYPES[dtype_name(one)].inexact]
    incoming = ", ".join(tensor_literal(_operand(one, "cpu", 53)) for one in results)
    lines = [
        *arguments(again),
        *function_of_leaves(again),
        f"leaves = [{', '.join(leaf_names(again))}]",
        f"tangents = [{tangents}]",
        f"incoming = [{incoming}]",
    ]
    if is_way(failure.about):
        return [*lines, *_ways_held(again, failure.about)]
    lines += [
        "_, forward = torch.func.jvp(call, tuple(leaves), tuple(tangents))",
        "_, back = torch.func.vjp(call, *leaves)",
        "gradients = back(tuple(incoming))",
    ]
    if failure.kind is FailureKind.RAISED:
        return lines
    return [
        *lines,
        f"compare_products(inner(incoming, forward), inner(gradients, tangents), {64 + 4 * _bound(again)})",
    ]


def _ways_held(execution: Execution, title: str) -> Lines:
    """The steps that hold one way to take second derivatives to reverse mode over reverse mode."""
    asked = with_tangents(execution, len(leaf_names(execution)))
    lines, (way, twice) = text_of_ways(title, REVERSE_TWICE)
    fresh = "[leaf.detach().clone().requires_grad_() for leaf in leaves]"
    return [
        *lines,
        f"tangents = [one if asked else None for one, asked in zip(tangents, {asked})]",
        f"got = {way}(call, list(zip({fresh}, tangents)), incoming)",
        f"promised = {twice}(call, list(zip({fresh}, tangents)), incoming)",
        "compare_second_derivatives(got, promised, leaves)",
    ]
