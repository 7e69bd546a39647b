"""The witnesses of known deviations, tried on the installed torch."""

from __future__ import annotations

from typing import Any

import torch

from conformance.checks.claim_helpers import helpers
from conformance.engine.deviations import Deviation
from conformance.engine.outcome import WitnessAnswer
from conformance.execution import devices
from conformance.execution.broken import summary
from conformance.execution.device_memory import is_out_of_memory
from conformance.execution.namespace import torch_names
from conformance.execution.tensors import to_array
from conformance.numeric.accuracy import compare_exact
from conformance.spec.expressions import evaluate


def still_deviates(deviation: Deviation, device: str) -> WitnessAnswer:
    """Whether the value of the witness still differs from the promised one, and that value as text."""
    names = torch_names()
    names.update(helpers(names))
    if "compile" in deviation.witness:
        torch.compiler.reset()  # a function that was compiled often is not compiled again
    is_refusal = deviation.promised.isidentifier() and deviation.promised.endswith("Error")
    with torch.device(device):
        try:
            got = evaluate(deviation.witness, names)
            got = "a result" if is_refusal else _read(got)  # what is wrongly taken may end a process that reads it
        except BaseException as error:
            devices.require_working(device)
            if is_out_of_memory(error):
                return WitnessAnswer(deviates=True, gave=f"not known: {summary(error)}")
            differs = type(error).__name__ != deviation.promised
            return WitnessAnswer(deviates=differs, gave=summary(error), raised=True)
        if is_refusal:
            return WitnessAnswer(deviates=True, gave=got)
        promised = evaluate(deviation.promised, torch_names())
    if isinstance(got, torch.Tensor) and isinstance(promised, torch.Tensor):
        differs = compare_exact(to_array(got), to_array(promised)) is not None
        return WitnessAnswer(deviates=differs, gave=repr(got))
    return WitnessAnswer(deviates=bool(got != promised), gave=repr(got))


def _read(value: Any) -> Any:
    """The value, a tensor of a device as one of the CPU: a device may work out what it was asked only then, and torch
    writes a tensor in float64, which the device may not hold."""
    on_device = isinstance(value, torch.Tensor) and value.device.type not in ("cpu", "meta")
    return value.cpu() if on_device else value
