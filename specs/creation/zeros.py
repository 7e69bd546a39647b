"""torch.zeros: a tensor of zeros."""

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
    return np.zeros(size, np.int8)


def workload(size):
    return {"size": (size // 64, 64)}


spec = Spec(
    operation="torch.zeros",
    summary="A tensor of a size, filled with 0, in a dtype and on a device, or in torch's default ones.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.zeros.html",
    arguments=arguments,
    forms=(
        Form("torch.zeros(size, dtype=dtype, device=device)"),
        Form("torch.zeros(size)", when=DEFAULT),
        *size_forms("zeros"),
        *spread_size_forms("zeros"),
        *keyword_forms("zeros", "size"),
        *surrounding_forms("zeros", "size"),
        *new_forms("zeros"),
        Form("torch.empty(0, dtype=dtype, device=device).new_zeros(*size)", when="size"),
    ),
    dtypes=ALL,
    oracle=oracle,
    modes=modes_without_tensors(),
    unsupported_modes=unsupported_when_compiled(),
    refusals=(
        *size_refusals("zeros"),
        *keyword_refusals("zeros", "size"),
        *out_refusals("zeros", "size"),
        Refusal("True as the size", "torch.zeros(True)", TypeError),
        Refusal("a tuple and a number as the size", "torch.zeros((2, 3), 4)", TypeError),
        Refusal("a negative size, by the method", "torch.ones(2).new_zeros((-1,))", RuntimeError),
    ),
    laws=(
        Law(
            "adding zeros to ones changes nothing",
            "torch.ones(size, dtype=dtype) + torch.zeros(size, dtype=dtype)",
            "torch.ones(size, dtype=dtype)",
            when="dtype not in ('uint16', 'uint32', 'uint64')",
        ),
        Law(
            "requires_grad is as asked for",
            "torch.zeros(size, dtype=dtype, requires_grad=True).requires_grad",
            "True",
            when="'float' in dtype",
        ),
        Law("the shape is the size", "tuple(torch.zeros(size, dtype=dtype).shape)", "size"),
        Law("no gradient is required unless asked for", "torch.zeros(size, dtype=dtype).requires_grad", "False"),
    ),
    cost=Cost(workload=workload, reference="copy"),
)
