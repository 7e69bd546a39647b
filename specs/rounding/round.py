"""torch.round: each element rounded to the nearest whole number, or to the nearest with so many decimals."""

import numpy as np

from conformance.spec import (
    AT_MOST,
    FLOATS,
    INTEGERS,
    PRESERVED,
    WIDE_UNSIGNED,
    Cost,
    Draw,
    Form,
    Gradient,
    Law,
    Refusal,
    Spec,
    contents,
    dense,
)
from conformance.spec.families import unary

from ._whole import gradient, scratch

DECIMALS = (0,) * 10 + (1, 2, 3, -1, -2, -3, 6, 10, -5, 1, 2, -1)


def arguments(draw: Draw):
    return {**unary.arguments(draw), "decimals": draw.choice(DECIMALS)}


def takes(dtype, input, decimals):
    """Whole numbers are only rounded to whole numbers."""
    return dtype in FLOATS or decimals == 0


def oracle(input, decimals):
    """Halves go to the even neighbour. With decimals the number times a power of ten is rounded, and divided again, as
    the documentation says; halves are worked out in float32."""
    if input.dtype.kind in "iu":
        return input.copy()
    if decimals == 0:
        return np.rint(input)
    wide = input.astype(np.float32) if input.dtype.itemsize == 2 else input
    power = wide.dtype.type(10 ** abs(decimals))
    found = np.rint(wide * power) / power if decimals > 0 else np.rint(wide / power) * power
    return found.astype(input.dtype)


def workload(size):
    return {"input": dense((size // 64, 64)), "decimals": 0}


WHOLE = "decimals == 0"
FLOATING = f"dtype in {FLOATS}"
FIRST = "torch.round(input, **({'decimals': decimals} if decimals else {}))"


def is_of_whole_numbers(dtype, input, decimals):
    """The input holds whole numbers."""
    return dtype not in FLOATS


def has_decimals(dtype, input, decimals):
    """The number of decimals is not 0."""
    return decimals != 0


def is_multiplied_by_the_reciprocal(dtype, got, promised, input, decimals):
    """The product with a power of ten is rounded, and multiplied by the reciprocal of that power.

    The numbers come without their places: each must be one that some element gives, and lie beside the promised one.
    """
    array, power = contents(input, dtype), 10.0**decimals
    wide = np.float64 if dtype == "float64" else np.float32
    near = got.astype(np.longdouble) - promised.astype(np.longdouble)
    found = np.rint(array.astype(wide) * wide(power)) * wide(1 / power)
    one_of = np.isin(got.astype(np.float64), found.astype(array.dtype).astype(np.float64))
    spacing = np.spacing(np.abs(promised).astype(array.dtype)).astype(np.longdouble)
    return one_of & ((np.abs(near) <= 2 * spacing) | ~np.isfinite(near))


spec = Spec(
    operation="torch.round",
    summary="The nearest whole number, or number with so many decimals, halves to even; whole numbers are copied.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.round.html",
    arguments=arguments,
    forms=(
        Form(FIRST),
        Form("torch.round(input)", when=WHOLE),
        Form("torch.round(input=input)", when=WHOLE),
        Form("torch.round(input, decimals=decimals)", when=FLOATING),
        Form("input.round()", when=WHOLE),
        Form("input.round(decimals=decimals)", when=FLOATING),
        Form("torch.special.round(input)", when=WHOLE),
        Form("torch.special.round(input, decimals=decimals)", when=FLOATING),
        Form("input.round_()", when=WHOLE, writes="input"),
        Form("input.round_(decimals=decimals)", when=FLOATING, writes="input"),
        Form("torch.round_(input)", when=WHOLE, writes="input"),
        Form("torch.round_(input, decimals=decimals)", when=FLOATING, writes="input"),
        Form("torch.round(input, out=out)", when=WHOLE),
        Form("torch.round(input, decimals=decimals, out=out)", when=FLOATING),
    ),
    dtypes=INTEGERS + WIDE_UNSIGNED + FLOATS,
    takes=takes,
    oracle=oracle,
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        *unary.every_refusal("round"),
        Refusal("decimals by position", "torch.round(input, 2)", TypeError),
        Refusal("a fraction as decimals", "torch.round(input, decimals=1.5)", TypeError),
        Refusal("None as decimals", "torch.round(input, decimals=None)", TypeError),
        Refusal(
            "decimals of whole numbers", "torch.round(input, decimals=2)", NotImplementedError, when="'int' in dtype"
        ),
        Refusal("a boolean tensor", "torch.round(torch.ones(2, dtype=torch.bool))", NotImplementedError),
        Refusal(
            "a tensor of complex numbers", "torch.round(torch.ones(2, dtype=torch.complex64))", NotImplementedError
        ),
        Refusal("an out of whole numbers for floats", "torch.round(torch.ones(3), out=out.long())", RuntimeError),
    ),
    gradient=Gradient(terms=gradient, has_differences=False),
    laws=(
        Law("whole numbers are copied", "torch.round(input)", "input", when="'int' in dtype"),
        Law("a whole number is left alone", "torch.round(torch.round(input))", "torch.round(input)"),
        Law("the result for -x is the negative result", "torch.round(-input)", "-torch.round(input)", when=FLOATING),
        Law(
            "no result is further than 1/2 from the number",
            "(torch.round(input.nan_to_num(0).clamp(-99, 99)) - input.nan_to_num(0).clamp(-99, 99)).abs()",
            "torch.full_like(input, 0.5)",
            AT_MOST,
            when=FLOATING,
        ),
        Law(
            "a half goes to the even neighbour",
            "torch.round(torch.trunc(input.nan_to_num(0).clamp(-50, 50)) + 0.5) % 2 + 0",
            "torch.zeros_like(input)",
            when=FLOATING,
        ),
    ),
    predicates=(is_of_whole_numbers, has_decimals),
    explanations=(is_multiplied_by_the_reciprocal,),
    cost=Cost(scratch=scratch, workload=workload, reference="elementwise"),
)
