"""torch.tensor: a tensor of numbers in nested sequences."""

import numpy as np

from conformance.spec import ALL, Cost, Draw, Form, Law, Refusal, Spec
from conformance.spec.families.creation import INEXACT, modes_without_tensors, unsupported_when_compiled

from ._numbers import is_negative_zero
from ._sequences import INFERRED, kind_of, numbers_in, sequence, shape_of, takes_all


def arguments(draw: Draw):
    """`inferred` is the dtype that the numbers give where none is asked for."""
    shape = shape_of(draw)
    kind = kind_of(draw, shape)
    data = sequence(draw, "int" if kind == "empty" else kind, shape)
    return {"data": data, "inferred": INFERRED.get(kind, "float32")}


def takes(dtype, data, inferred):
    """Of fractions uint64 is left out: it alone is read from whole numbers."""
    return takes_all(dtype, data) and (dtype != "uint64" or all(isinstance(one, int) for one in numbers_in(data)))


def oracle(data, inferred):
    return np.array(data)


def is_given_negative_zero(dtype, data, inferred):
    """One of the numbers is -0.0."""
    return any(is_negative_zero(number) for number in numbers_in(data))


LISTS = """
    def lists(part):
        return [lists(one) for one in part] if isinstance(part, tuple) else part
"""

spec = Spec(
    operation="torch.tensor",
    summary="A new tensor of the numbers in nested sequences; without a dtype bool, int64, float32 or complex64.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.tensor.html",
    arguments=arguments,
    forms=(
        Form("torch.tensor(data, dtype=dtype, device=device)"),
        Form("torch.tensor(data)", when="dtype == inferred"),
        Form("torch.tensor(data=data, dtype=dtype, device=device)"),
        Form("torch.tensor(data, dtype=dtype, device=device, requires_grad=False, pin_memory=False)"),
        Form("torch.tensor(data, dtype=dtype, device=device, requires_grad=True)", when=INEXACT),
        Form(f"{LISTS}\n    torch.tensor(lists(data), dtype=dtype, device=device)", title="lists"),
        Form("torch.tensor(np.array(data), dtype=dtype, device=device)"),
        Form("torch.asarray(data, dtype=dtype, device=device)"),
        Form("torch.asarray(data)", when="dtype == inferred"),
        Form("torch.empty(0, dtype=dtype, device=device).new_tensor(data)"),
        Form("torch.empty(0, device=device).new_tensor(data, dtype=dtype, requires_grad=False)"),
    ),
    dtypes=ALL,
    takes=takes,
    oracle=oracle,
    modes=modes_without_tensors(),
    unsupported_modes=unsupported_when_compiled(),
    refusals=(
        Refusal("a call without data", "torch.tensor()", TypeError),
        Refusal("rows of different lengths", "torch.tensor([[1, 2], [3]], dtype=dtype)", ValueError),
        Refusal("a string", "torch.tensor('1', dtype=dtype)", TypeError),
        Refusal("a string among numbers", "torch.tensor([1, '2'])", TypeError),
        Refusal("None", "torch.tensor(None)", RuntimeError),
        Refusal("None in a list", "torch.tensor([None])", RuntimeError),
        Refusal("a dictionary", "torch.tensor({1: 2})", RuntimeError),
        Refusal("a set", "torch.tensor({1, 2})", RuntimeError),
        Refusal("a list beside numbers", "torch.tensor([1, [2]])", TypeError),
        Refusal("a number beside lists", "torch.tensor([[1], 2], dtype=dtype)", TypeError),
        Refusal("a dtype as a positional argument", "torch.tensor(data, dtype)", TypeError),
        Refusal("a string as the dtype", "torch.tensor(data, dtype='float32')", TypeError),
        Refusal("a device that there is none of", "torch.tensor(data, device='nowhere')", RuntimeError),
        Refusal("a number above the range of the dtype", "torch.tensor([300], dtype=torch.uint8)", RuntimeError),
        Refusal("NaN for whole numbers", "torch.tensor([math.nan], dtype=torch.int32)", RuntimeError),
        Refusal("a complex number for a real dtype", "torch.tensor([1j], dtype=torch.float32)", TypeError),
        Refusal("a whole number that 64 bits do not hold", "torch.tensor([2**63])", (ValueError, RuntimeError)),
        Refusal("gradients of whole numbers", "torch.tensor([1], requires_grad=True)", RuntimeError),
        Refusal("a tensor as out", "torch.tensor([1], out=out)", TypeError),
    ),
    laws=(
        Law(
            "tolist gives the sequences back",
            "torch.tensor(data, dtype=dtype).tolist()",
            f"{LISTS}\n    lists(data)",
            when="dtype == 'int64' and inferred == 'int64' and 'True' not in str(data) and 'False' not in str(data)",
        ),
        Law(
            "a later change of an array is not seen",
            "given = np.arange(3)\nmade = torch.tensor(given)\ngiven[0] = 5\nint(made[0])",
            "0",
        ),
        Law("no gradient is required unless asked for", "torch.tensor(data, dtype=dtype).requires_grad", "False"),
        Law(
            "a result that requires gradients is a leaf",
            "made = torch.tensor(data, dtype=dtype, requires_grad=True)\n(made.requires_grad, made.is_leaf)",
            "(True, True)",
            when=INEXACT,
        ),
        Law(
            "tensors without dimensions count as their numbers",
            "torch.tensor([torch.tensor(1, dtype=dtype), torch.tensor(0, dtype=dtype)])",
            "torch.tensor([1, 0], dtype=dtype)",
            when="dtype in ('int64', 'float32')",
        ),
    ),
    cost=Cost(dtypes=()),
    predicates=(is_given_negative_zero,),
)
