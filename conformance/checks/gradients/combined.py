"""Derivatives of derivatives: the product of the second derivative with a vector, worked out in three ways.

For results f, incoming gradients v and tangents u that is the derivative along u of the gradient of <v, f>.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch.autograd import forward_ad

from conformance.checks.sources import definitions
from conformance.execution.broken import Broken
from conformance.execution.execution import Execution
from conformance.execution.tensors import dtype_name, to_array
from conformance.numeric.dtypes import DTYPES, Array
from conformance.results.model import FailureKind

_TOLERANCE = 2.0**-30
"""How far the ways may be apart, as a share of the largest number. No bound of second derivatives is promised; a term
that is forgotten is larger by far."""

Call = Callable[..., Sequence[Any]]
"""The operation as a function of its floating and complex arguments, which returns the floating and complex results."""

Way = Callable[[Call, Sequence[Any], Sequence[Any]], list[Any]]


def require_equal_second_derivatives(execution: Execution, tangents: Sequence[Any], incoming: Sequence[Any]) -> None:
    """Raise `Broken` unless the three ways give the same. For some samples one argument alone has a tangent."""
    asked = with_tangents(execution, len(tangents))
    some = [one if is_asked else None for one, is_asked in zip(tangents, asked)]
    found = {title: _taken(title, execution, some, incoming) for title in _WAYS}
    promised = found.pop(REVERSE_TWICE)
    for title, arrays in found.items():
        for one, other in zip(arrays, promised):
            _require_equal(one, other, title, execution)


def with_tangents(execution: Execution, count: int) -> list[bool]:
    """Which of so many arguments have a tangent: for some samples one alone, for the others all."""
    place = execution.sample.pick("tangent of one argument", 2 * count)
    return [place in (at, *range(count, 2 * count)) for at in range(count)]


def _taken(title: str, execution: Execution, tangents: Sequence[Any], incoming: Sequence[Any]) -> list[Array]:
    """What one way gives, with zeros for what does not depend on an argument."""
    leaves = [one.tensor.detach().clone().requires_grad_() for one in execution.operands if one.inexact]
    try:
        found = _WAYS[title](_call(execution), list(zip(leaves, tangents)), incoming)
    except Exception as error:
        raise Broken.raised(error, execution.form.call, "a second derivative", about=title) from error
    return [to_array(torch.zeros_like(leaf) if one is None else one) for one, leaf in zip(found, leaves)]


def _reverse_over_reverse(call: Call, pairs: Sequence[Any], incoming: Sequence[Any]) -> list[Any]:
    leaves = [leaf for leaf, _ in pairs]
    first = _gradients(call(*leaves), leaves, incoming, create_graph=True)
    return _gradients(first, leaves, [tangent for _, tangent in pairs])


def _forward_over_reverse(call: Call, pairs: Sequence[Any], incoming: Sequence[Any]) -> list[Any]:
    with forward_ad.dual_level():
        duals = _duals(pairs)
        gradients = _gradients(call(*duals), duals, incoming)
        return [None if one is None else forward_ad.unpack_dual(one).tangent for one in gradients]


def _reverse_over_forward(call: Call, pairs: Sequence[Any], incoming: Sequence[Any]) -> list[Any]:
    with forward_ad.dual_level():
        results = call(*_duals(pairs))
        return _gradients(
            [forward_ad.unpack_dual(one).tangent for one in results], [leaf for leaf, _ in pairs], incoming
        )


REVERSE_TWICE = "reverse over reverse"

_WAYS: dict[str, Way] = {
    REVERSE_TWICE: _reverse_over_reverse,
    "forward over reverse": _forward_over_reverse,
    "reverse over forward": _reverse_over_forward,
}


def _duals(pairs: Sequence[Any]) -> list[Any]:
    return [leaf if tangent is None else forward_ad.make_dual(leaf, tangent) for leaf, tangent in pairs]


def _call(execution: Execution) -> Call:
    def call(*leaves: Any) -> list[Any]:
        return [one for one in execution.results_of_leaves(leaves) if DTYPES[dtype_name(one)].inexact]

    return call


def _gradients(
    results: Sequence[Any], leaves: Sequence[Any], incoming: Sequence[Any], create_graph: bool = False
) -> list[Any]:
    """The gradients of the results that depend on a leaf; None for a leaf on which none depends."""
    used = [
        (one, given)
        for one, given in zip(results, incoming)
        if one is not None and given is not None and one.requires_grad
    ]
    if not used:
        return [None] * len(leaves)
    outputs, given = zip(*used)
    return list(torch.autograd.grad(outputs, leaves, given, create_graph=create_graph, allow_unused=True))


def _require_equal(found: Array, promised: Array, title: str, execution: Execution) -> None:
    with np.errstate(all="ignore"):
        apart = np.abs(found - promised)
        size = max(float(np.max(np.abs(promised), initial=0)), float(np.max(np.abs(found), initial=0)), 1.0)
    if not (apart <= _TOLERANCE * size).all():
        message = f"{title} gives {found.ravel()[:4]}, and reverse over reverse {promised.ravel()[:4]}"
        raise Broken(FailureKind.VALUES, message, execution.form.call, "one second derivative", about=title)


def text_of_ways(*titles: str) -> tuple[list[str], list[str]]:
    """The lines that define some of the ways, and their names."""
    return definitions(*(_WAYS[title] for title in titles))


def is_way(title: str) -> bool:
    """Whether one of the ways has this title."""
    return title in _WAYS
