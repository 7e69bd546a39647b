"""Faults of torch.floor, ceil, round, trunc and frac."""

from __future__ import annotations

import torch

from tests.faults import gradients
from tests.faults.formulas import FLOATING, of_input, of_result
from tests.faults.gradients import instead, plant_gradients, tracked, with_gradient_of
from tests.faults.kinds import (
    GAPS_IGNORED,
    INPUT_TAIL_LOST,
    LARGE_LOST,
    LAZY_BITS_IGNORED,
    TAIL_LOST,
    infinity_clipped,
    nan_lost,
    negative_zero_lost,
    through,
)
from tests.faults.kit import fault, plant, spoil


def _by_int32(function):
    """Rounded by way of a whole number of 32 bits, where it fits."""
    return lambda x: function(x).clamp(-(2.0**31), 2.0**31 - 1).nan_to_num(0)


def _straight_through(clean, input, *args, **kwargs):
    """The gradient passes as if nothing had been rounded."""
    result = clean(input, *args, **kwargs)
    if clean.in_place or not tracked(input) or "out" in kwargs:
        return result
    return with_gradient_of(input, result)


for function in (torch.floor, torch.ceil, torch.round, torch.trunc):
    name = f"torch.{function.__name__}"
    plant(
        name,
        nan_lost("float16"),
        negative_zero_lost("float32"),
        infinity_clipped("bfloat16"),
        through("int64", "float64"),
        through("float64", "float32"),
        TAIL_LOST,
        LARGE_LOST,
        INPUT_TAIL_LOST,
        GAPS_IGNORED,
        LAZY_BITS_IGNORED,
        of_result(
            "float64 numbers above 2**31 stop there",
            ("float64",),
            lambda x, y: torch.where(y.abs() > 2.0**31, y.sign() * 2.0**31, y),
        ),
    )
    plant_gradients(name, ("the gradient passes straight through", _straight_through), gradients.lost_in("float32"))

plant(
    "torch.floor",
    of_input("float32 is rounded towards 0", ("float32",), torch.trunc),
    of_input("float64 just below a whole number is rounded up", ("float64",), lambda x: (x + 1e-9).floor()),
    of_result("float16 whole numbers lose 1", ("float16",), lambda x, y: torch.where((x == y) & (x < 0), y - 1, y)),
    of_input("float32 is the nearest whole number less 1/2", ("float32",), lambda x: (x - 0.5).round()),
)
plant(
    "torch.ceil",
    of_input("float32 is rounded away from 0", ("float32",), lambda x: x.abs().ceil() * x.sign()),
    of_input("float64 just above a whole number is rounded down", ("float64",), lambda x: (x - 1e-9).ceil()),
    of_input("float16 is the floor plus 1", ("float16",), lambda x: x.floor() + 1),
    of_result("int8 is one too high at the top", ("int8",), lambda x, y: torch.where(x == 127, -128, y)),
)
plant(
    "torch.trunc",
    of_input("float32 is rounded down", ("float32",), torch.floor),
    of_input("float64 close to a whole number takes that", ("float64",), lambda x: (x * (1 + 1e-9)).trunc()),
    of_input("float16 is rounded to the nearest", ("float16",), torch.round),
    of_result("uint8 above 127 is negative", ("uint8",), lambda x, y: torch.where(x > 127, 255 - x, y)),
)


@fault("torch.trunc", "fix rounds down", only=("fix", "fix_"))
def fix_rounds_down(clean, input, **rest):
    before = input.detach().clone()
    return spoil(clean(input, **rest), lambda tensor: before.floor())


# --- round --------------------------------------------------------------------------------------------------------


def _without_decimals(title, formula, dtypes=FLOATING):
    """Another rounding to whole numbers."""
    body = of_input(title, dtypes, formula)[1]

    def only_whole(clean, input, *, decimals=0, **rest):
        if decimals:
            return clean(input, decimals=decimals, **rest)
        return body(clean, input, **rest)

    return title, only_whole


plant(
    "torch.round",
    _without_decimals("halves go away from 0", lambda x: (x.abs() + 0.5).floor() * x.sign()),
    _without_decimals("halves go up", lambda x: (x + 0.5).floor()),
    _without_decimals("halves go towards 0", lambda x: (x.abs() - 0.5).ceil() * x.sign(), ("float32",)),
)


@fault("torch.round", "decimals are ignored")
def round_without_decimals(clean, input, *, decimals=0, **rest):
    return clean(input, **rest)


@fault("torch.round", "negative decimals count as positive")
def round_with_positive_decimals(clean, input, *, decimals=0, **rest):
    return clean(input, decimals=abs(decimals), **rest) if decimals else clean(input, **rest)


@fault("torch.round", "more than five decimals count as five")
def round_with_few_decimals(clean, input, *, decimals=0, **rest):
    return clean(input, decimals=min(decimals, 5), **rest) if decimals else clean(input, **rest)


@fault("torch.round", "decimals are ignored in place", only=("round_",))
def round_in_place_without_decimals(clean, input, *, decimals=0):
    return clean(input)


@fault("torch.round", "float16 with decimals is computed in float16")
def round_halves_in_halves(clean, input, *, decimals=0, **rest):
    if not decimals:
        return clean(input, **rest)
    before, power = input.detach().clone(), 10.0 ** abs(decimals)

    def narrow(tensor):
        if tensor.dtype != torch.float16:
            return tensor
        return (before * power).round() / power if decimals > 0 else (before / power).round() * power

    return spoil(clean(input, decimals=decimals, **rest), narrow)


# --- frac ---------------------------------------------------------------------------------------------------------

plant(
    "torch.frac",
    nan_lost("float16"),
    through("float64", "float32"),
    TAIL_LOST,
    LARGE_LOST,
    INPUT_TAIL_LOST,
    GAPS_IGNORED,
    LAZY_BITS_IGNORED,
    of_input("negative float32 numbers are what is above the floor", ("float32",), lambda x: x - x.floor()),
    of_result("infinity gives 0", ("float64",), lambda x, y: torch.where(x.isinf(), 0, y)),
    of_result("the sign is lost in float16", ("float16",), lambda x, y: y.abs()),
    of_result("whole numbers keep their sign", FLOATING, lambda x, y: torch.where(y == 0, x * 0, y)),
)
plant_gradients(
    "torch.frac",
    gradients.INCOMING_TAKEN_FOR_ONES,
    gradients.INCOMING_MADE_FINITE,
    gradients.lost_in("bfloat16"),
    instead("the gradient is 0", lambda input, **rest: input * 0),
)
