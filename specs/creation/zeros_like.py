"""torch.zeros_like: zeros in the shape, layout and dtype of another tensor."""

import numpy as np

from conformance.spec import ALL, CELL_DTYPE, PRESERVED, Cost, Draw, Form, Law, Spec, dense
from conformance.spec.families.creation import like_forms, like_laws, like_refusals, unsupported_when_compiled


def arguments(draw: Draw):
    """The tensor is now and then of another dtype than the one that is asked for."""
    kept = draw.choice((CELL_DTYPE, CELL_DTYPE, "float32", "int16", "complex64", "bool"))
    return {"input": draw.tensor(draw.shape(), dtype=kept)}


def oracle(input):
    return np.zeros(input.shape, np.int8)


def workload(size):
    return {"input": dense((size // 64, 64))}


spec = Spec(
    operation="torch.zeros_like",
    summary="Zeros of the shape and memory order of a tensor, and of its dtype unless another is asked for.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.zeros_like.html",
    arguments=arguments,
    forms=(
        Form("torch.zeros_like(input, dtype=dtype)"),
        *like_forms("zeros_like", ""),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=PRESERVED,
    unsupported_modes=unsupported_when_compiled(),
    refusals=(*like_refusals("zeros_like", ""),),
    laws=(
        *like_laws("zeros_like", ""),
        Law(
            "a tensor of the shape is zeros",
            "torch.zeros_like(input, dtype=dtype)",
            "torch.zeros(input.shape, dtype=dtype)",
        ),
    ),
    cost=Cost(workload=workload, reference="copy"),
)
