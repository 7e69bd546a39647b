"""torch.full_like: one number everywhere in the shape, layout and dtype of another tensor."""

import numpy as np

from conformance.spec import ALL, CELL_DTYPE, PRESERVED, Cost, Draw, Form, Law, Refusal, Spec, dense
from conformance.spec.families.creation import like_forms, like_laws, like_refusals, unsupported_when_compiled

from ._numbers import NUMBERS, is_negative_zero, takes_number


def arguments(draw: Draw):
    """The tensor is now and then of another dtype than the one that is asked for."""
    kept = draw.choice((CELL_DTYPE, CELL_DTYPE, "float32", "int16", "complex64", "bool"))
    return {"input": draw.tensor(draw.shape(), dtype=kept), "fill_value": draw.choice(NUMBERS)}


def takes(dtype, input, fill_value):
    return takes_number(dtype, fill_value)


def oracle(input, fill_value):
    return np.full(input.shape, fill_value)


def is_given_negative_zero(dtype, input, fill_value):
    return is_negative_zero(fill_value)


def workload(size):
    return {"input": dense((size // 64, 64)), "fill_value": 2.5}


spec = Spec(
    operation="torch.full_like",
    summary="A number everywhere, in the shape and memory order of a tensor; in its dtype unless another is asked for.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.full_like.html",
    arguments=arguments,
    forms=(
        Form("torch.full_like(input, fill_value, dtype=dtype)"),
        *like_forms("full_like", ", fill_value=fill_value"),
    ),
    dtypes=ALL,
    takes=takes,
    oracle=oracle,
    memory=PRESERVED,
    unsupported_modes=unsupported_when_compiled(),
    refusals=(
        *like_refusals("full_like", ", 1"),
        Refusal("a call without a number to fill with", "torch.full_like(input)", TypeError),
        Refusal("a list to fill with", "torch.full_like(input, [1], dtype=dtype)", TypeError),
        Refusal("a string to fill with", "torch.full_like(input, '1', dtype=dtype)", TypeError),
        Refusal(
            "a number above the range of the dtype", "torch.full_like(input, 256, dtype=torch.uint8)", RuntimeError
        ),
        Refusal("a complex number for a real dtype", "torch.full_like(input, 1j, dtype=torch.float64)", RuntimeError),
    ),
    laws=(
        *like_laws("full_like", ", fill_value"),
        Law(
            "a tensor of the shape is full",
            "torch.full_like(input, fill_value, dtype=dtype)",
            "torch.full(input.shape, fill_value, dtype=dtype)",
        ),
    ),
    cost=Cost(workload=workload, reference="copy"),
    predicates=(is_given_negative_zero,),
)
