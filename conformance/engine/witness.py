"""Witnesses of known deviations, tried on the installed torch."""

from __future__ import annotations

import torch

from conformance.engine.deviations import Deviation
from conformance.execution.execution import summary
from conformance.execution.namespace import torch_names
from conformance.execution.tensors import to_array
from conformance.numeric.accuracy import compare_exact
from conformance.spec.expressions import evaluate


def still_deviates(deviation: Deviation, device: str) -> tuple[bool, str]:
    """Whether the witness still differs from what is promised, and what it gave."""
    with torch.device(device):
        try:
            got = evaluate(deviation.witness, torch_names())
        except Exception as error:
            return type(error).__name__ != deviation.promised, summary(error)
        if deviation.promised.isidentifier() and deviation.promised.endswith("Error"):
            return True, repr(got)
        promised = evaluate(deviation.promised, torch_names())
    if isinstance(got, torch.Tensor) and isinstance(promised, torch.Tensor):
        return compare_exact(to_array(got), to_array(promised)) is not None, repr(got)
    return bool(got != promised), repr(got)
