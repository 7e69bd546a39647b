"""torch.frac: the part of each element after its whole part."""

import numpy as np

from conformance.spec import (
    DATA_MOVEMENT,
    FLOATS,
    PRESERVED,
    Cost,
    Gradient,
    Law,
    Refusal,
    Spec,
)
from conformance.spec.families import unary


def oracle(input):
    """The rest has the sign of the number; of whole numbers it is 0.0, of infinities NaN. The difference is exact."""
    return input - np.trunc(input)


def gradient(incoming, results, input):
    """The slope is 1."""
    return {"input": incoming[0]}


spec = Spec(
    operation="torch.frac",
    summary="The part of each element after its whole part, with its sign.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.frac.html",
    arguments=unary.arguments,
    forms=unary.every_form("frac"),
    dtypes=FLOATS,
    oracle=oracle,
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        *unary.every_refusal("frac"),
        Refusal("a tensor of whole numbers", "torch.frac(torch.ones(2, dtype=torch.int64))", NotImplementedError),
        Refusal("a boolean tensor", "torch.frac(torch.ones(2, dtype=torch.bool))", NotImplementedError),
        Refusal("a tensor of complex numbers", "torch.frac(torch.ones(2, dtype=torch.complex64))", NotImplementedError),
        Refusal("an out of whole numbers for floats", "torch.frac(torch.ones(3), out=out.long())", RuntimeError),
    ),
    gradient=Gradient(terms=gradient, landmarks=DATA_MOVEMENT.landmarks),
    laws=(
        Law(
            "the whole part and what is left add up to the number",
            "torch.trunc(input.nan_to_num(1, 1, 1)) + torch.frac(input.nan_to_num(1, 1, 1)) + 0",
            "input.nan_to_num(1, 1, 1) + 0",
        ),
        Law(
            "nothing is left of what is left",
            "torch.frac(torch.frac(input)) + 0",
            "torch.frac(input) + 0",
        ),
        Law(
            "what is left is below 1",
            "torch.frac(input).nan_to_num(0).abs() < 1",
            "torch.ones_like(input, dtype=torch.bool)",
        ),
    ),
    cost=Cost(workload=unary.workload, reference="elementwise"),
)
