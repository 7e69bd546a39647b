"""torch.ceil: the smallest whole number not below of each element."""

import numpy as np

from conformance.spec import (
    AT_MOST,
    FLOATS,
    INTEGERS,
    PRESERVED,
    WIDE_UNSIGNED,
    Cost,
    Gradient,
    Law,
    Refusal,
    Spec,
)
from conformance.spec.families import unary


def oracle(input):
    """Infinities, NaN and -0.0 stay, and numbers between -1 and 0 give -0.0."""
    return input.copy() if input.dtype.kind in "iu" else np.ceil(input)


def gradient(incoming, results, input):
    """A step function has the slope 0 everywhere."""
    return {"input": np.zeros_like(input)}


spec = Spec(
    operation="torch.ceil",
    summary="The smallest whole number that is not below each element; whole numbers are copied.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.ceil.html",
    arguments=unary.arguments,
    forms=unary.every_form("ceil"),
    dtypes=INTEGERS + WIDE_UNSIGNED + FLOATS,
    oracle=oracle,
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        *unary.every_refusal("ceil"),
        Refusal("a boolean tensor", "torch.ceil(torch.ones(2, dtype=torch.bool))", NotImplementedError),
        Refusal("a tensor of complex numbers", "torch.ceil(torch.ones(2, dtype=torch.complex64))", NotImplementedError),
        Refusal("an out of whole numbers for floats", "torch.ceil(torch.ones(3), out=out.long())", RuntimeError),
    ),
    gradient=Gradient(terms=gradient, has_differences=False),
    laws=(
        Law("a whole number is left alone", "torch.ceil(torch.ceil(input))", "torch.ceil(input)"),
        Law("whole numbers are copied", "torch.ceil(input)", "input", when="'int' in dtype"),
        Law("no number is above its result", "input", "torch.ceil(input)", AT_MOST, when=unary.REAL),
        Law(
            "the number is above the result minus 1",
            "input.nan_to_num(0, 0, 0).clamp(-100, 100) > torch.ceil(input.nan_to_num(0, 0, 0).clamp(-100, 100)) - 1",
            "torch.ones_like(input, dtype=torch.bool)",
            when=unary.REAL,
        ),
        Law(
            "it is the negative of the floor of the negative",
            "torch.ceil(input)",
            "-torch.floor(-input)",
            when=unary.REAL,
        ),
    ),
    cost=Cost(workload=unary.workload, reference="elementwise"),
)
