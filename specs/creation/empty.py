"""torch.empty: a tensor of memory that nothing was written to."""

import numpy as np

from conformance.spec import ALL, Allowed, Cost, Form, Law, Refusal, Spec, UnsupportedMode
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

from ._filled import arguments, workload


def anything(array):
    return np.ones(array.shape, bool)


def oracle(size):
    return Allowed(size, anything, "any elements", varies=True)


spec = Spec(
    operation="torch.empty",
    summary="A tensor of a size in new memory that nothing was written to.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.empty.html",
    arguments=arguments,
    forms=(
        Form("torch.empty(size, dtype=dtype, device=device)"),
        Form("torch.empty(size)", when=DEFAULT),
        *size_forms("empty"),
        *spread_size_forms("empty"),
        Form("torch.empty(size, dtype=dtype, memory_format=torch.contiguous_format)"),
        *keyword_forms("empty", "size"),
        *surrounding_forms("empty", "size"),
        *new_forms("empty"),
        Form("torch.empty(0, dtype=dtype, device=device).new_empty(*size)", when="size"),
        Form("torch.empty_permuted(size, tuple(range(len(size))), dtype=dtype, device=device)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    modes=modes_without_tensors(),
    unsupported_modes=(
        *unsupported_when_compiled(),
        UnsupportedMode(
            "functionalize",
            RuntimeError,
            "empty with out= has no functional counterpart, as its result has no value",
            when="'an out of' in form",
        ),
    ),
    refusals=(
        *size_refusals("empty"),
        *keyword_refusals("empty", "size"),
        *out_refusals("empty", "size"),
        Refusal("True as the size", "torch.empty(True)", TypeError),
        Refusal(
            "channels_last for a size without four dimensions",
            "torch.empty((2, 3), dtype=dtype, memory_format=torch.channels_last)",
            RuntimeError,
        ),
        Refusal(
            "preserve_format without a tensor to preserve that of",
            "torch.empty((2, 3), dtype=dtype, memory_format=torch.preserve_format)",
            RuntimeError,
        ),
        Refusal("fewer strides than sizes", "torch.empty_strided((2, 3), (1,), dtype=dtype)", RuntimeError),
        Refusal("a negative stride", "torch.empty_strided((2, 3), (3, -1), dtype=dtype)", RuntimeError),
        Refusal(
            "an order that names a dimension twice", "torch.empty_permuted((2, 3), (0, 0), dtype=dtype)", RuntimeError
        ),
    ),
    laws=(
        Law("the shape is the size", "tuple(torch.empty(size, dtype=dtype).shape)", "size"),
        Law("no gradient is required unless asked for", "torch.empty(size, dtype=dtype).requires_grad", "False"),
        Law(
            "requires_grad is as asked for",
            "torch.empty(size, dtype=dtype, requires_grad=True).requires_grad",
            "True",
            when="'float' in dtype",
        ),
        Law(
            "channels_last orders the memory by channels last",
            "torch.empty(size, dtype=dtype, memory_format=torch.channels_last).permute(0, 2, 3, 1).is_contiguous()",
            "True",
            when="len(size) == 4",
        ),
        Law(
            "empty_permuted orders the memory as it is told",
            "torch.empty_permuted(size, (1, 0), dtype=dtype).mT.is_contiguous()",
            "True",
            when="len(size) == 2",
        ),
        Law(
            "empty_strided has the strides that it is given",
            "torch.empty_strided(size, tuple(range(2, len(size) + 2)), dtype=dtype).stride()",
            "tuple(range(2, len(size) + 2))",
            when="math.prod(size) < 1000",
        ),
        Law(
            "the method takes the dtype of its tensor",
            "torch.empty(0, dtype=dtype).new_empty(size).dtype == torch.empty(size, dtype=dtype).dtype",
            "True",
        ),
    ),
    cost=Cost(workload=workload, reference="view", growth_exponent=0.0),
)
