"""torch.ones_like: ones in the shape, layout and dtype of another tensor."""

import numpy as np

from conformance.spec import ALL, CELL_DTYPE, PRESERVED, Cost, Draw, Form, Law, Spec, dense
from conformance.spec.families.creation import like_forms, like_laws, like_refusals, unsupported_when_compiled


def arguments(draw: Draw):
    """The tensor is now and then of another dtype than the one that is asked for."""
    kept = draw.choice((CELL_DTYPE, CELL_DTYPE, "float32", "int16", "complex64", "bool"))
    return {"input": draw.tensor(draw.shape(), dtype=kept)}


def oracle(input):
    return np.ones(input.shape, np.int8)


def workload(size):
    return {"input": dense((size // 64, 64))}


spec = Spec(
    operation="torch.ones_like",
    summary="Ones of the shape and memory order of a tensor, and of its dtype unless another is asked for.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.ones_like.html",
    arguments=arguments,
    forms=(
        Form("torch.ones_like(input, dtype=dtype)"),
        *like_forms("ones_like", ""),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=PRESERVED,
    unsupported_modes=unsupported_when_compiled(),
    refusals=(*like_refusals("ones_like", ""),),
    laws=(
        *like_laws("ones_like", ""),
        Law(
            "a tensor of the shape is ones",
            "torch.ones_like(input, dtype=dtype)",
            "torch.ones(input.shape, dtype=dtype)",
        ),
    ),
    cost=Cost(workload=workload, reference="copy"),
)
