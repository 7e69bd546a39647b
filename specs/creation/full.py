"""torch.full: a tensor filled with one number."""

import numpy as np

from conformance.spec import ALL, Cost, Draw, Form, Law, Refusal, Spec
from conformance.spec.families.creation import (
    keyword_forms,
    keyword_refusals,
    modes_without_tensors,
    new_forms,
    out_refusals,
    size_forms,
    size_refusals,
    surrounding_forms,
    unsupported_when_compiled,
)

from ._numbers import NUMBERS, is_negative_zero, takes_number


def arguments(draw: Draw):
    return {"size": draw.shape(), "fill_value": draw.choice(NUMBERS)}


def takes(dtype, size, fill_value):
    return takes_number(dtype, fill_value)


def oracle(size, fill_value):
    return np.full(size, fill_value)


def is_given_negative_zero(dtype, size, fill_value):
    return is_negative_zero(fill_value)


def workload(size):
    return {"size": (size // 64, 64), "fill_value": 2.5}


INFERRED = (
    "dtype == {'bool': 'bool', 'int': 'int64', 'float': 'float32', 'complex': 'complex64'}[type(fill_value).__name__]"
)

spec = Spec(
    operation="torch.full",
    summary="A tensor of a size, filled with a number; without a dtype it has that of the number.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.full.html",
    arguments=arguments,
    forms=(
        Form("torch.full(size, fill_value, dtype=dtype, device=device)"),
        Form("torch.full(size, fill_value)", when=INFERRED),
        *size_forms("full", ", fill_value=fill_value"),
        *keyword_forms("full", "size, fill_value"),
        *surrounding_forms("full", "size, fill_value"),
        *new_forms("full", ", fill_value=fill_value"),
    ),
    dtypes=ALL,
    takes=takes,
    oracle=oracle,
    modes=modes_without_tensors(),
    unsupported_modes=unsupported_when_compiled(),
    refusals=(
        *size_refusals("full", ", 1"),
        *keyword_refusals("full", "size, 1"),
        *out_refusals("full", "size, 1"),
        Refusal("a number as the size", "torch.full(2, 1)", TypeError),
        Refusal("a call without a number to fill with", "torch.full(size)", TypeError),
        Refusal("a string to fill with", "torch.full(size, '1', dtype=dtype)", TypeError),
        Refusal("a list to fill with", "torch.full(size, [1], dtype=dtype)", TypeError),
        Refusal("a tensor of one dimension to fill with", "torch.full(size, torch.tensor([1.0]))", TypeError),
        Refusal("a number above the range of the dtype", "torch.full((2,), 256, dtype=torch.uint8)", RuntimeError),
        Refusal(
            "a fraction above the range of the dtype", "torch.full((2,), 1e300, dtype=torch.float32)", RuntimeError
        ),
        Refusal("NaN for whole numbers", "torch.full((2,), math.nan, dtype=torch.int32)", RuntimeError),
        Refusal("a complex number for a real dtype", "torch.full((2,), 1j, dtype=torch.float64)", RuntimeError),
    ),
    laws=(
        Law("full of 0 is zeros", "torch.full(size, 0, dtype=dtype)", "torch.zeros(size, dtype=dtype)"),
        Law("full of 1 is ones", "torch.full(size, 1, dtype=dtype)", "torch.ones(size, dtype=dtype)"),
        Law(
            "filling an empty tensor gives the full one",
            "torch.full(size, fill_value, dtype=dtype)",
            "torch.empty(size, dtype=dtype).fill_(fill_value)",
        ),
        Law(
            "a tensor without dimensions fills like its number",
            "torch.full(size, torch.tensor(fill_value), dtype=dtype)",
            "torch.full(size, fill_value, dtype=dtype)",
            when="-2**63 < fill_value < 2**63 if type(fill_value) is int else type(fill_value) is bool",
        ),
    ),
    cost=Cost(workload=workload, reference="copy"),
    predicates=(is_given_negative_zero,),
)
