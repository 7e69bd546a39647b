"""torch.empty_like: memory that nothing was written to, in the shape, layout and dtype of another tensor."""

import numpy as np

from conformance.spec import ALL, CELL_DTYPE, PRESERVED, Allowed, Cost, Draw, Form, Law, Spec, dense
from conformance.spec.families.creation import like_forms, like_laws, like_refusals, unsupported_when_compiled


def arguments(draw: Draw):
    """The tensor is now and then of another dtype than the one that is asked for."""
    kept = draw.choice((CELL_DTYPE, CELL_DTYPE, "float32", "int16", "complex64", "bool"))
    return {"input": draw.tensor(draw.shape(), dtype=kept)}


def anything(array):
    return np.ones(array.shape, bool)


def oracle(input):
    return Allowed(input.shape, anything, "any elements", varies=True)


def workload(size):
    return {"input": dense((size // 64, 64))}


spec = Spec(
    operation="torch.empty_like",
    summary="A tensor of the shape and memory order of another in new memory that nothing was written to.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.empty_like.html",
    arguments=arguments,
    forms=(
        Form("torch.empty_like(input, dtype=dtype)"),
        *like_forms("empty_like", ""),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=PRESERVED,
    unsupported_modes=unsupported_when_compiled(),
    refusals=(*like_refusals("empty_like", ""),),
    laws=(
        *like_laws("empty_like", ""),
        Law(
            "a dense tensor has its strides taken over",
            "torch.empty_like(input, dtype=dtype).stride()",
            "input.stride()",
            when="input.layout.kind in ('permuted', 'channels_last') and input.numel > 0 and 1 not in input.shape",
        ),
    ),
    cost=Cost(workload=workload, reference="view", growth_exponent=0.0),
)
