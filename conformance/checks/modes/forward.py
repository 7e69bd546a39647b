"""Forward-mode differentiation must agree with reverse mode: both give the same inner product. Forward over reverse,
reverse over forward and reverse over reverse must give the same second derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from conformance.checks.comparison import NothingToCompare
from conformance.checks.gradients.combined import require_equal_second_derivatives
from conformance.checks.gradients.second_order import smooth
from conformance.drawing.layouts import contiguous
from conformance.execution.broken import Broken
from conformance.execution.execution import Execution
from conformance.execution.tensors import dtype_name, make, to_array
from conformance.numeric.dtypes import DTYPES, Array
from conformance.results.model import FailureKind
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
    incoming = [_spaced(result, execution.device, 53) for result in results]
    _, back = torch.func.vjp(call, *leaves)
    gradients = back(tuple(incoming))
    pairs = [(incoming, list(forward)), (list(gradients), tangents)]
    _require_equal([_inner(ones, others) for ones, others in pairs], again)
    if execution.sample.pick("derivatives combined", COMBINED_SHARE) == 0:
        require_equal_second_derivatives(again, tangents, incoming)


def _spaced(like: Any, device: str, seed: int) -> Any:
    shape = tuple(like.shape)
    sample = TensorSample(shape, contiguous(shape), Values("spaced", seed))
    return make(content_of(sample, dtype_name(like)), device).tensor


def _inner(ones: list[Any], others: list[Any]) -> Array:
    """The terms of the real inner product of two lists of tensors."""
    return np.concatenate(
        [(np.conj(to_array(one)) * to_array(other)).real.ravel() for one, other in zip(ones, others)] or [np.zeros(1)]
    ).astype(np.longdouble)


def _require_equal(products: list[Array], execution: Execution) -> None:
    """Raise `Broken` unless the sums of the two products are equal. Each term may be off by as much as the gradient."""
    gradient = execution.spec.gradient
    bound: Any = 0.0
    if gradient is not None and gradient.bound is not None:
        bound = np.max(gradient.bound(execution.dtype, **execution.sample.by_name), initial=0)
    if not np.isfinite(bound):
        raise NothingToCompare
    first, second = (np.sum(product) for product in products)
    size = sum(float(np.sum(np.abs(product))) for product in products)
    terms = max(product.size for product in products)
    if not abs(first - second) <= (terms + 64 + 4 * bound) * 2.0**-53 * size:
        raise Broken(
            FailureKind.VALUES,
            f"<v, J u> is {first:.17g} forward and {second:.17g} in reverse",
            f"torch.func.jvp and torch.func.vjp of {execution.form.call}",
            "one number",
        )


def reproduce(execution: Execution, names: str) -> list[str]:
    """The lines that make the call on dual tensors."""
    named = zip(execution.promise.operand_names, execution.operands)
    return [
        "from torch.autograd import forward_ad",
        "with forward_ad.dual_level():",
        *(
            f"    {name} = forward_ad.make_dual({name}, torch.ones_like({name}))"
            for name, operand in named
            if operand.inexact and "[" not in name
        ),
        f"    print(call({names}))",
    ]
