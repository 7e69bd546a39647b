"""torch.Tensor, torch.FloatTensor and others: constructors older than torch.tensor, of numbers or of a size."""

import numpy as np

from conformance.spec import BOOL, FLOATS, INTEGERS, Cost, Draw, Form, Law, Refusal, Spec

from ._sequences import sequence, takes_all

TYPES = {
    "bool": "Bool", "uint8": "Byte", "int8": "Char", "int16": "Short", "int32": "Int", "int64": "Long",
    "float16": "Half", "bfloat16": "BFloat16", "float32": "Float", "float64": "Double",
}  # fmt: skip
"""The name of the constructor of each dtype."""

CONSTRUCTOR = f"getattr(torch, {TYPES!r}[str(dtype)[6:]] + 'Tensor')"


def arguments(draw: Draw):
    """A sequence of at least one dimension."""
    shape = (draw.choice((2, 3, 1, 0, 33, 1025)), *(draw.choice((1, 2, 3)) for _ in range(draw.integer(0, 2))))
    kind = draw.choice(("bool", "int", "any int", "float", "int and float"))
    return {"data": sequence(draw, kind, shape if shape[0] else (0,))}


def takes(dtype, data):
    return takes_all(dtype, data)


def oracle(data):
    return np.array(data)


def constructor_forms():
    """The constructor of each dtype by its name."""
    return tuple(Form(f"torch.{name}Tensor(data)", when=f"dtype == {dtype!r}") for dtype, name in TYPES.items())


def lists(data):
    return f"(lambda part: [list(one) if isinstance(one, tuple) else one for one in part])({data})"


spec = Spec(
    operation="torch.Tensor",
    summary="A tensor of the numbers in a sequence, or of a size with any elements, in the dtype of the constructor.",
    documentation="https://docs.pytorch.org/docs/stable/tensors.html",
    arguments=arguments,
    forms=(
        Form("torch.empty(0, dtype=dtype, device=device).new(data)"),
        Form("torch.empty(2, 3, dtype=dtype, device=device).new(data)"),
        *constructor_forms(),
        Form("torch.Tensor(data)", when="dtype == 'float32'"),
        Form(f"torch.Tensor({lists('data')})", when="dtype == 'float32'"),
        Form("torch.Tensor(np.array(data, np.float32))", when="dtype == 'float32'"),
    ),
    dtypes=BOOL + INTEGERS + FLOATS,
    takes=takes,
    oracle=oracle,
    modes=(),
    refusals=(
        Refusal("a fraction as the size", "torch.Tensor(2.0)", TypeError),
        Refusal("a string", "torch.Tensor('2')", TypeError),
        Refusal("None", "torch.Tensor(None)", TypeError),
        Refusal("a negative size", "torch.Tensor(-1)", RuntimeError),
        Refusal("a dtype", "torch.Tensor(2, dtype=torch.int32)", TypeError),
        Refusal("rows of different lengths", "torch.Tensor([[1], [2, 3]])", ValueError),
        Refusal("a complex number", "torch.Tensor([1j])", TypeError),
        Refusal("a tensor of another dtype", "torch.FloatTensor(torch.ones(2, dtype=torch.float64))", TypeError),
        Refusal("a number above the range of the dtype", "torch.ByteTensor([300])", RuntimeError),
    ),
    laws=(
        Law("numbers one by one are a size", f"list({CONSTRUCTOR}(2, 3).shape)", "[2, 3]"),
        Law("a number alone is a size", f"list({CONSTRUCTOR}(4).shape)", "[4]"),
        Law("a torch.Size is a size", f"list({CONSTRUCTOR}(torch.Size([2, 3])).shape)", "[2, 3]"),
        Law("a constructor of a size has its dtype", f"{CONSTRUCTOR}(2, 3).dtype == dtype", "True"),
        Law("nothing makes an empty tensor", f"{CONSTRUCTOR}()", "torch.empty(0, dtype=dtype)"),
        Law("a tuple holds numbers and no size", f"{CONSTRUCTOR}((2, 3))", "torch.tensor([2, 3], dtype=dtype)"),
        Law("new takes a size as well", "torch.empty(0, dtype=dtype).new(2, 3).dtype == dtype", "True"),
        Law(
            "a tensor of the dtype shares its memory",
            f"made = torch.zeros(3, dtype=dtype)\n{CONSTRUCTOR}(made)[1] = 1\nmade",
            "torch.tensor([0, 1, 0], dtype=dtype)",
        ),
        Law(
            "a tensor is an instance of the class of its dtype",
            f"isinstance(torch.zeros(1, dtype=dtype), {CONSTRUCTOR})",
            "True",
        ),
    ),
    cost=Cost(dtypes=()),
)
