"""torch.Tensor.contiguous: the tensor itself where its elements lie in row-major order, else a copy that does."""

from conformance.spec import (
    ALL,
    DATA_MOVEMENT,
    Cost,
    Draw,
    Form,
    Law,
    Refusal,
    Spec,
    View,
    dense,
    views,
)
from conformance.spec.families.copies import in_row_major_order, scratch_of_copy


def arguments(draw: Draw):
    return {"input": draw.tensor(draw.shape())}


def oracle(input):
    return input


def geometry(input):
    """Strides of dimensions with one place do not matter, and nothing does where there is no element."""
    in_order = in_row_major_order(input) or input.numel == 0
    return [View(input.shape, input.strides, input.offset)] if in_order else None


def workload(size):
    return {"input": dense((size // 64, 64))}


LAID_OUT = "np.lib.stride_tricks.as_strided(np.empty(1, np.int8), input.shape, input.stride())"
"""An array with the geometry of the input, in which each element takes one byte."""

spec = Spec(
    operation="torch.Tensor.contiguous",
    summary="The tensor itself if its elements lie in row-major order without gaps, else a copy in that order.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.contiguous.html",
    arguments=arguments,
    forms=(
        Form("input.contiguous()"),
        Form("input.contiguous(memory_format=torch.contiguous_format)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=views("input", geometry),
    refusals=(
        Refusal("a memory format as a positional argument", "input.contiguous(torch.contiguous_format)", TypeError),
        Refusal("a string as the memory format", "input.contiguous(memory_format='contiguous')", TypeError),
        Refusal(
            "preserve_format as the memory format",
            "torch.zeros(2, 3, dtype=dtype).t().contiguous(memory_format=torch.preserve_format)",
            RuntimeError,
        ),
        Refusal(
            "channels_last for a tensor without four dimensions",
            "torch.zeros(2, 3, 2, dtype=dtype).contiguous(memory_format=torch.channels_last)",
            RuntimeError,
        ),
        Refusal(
            "channels_last_3d for a tensor without five dimensions",
            "torch.zeros(2, 3, 2, 2, dtype=dtype).contiguous(memory_format=torch.channels_last_3d)",
            RuntimeError,
        ),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law(
            "is_contiguous tells row-major order",
            "input.is_contiguous()",
            f"bool({LAID_OUT}.flags.c_contiguous)",
        ),
        Law("a contiguous tensor is returned itself", "input.contiguous() is input", "input.is_contiguous()"),
        Law("the result is contiguous", "input.contiguous().is_contiguous()", "True"),
        Law(
            "a second call returns the tensor of the first", "(once := input.contiguous()).contiguous() is once", "True"
        ),
        Law(
            "the result is the clone in row-major order",
            "input.contiguous()",
            "input.clone(memory_format=torch.contiguous_format)",
        ),
        Law(
            "channels_last keeps the elements",
            "input.contiguous(memory_format=torch.channels_last)",
            "input",
            when="input.rank == 4",
        ),
        Law(
            "channels_last orders the memory by channels last",
            "input.contiguous(memory_format=torch.channels_last).permute(0, 2, 3, 1).is_contiguous()",
            "True",
            when="input.rank == 4",
        ),
        Law(
            "is_contiguous tells the channels_last order",
            "input.is_contiguous(memory_format=torch.channels_last)",
            "input.contiguous(memory_format=torch.channels_last) is input",
            when="input.rank == 4",
        ),
        Law(
            "channels_last_3d orders the memory by channels last",
            "input.contiguous(memory_format=torch.channels_last_3d).permute(0, 2, 3, 4, 1).is_contiguous()",
            "True",
            when="input.rank == 5",
        ),
    ),
    cost=Cost(
        scratch=scratch_of_copy,
        workload=workload,
        reference="view",
        strided_reference="copy",
        growth_exponent=0.0,
    ),
)
