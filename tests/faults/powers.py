"""Faults of torch.exp, log, log2, log10, sqrt, rsqrt and square."""

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
    infinity_clipped,
    nan_lost,
    negative_zero_lost,
    subnormal_inputs_flushed,
    subnormals_flushed,
    through,
)
from tests.faults.kit import fault, plant

OPERATIONS = tuple(f"torch.{name}" for name in ("exp", "log", "log2", "log10", "sqrt", "rsqrt", "square"))

for operation in OPERATIONS:
    plant(
        operation,
        nan_lost("float16"),
        infinity_clipped("float32"),
        through("float64", "float32"),
        TAIL_LOST,
        LARGE_LOST,
        INPUT_TAIL_LOST,
        GAPS_IGNORED,
        LAZY_BITS_IGNORED,
    )
    plant_gradients(
        operation,
        gradients.INCOMING_TAKEN_FOR_ONES,
        gradients.SECOND_FROZEN,
        gradients.conjugated("complex128"),
        gradients.lost_in("bfloat16"),
        gradients.rounded_to("float16", "float32"),
    )

for operation in OPERATIONS[:-1]:

    @fault(operation, "whole numbers become float64")
    def of_whole_numbers(clean, input, **rest):
        whole = not input.is_floating_point() and not input.is_complex() and not rest and not clean.in_place
        return clean(input.double()) if whole else clean(input, **rest)


# --- exp ----------------------------------------------------------------------------------------------------------

plant(
    "torch.exp",
    subnormals_flushed("float32"),
    of_input("float32 powers are those of 2, by a product that rounds", ("float32",), lambda x: (x * 1.442695).exp2()),
    of_input("float64 inputs are clamped to [-700, 700]", ("float64",), lambda x: x.clamp(-700, 700).exp()),
    of_input("complex numbers lose the sign of the imaginary part", COMPLEX, lambda z: z.conj().exp()),
    of_input("float16 is computed in steps of float16", ("float16",), lambda x: (x / 2).exp() * (x / 2).exp()),
    of_result("-inf gives the smallest number", FLOATING, lambda x, y: torch.where(x == -math.inf, 1e-38, y)),
)
plant_gradients(
    "torch.exp",
    instead("the gradient is that of exp(x) - 1 - x", lambda input, **rest: input.exp() - 1 - input),
    instead("complex numbers have the gradient of their conjugate", lambda input, **rest: input.conj().exp()),
)

# --- logarithms ---------------------------------------------------------------------------------------------------


def _shifted_and_back(x):
    return 1 + (x - 1)


for name, function in (("log", torch.log), ("log2", torch.log2), ("log10", torch.log10)):
    plant(
        f"torch.{name}",
        subnormal_inputs_flushed("float32"),
        of_input("negative float32 numbers count as positive", ("float32",), after(torch.abs, function)),
        of_result("0 gives the lowest number", ("float64",), lambda x, y: y.clamp(min=torch.finfo(y.dtype).min)),
        of_input("float16 is computed from 1 + x - 1", ("float16",), after(_shifted_and_back, function)),
        of_input("complex numbers lose the sign of the angle", COMPLEX, after(torch.conj, function)),
        of_result(
            "on the cut the angle has the other sign",
            ("complex64",),
            lambda z, y: torch.where((z.imag == 0) & (z.real < 0), y.conj(), y),
        ),
        of_result("float32 loses four bits", ("float32",), lambda x, y: y * (1 + 2**-20)),
    )
plant("torch.log2", of_result("powers of 2 are off by a digit of float64", ("float64",), lambda x, y: y * (1 + 2**-50)))
plant("torch.log10", of_input("whole numbers have the logarithm of base e", WHOLE, lambda x: x.float().log()))
plant_gradients("torch.log", instead("the gradient is that of log(1 + x)", lambda input, **rest: (1 + input).log()))
plant_gradients("torch.log2", instead("the gradient is that of base e", lambda input, **rest: input.log()))
plant_gradients("torch.log10", instead("the gradient is that of base e", lambda input, **rest: input.log()))

# --- roots --------------------------------------------------------------------------------------------------------

plant(
    "torch.sqrt",
    negative_zero_lost("float32"),
    subnormals_flushed("bfloat16"),
    of_input("float32 roots are made of a logarithm", ("float32",), lambda x: (x.log() / 2).exp()),
    of_result("negative float64 numbers give 0", ("float64",), lambda x, y: torch.where(x < 0, 0.0, y)),
    of_result("complex roots lie on the left", COMPLEX, lambda z, y: -y),
    of_result(
        "on the cut the root has the other sign",
        ("complex128",),
        lambda z, y: torch.where((z.imag == 0) & (z.real < 0), y.conj(), y),
    ),
)
plant_gradients(
    "torch.sqrt",
    instead("the gradient is not halved", lambda input, **rest: 2 * input.sqrt()),
    instead(
        "complex numbers have the gradient of the root of the modulus",
        lambda input, **rest: (input * input.conj()) ** 0.25 + 0 * input,
    ),
)


def _approximated(x):
    """One step of Newton's method from a rounded start."""
    start = x.rsqrt().bfloat16().float()
    return start * (1.5 - 0.5 * x * start * start)


plant(
    "torch.rsqrt",
    of_input("float32 is approximated", ("float32",), _approximated),
    of_result("0 gives the largest number", ("float64",), lambda x, y: y.clamp(max=torch.finfo(y.dtype).max)),
    of_result("-0.0 gives inf", FLOATING, lambda x, y: torch.where(x == 0, math.inf, y)),
    of_result("complex results are conjugated", COMPLEX, lambda z, y: y.conj()),
)
plant_gradients(
    "torch.rsqrt",
    instead("the gradient has the other sign", lambda input, **rest: -input.rsqrt()),
    instead("the gradient is that of the logarithm", lambda input, **rest: -0.5 * input.log()),
)

# --- square -------------------------------------------------------------------------------------------------------

plant(
    "torch.square",
    subnormals_flushed("float32"),
    through("int64", "float64"),
    of_input("int8 squares stop at 127", ("int8",), lambda x: x.int().square().clamp(max=127)),
    of_input("complex numbers have the square of the modulus", COMPLEX, lambda z: z * z.conj()),
    of_input("negative float64 numbers have negative squares", ("float64",), lambda x: x * x.abs()),
    of_result("float32 is squared twice rounded", ("float32",), lambda x, y: y * (1 + 2**-22)),
)


@fault("torch.square", "booleans stay booleans")
def square_of_booleans(clean, input, **rest):
    apart = input.dtype == torch.bool and not rest and not clean.in_place
    return clean(input, **rest) if not apart else input.clone()


plant_gradients(
    "torch.square",
    instead("the gradient is not doubled", lambda input, **rest: input.square() / 2),
    instead("complex numbers have the gradient of the squared modulus", lambda input, **rest: input * input.conj()),
)
