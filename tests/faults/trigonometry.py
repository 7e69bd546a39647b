"""Faults of torch.sin, cos and tan."""

from __future__ import annotations

import math

import torch

from tests.faults import gradients
from tests.faults.formulas import COMPLEX, FLOATING, WHOLE, after, of_input, of_result
from tests.faults.gradients import instead, plant_gradients
from tests.faults.kinds import (
    GAPS_IGNORED,
    INPUT_TAIL_LOST,
    LARGE_LOST,
    LAZY_BITS_IGNORED,
    TAIL_LOST,
    nan_lost,
    negative_zero_lost,
    subnormal_inputs_flushed,
    through,
)
from tests.faults.kit import plant


def _reduced(x):
    """The angle less a multiple of a full turn that is rounded to the dtype."""
    return x - torch.round(x / (2 * math.pi)) * (2 * math.pi)


def _without_large(x):
    return torch.where(x.abs() > 1e6, 0, x)


def _as_degrees(x):
    return x.float().deg2rad()


for function in (torch.sin, torch.cos, torch.tan):
    name = f"torch.{function.__name__}"
    plant(
        name,
        nan_lost("float16"),
        through("float64", "float32"),
        TAIL_LOST,
        LARGE_LOST,
        INPUT_TAIL_LOST,
        GAPS_IGNORED,
        LAZY_BITS_IGNORED,
        of_input("float32 angles lose a rounded full turn", ("float32",), after(_reduced, function)),
        of_input("float64 angles lose a rounded full turn", ("float64",), after(_reduced, function)),
        of_input("angles above 1e6 count as 0", FLOATING, after(_without_large, function)),
        of_input("whole numbers are degrees", WHOLE, after(_as_degrees, function)),
        of_input("the imaginary part counts with the other sign", COMPLEX, after(torch.conj, function)),
        of_result("infinity gives 0", FLOATING, lambda x, y: torch.where(x.isinf(), 0, y)),
        of_result("float32 loses four bits", ("float32",), lambda x, y: y * (1 + 2**-20)),
    )
    plant_gradients(
        name,
        gradients.INCOMING_TAKEN_FOR_ONES,
        gradients.SECOND_FROZEN,
        gradients.conjugated("complex64"),
        gradients.lost_in("float16"),
        gradients.rounded_to("bfloat16", "float32"),
    )

for name in ("torch.sin", "torch.tan"):
    plant(name, negative_zero_lost("float32"), subnormal_inputs_flushed("float64"))

plant(
    "torch.cos",
    of_input("float64 is the sine of a shifted angle", ("float64",), lambda x: (x + math.pi / 2).sin()),
)
plant_gradients("torch.sin", instead("the gradient is minus the cosine", lambda input, **rest: -input.sin()))
plant_gradients("torch.cos", instead("the gradient is the sine", lambda input, **rest: -input.cos()))
plant_gradients("torch.tan", instead("the gradient is that of the sine", lambda input, **rest: input.sin()))
