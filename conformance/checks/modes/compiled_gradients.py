"""The backward pass of compiled calls, held to the closed form of their gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from conformance.checks.gradients.backward import Backward, backward
from conformance.checks.gradients.comparison import promised, require_closed_form
from conformance.checks.gradients.incoming import incoming_of
from conformance.checks.gradients.tracking import require_tracked
from conformance.execution.broken import Broken
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution
from conformance.execution.tensors import Operand, to_array


class CompiledGradients:
    """The gradients of one compiled call: of every argument that can have one."""

    def __init__(self, plain: Execution, compiled: Execution) -> None:
        self._plain = plain
        self._places = tuple(place for place, operand in enumerate(compiled.operands) if operand.inexact)
        self._leaves = [compiled.operands[place].tensor.requires_grad_(True) for place in self._places]
        self._results: list[Any] = []
        self._incoming: list[Operand | None] = []
        self._found: list[Any] = []

    @staticmethod
    def take(calls: Sequence[CompiledGradients], results: Sequence[list[Any]]) -> None:
        """Take the gradients of several calls of one graph in one backward pass."""
        used: list[tuple[Any, Any]] = []
        for call, tensors in zip(calls, results):
            call._results, call._incoming = tensors, incoming_of(call._plain, tensors)
            used += [(one, _resolved(given.tensor)) for one, given in call._given() if one.requires_grad]
        if not used:
            return
        leaves = [leaf for call in calls for leaf in call._leaves]
        outputs, incoming = [one for one, _ in used], [given for _, given in used]
        found = iter(torch.autograd.grad(outputs, leaves, incoming, allow_unused=True))
        for call in calls:
            call._found = [next(found) for _ in call._leaves]

    def _given(self) -> list[tuple[Any, Operand]]:
        return [(one, given) for one, given in zip(self._results, self._incoming) if given is not None]

    def require_agreement(self, text: str) -> None:
        """Raise `Broken` unless the right results are tracked, and the gradients are those of the closed form. If those
        of the plain call are not, nothing is asked."""
        require_tracked(self._results, True, text)
        promise = promised(self._plain, self._incoming)
        try:
            plain = backward(self._plain, self._plain.form, self._places)
            require_closed_form(self._plain, plain, promise, EvidenceBuilder())
        except Broken:
            return  # the check of gradients tells it
        gradients = [None if one is None else to_array(one) for one in self._found or [None] * len(self._leaves)]
        passed = Backward(text, self._incoming, self._places, [gradients])
        require_closed_form(self._plain, passed, promise, EvidenceBuilder())


def _resolved(tensor: Any) -> Any:
    """An incoming gradient without lazy bits: compiled code knows only those of the arguments that it was made for."""
    return tensor.resolve_conj().resolve_neg()
