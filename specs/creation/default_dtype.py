"""torch.set_default_dtype: the floating dtype of what names none."""

import numpy as np

from conformance.spec import FLOATS, Cost, Draw, Form, Law, Refusal, Spec

from ._sequences import sequence, shape_of


def arguments(draw: Draw):
    return {"data": (sequence(draw, "float", shape_of(draw)),)}


def oracle(data):
    return np.array(data)


def while_default(call, dtype="dtype"):
    """A program that makes a call while a dtype is the default."""
    return f"""
    before = torch.get_default_dtype()
    torch.set_default_dtype({dtype})
    try:
        made = {call}
    finally:
        torch.set_default_dtype(before)
    made
    """


def form(title, call):
    return Form(while_default(call), title=title)


spec = Spec(
    operation="torch.set_default_dtype",
    summary="Sets the floating dtype of tensors that are made of fractions, or of a size, without a dtype.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.set_default_dtype.html",
    arguments=arguments,
    forms=(
        form("the default of torch.tensor", "torch.tensor(data)"),
        form("the default of as_tensor", "torch.as_tensor(data)"),
        form("the default of asarray", "torch.asarray(data)"),
        form("the default of a dtype that is given", "torch.tensor(data, dtype=torch.get_default_dtype())"),
        form("the default of the legacy constructor", "torch.Tensor(data)"),
        form("the default of an empty tensor that is filled", "torch.empty(np.shape(data)).copy_(torch.tensor(data))"),
        form("the default of stacked numbers", "torch.stack([torch.tensor(one) for one in data])"),
    ),
    dtypes=FLOATS,
    oracle=oracle,
    modes=(),
    refusals=(
        Refusal("a dtype of whole numbers", "torch.set_default_dtype(torch.int32)", TypeError),
        Refusal("a complex dtype", "torch.set_default_dtype(torch.complex64)", TypeError),
        Refusal("a boolean dtype", "torch.set_default_dtype(torch.bool)", TypeError),
        Refusal("a string", "torch.set_default_dtype('float32')", TypeError),
        Refusal("a call without a dtype", "torch.set_default_dtype()", TypeError),
        Refusal("a type of tensors of whole numbers", "torch.set_default_tensor_type('torch.IntTensor')", TypeError),
    ),
    laws=(
        Law("get_default_dtype returns what was set", while_default("torch.get_default_dtype() == dtype"), "True"),
        Law("whole numbers stay int64", while_default("torch.tensor([1, 2])"), "torch.tensor([1, 2])"),
        Law("booleans stay booleans", while_default("torch.tensor([True])"), "torch.tensor([True])"),
        Law(
            "zeros, ones, full and eye have the default",
            while_default("(torch.zeros(2), torch.ones(2), torch.full((2,), 0.5), torch.eye(2))"),
            "tuple(one.to(dtype) for one in (torch.zeros(2), torch.ones(2), torch.full((2,), 0.5), torch.eye(2)))",
        ),
        Law(
            "ranges of fractions have the default",
            while_default("(torch.arange(0.0, 2.0), torch.linspace(0, 1, 3), torch.logspace(0, 1, 1))"),
            "tuple(one.to(dtype) for one in (torch.arange(2), torch.tensor([0, 0.5, 1]), torch.ones(1)))",
        ),
        Law("ranges of whole numbers stay int64", while_default("torch.arange(3)"), "torch.tensor([0, 1, 2])"),
        Law(
            "whole numbers divide to the default",
            while_default("torch.tensor([1, 2]) / 2"),
            "torch.tensor([0.5, 1.0], dtype=dtype)",
        ),
        Law(
            "a complex number has parts of the default",
            while_default("torch.tensor(1j).dtype"),
            "{torch.float32: torch.complex64, torch.float64: torch.complex128}[dtype]",
            when="dtype in ('float32', 'float64')",
        ),
        Law(
            "a NumPy array keeps its dtype",
            while_default("torch.tensor(np.ones(2, np.float32))"),
            "torch.ones(2, dtype=torch.float32)",
        ),
    ),
    cost=Cost(dtypes=()),
)
