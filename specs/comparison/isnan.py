"""torch.isnan: whether each element of a tensor is NaN."""

import numpy as np

from conformance.spec import (
    ALL,
    BOOL,
    CELL_DTYPE,
    INTEGERS,
    LANDMARKS,
    PRESERVED,
    WIDE_UNSIGNED,
    Cost,
    Draw,
    Form,
    Law,
    Output,
    Refusal,
    Spec,
    dense,
)


def arguments(draw: Draw):
    """In half of all tensors the special values are NaN."""
    return {"input": draw.tensor(draw.shape(), landmarks=draw.choice((LANDMARKS, ("nan",))))}


def oracle(input):
    """A complex number is NaN if one of its parts is; whole numbers and booleans never are."""
    return (
        np.isnan(input) if input.dtype.kind in "fc" or input.dtype.name == "bfloat16" else np.zeros(input.shape, bool)
    )


def workload(size):
    return {"input": dense((size // 64, 64))}


spec = Spec(
    operation="torch.isnan",
    summary="True where an element is NaN; a complex one if either part is; False throughout for whole numbers.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.isnan.html",
    arguments=arguments,
    forms=(
        Form("torch.isnan(input)"),
        Form("torch.isnan(input=input)"),
        Form("input.isnan()"),
    ),
    dtypes=ALL,
    oracle=oracle,
    outputs=(Output(dtype="bool"),),
    common_dtype=CELL_DTYPE,
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        Refusal("a number in place of the tensor", "torch.isnan(1.0)", TypeError),
        Refusal("a list in place of the tensor", "torch.isnan([1.0])", TypeError),
        Refusal("a call without a tensor", "torch.isnan()", TypeError),
        Refusal("an out", "torch.isnan(input, out=out)", TypeError),
        Refusal("a second tensor", "torch.isnan(input, input)", TypeError),
    ),
    laws=(
        Law("NaN alone is unequal to itself", "torch.isnan(input)", "torch.ne(input, input)"),
        Law(
            "an element that is neither finite nor infinite is NaN",
            "torch.isnan(input)",
            "~(torch.isfinite(input) | torch.isinf(input))",
            when="'complex' not in dtype",
        ),
        Law(
            "a complex number is NaN if one of its parts is",
            "torch.isnan(input)",
            "torch.isnan(input.real) | torch.isnan(input.imag)",
            when="dtype.startswith('complex')",
        ),
        Law(
            "no whole number and no boolean is NaN",
            "torch.isnan(input)",
            "torch.zeros_like(input, dtype=torch.bool)",
            when=f"dtype in {BOOL + INTEGERS + WIDE_UNSIGNED}",
        ),
        Law(
            "what is replaced by nan_to_num is what was NaN",
            "torch.isnan(torch.nan_to_num(input, nan=0.0, posinf=math.inf, neginf=-math.inf))",
            "torch.zeros_like(input, dtype=torch.bool)",
            when="'float' in dtype",
        ),
    ),
    cost=Cost(workload=workload, reference="elementwise"),
)
