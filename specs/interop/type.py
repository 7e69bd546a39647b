"""torch.Tensor.type: the tensor in another dtype, as do the methods named after dtypes, such as float."""

from conformance.spec import ALL, Cost, Draw, Form, Gradient, Law, Refusal, Spec

from ._conversions import (
    ITSELF,
    NAMES,
    SOURCE,
    gradient,
    gradient_bound,
    scratch,
    source,
    takes_source,
    workload,
)


def arguments(draw: Draw):
    return {"input": source(draw)}


def oracle(input):
    """The same numbers, which are then converted as NumPy does."""
    return input


def named_forms():
    """The methods that are named after dtypes."""
    return tuple(Form(f"input.{name}()", when=f"dtype == {dtype!r}") for dtype, name in NAMES.items())


spec = Spec(
    operation="torch.Tensor.type",
    summary="The tensor itself if it has the dtype, else a copy that has it: by type, type_as, float, long and others.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.type.html",
    arguments=arguments,
    forms=(
        Form("input.type(dtype)"),
        Form("input.type(dtype=dtype)"),
        Form("input.type(dtype, non_blocking=False)"),
        Form("input.type_as(torch.empty(0, dtype=dtype, device=device))"),
        Form("input.type_as(other=torch.empty(2, 3, dtype=dtype, device=device))"),
        *named_forms(),
    ),
    dtypes=ALL,
    takes=takes_source,
    oracle=oracle,
    memory=ITSELF,
    refusals=(
        Refusal("an unknown type", "input.type('Float')", ValueError),
        Refusal("a number", "input.type(1)", TypeError),
        Refusal("a number in place of the other tensor", "input.type_as(1)", TypeError),
        Refusal("type_as without a tensor", "input.type_as()", TypeError),
        Refusal("a number to the method float", "input.float(1)", TypeError),
        Refusal("a dtype to the method long", "input.long(dtype=torch.int32)", TypeError),
        Refusal(
            "channels_last for a tensor without four dimensions",
            "torch.ones(2, 3).int(memory_format=torch.channels_last)",
            RuntimeError,
        ),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source=SOURCE),
    laws=(
        Law(
            "a tensor of the dtype is returned itself",
            "input.type(dtype) is input",
            "True",
            when="input.dtype == 'subject'",
        ),
        Law(
            "a type that is told can be asked for",
            "input.type(dtype).type(torch.empty(0, dtype=dtype).type())",
            "input.type(dtype)",
        ),
        Law(
            "types of tensors stand for dtypes",
            "[str(torch.ones(2).type(f'torch.{name}Tensor').dtype) for name in ('Float', 'Double', 'Half', 'Long')]",
            "['torch.float32', 'torch.float64', 'torch.float16', 'torch.int64']",
        ),
        Law(
            "classes of tensors stand for dtypes",
            "[str(torch.ones(2).type(kind).dtype) for kind in (torch.DoubleTensor, torch.IntTensor, torch.BoolTensor)]",
            "['torch.float64', 'torch.int32', 'torch.bool']",
        ),
        Law(
            "fractions are cut off towards 0",
            "torch.tensor([-2.7, -0.5, 0.5, 2.7]).type(dtype)",
            "torch.tensor([-2, 0, 0, 2], dtype=dtype)",
            when="dtype in ('int8', 'int16', 'int32', 'int64')",
        ),
        Law(
            "everything but 0 is True",
            "torch.tensor([0.0, -0.0, 0.1, -3.0, math.nan, math.inf]).bool()",
            "torch.tensor([False, False, True, True, True, True])",
        ),
        Law(
            "whole numbers that are too large wrap",
            "torch.tensor([300, -1, 256]).byte()",
            "torch.tensor([44, 255, 0], dtype=torch.uint8)",
        ),
        Law(
            "numbers halfway between two halves round to even",
            "torch.tensor([2049.0, 2051.0]).half().tolist()",
            "[2048.0, 2052.0]",
        ),
    ),
    cost=Cost(scratch=scratch, workload=workload, reference="elementwise"),
)
