"""torch.ones: a tensor of ones."""

import numpy as np

from conformance.spec import ALL, Cost, Draw, Form, Law, Refusal, Spec
from conformance.spec.families.creation import (
    DEFAULT,
    keyword_forms,
    keyword_refusals,
    modes_without_tensors,
    new_forms,
    out_refusals,
    size_forms,
    size_refusals,
    spread_size_forms,
    surrounding_forms,
    unsupported_when_compiled,
)


def arguments(draw: Draw):
    return {"size": draw.shape()}


def oracle(size):
    return np.ones(size, np.int8)


def workload(size):
    return {"size": (size // 64, 64)}


spec = Spec(
    operation="torch.ones",
    summary="A tensor of a size, filled with 1, in a dtype and on a device, or in torch's default ones.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.ones.html",
    arguments=arguments,
    forms=(
        Form("torch.ones(size, dtype=dtype, device=device)"),
        Form("torch.ones(size)", when=DEFAULT),
        *size_forms("ones"),
        *spread_size_forms("ones"),
        *keyword_forms("ones", "size"),
        *surrounding_forms("ones", "size"),
        *new_forms("ones"),
        Form("torch.empty(0, dtype=dtype, device=device).new_ones(*size)", when="size"),
    ),
    dtypes=ALL,
    oracle=oracle,
    modes=modes_without_tensors(),
    unsupported_modes=unsupported_when_compiled(),
    refusals=(
        *size_refusals("ones"),
        *keyword_refusals("ones", "size"),
        *out_refusals("ones", "size"),
        Refusal("True as the size", "torch.ones(True)", TypeError),
        Refusal("a tuple and a number as the size", "torch.ones((2, 3), 4)", TypeError),
        Refusal("a negative size, by the method", "torch.ones(2).new_ones((-1,))", RuntimeError),
    ),
    laws=(
        Law(
            "multiplying ones by ones gives ones",
            "torch.ones(size, dtype=dtype) * torch.ones(size, dtype=dtype)",
            "torch.full(size, 1, dtype=dtype)",
            when="dtype not in ('uint16', 'uint32', 'uint64')",
        ),
        Law(
            "requires_grad is as asked for",
            "torch.ones(size, dtype=dtype, requires_grad=True).requires_grad",
            "True",
            when="'float' in dtype",
        ),
        Law("the shape is the size", "tuple(torch.ones(size, dtype=dtype).shape)", "size"),
        Law("no gradient is required unless asked for", "torch.ones(size, dtype=dtype).requires_grad", "False"),
    ),
    cost=Cost(workload=workload, reference="copy"),
)
