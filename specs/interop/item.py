"""torch.Tensor.item: the only element of a tensor as a number of Python."""

import numpy as np

from conformance.spec import ALL, VALUE, Cost, Draw, Form, Law, Refusal, Spec, contents

from ._python import number_of


def arguments(draw: Draw):
    return {"input": draw.tensor((1,) * draw.integer(0, 4))}


def oracle(input):
    return number_of(input.reshape(()))


def above_int64(dtype, input):
    """The element is one that int64 does not have."""
    return dtype == "uint64" and bool(np.any(contents(input, dtype) >= 2**63))


def like(kinds):
    """The condition of a dtype whose elements are numbers of a kind."""
    return f"any(kind in dtype for kind in {kinds!r})"


NUMBERS = "dtype != 'bool' and 'complex' not in dtype"

spec = Spec(
    operation="torch.Tensor.item",
    summary="The element of a tensor of one, as a bool, an int, a float or a complex number.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.item.html",
    arguments=arguments,
    forms=(
        Form("input.item()"),
        Form("torch.Tensor.item(input)"),
        Form("input.reshape(()).tolist()"),
        Form("float(input)", when=like(("float",))),
        Form("int(input)", when=like(("int",))),
        Form("operator.index(input)", when=like(("int",))),
        Form("bool(input)", when=like(("bool",))),
        Form("complex(input)", when=like(("complex",))),
    ),
    dtypes=ALL,
    oracle=oracle,
    returns=VALUE,
    modes=(),
    refusals=(
        Refusal("two elements", "torch.ones(2, dtype=dtype).item()", RuntimeError),
        Refusal("no element", "torch.ones(0, dtype=dtype).item()", RuntimeError),
        Refusal("an argument", "input.item(0)", TypeError),
        Refusal("a tensor without values", "torch.ones(1, device='meta').item()", RuntimeError),
        Refusal("two elements as a fraction", "float(torch.ones(2, dtype=dtype))", (ValueError, RuntimeError)),
        Refusal("two elements as a whole number", "int(torch.ones(2, dtype=dtype))", (ValueError, RuntimeError)),
        Refusal("two elements as a truth value", "bool(torch.ones(2, dtype=dtype))", RuntimeError),
        Refusal("no element as a truth value", "bool(torch.ones(0, dtype=dtype))", RuntimeError),
        Refusal("a complex number as a fraction", "float(torch.tensor(1j))", RuntimeError),
        Refusal("a complex number as a whole number", "int(torch.tensor(1j))", RuntimeError),
        Refusal("NaN as a whole number", "int(torch.tensor(math.nan))", ValueError),
        Refusal("infinity as a whole number", "int(torch.tensor(math.inf))", OverflowError),
        Refusal("a fraction as a place", "operator.index(torch.tensor(2.0))", TypeError),
        Refusal("two whole numbers as a place", "operator.index(torch.tensor([1, 2]))", TypeError),
    ),
    laws=(
        Law(
            "a tensor of the number is the tensor",
            "torch.tensor(input.item(), dtype=dtype)",
            "input.reshape(())",
        ),
        Law("bool tells whether it is 0", "bool(input)", "input.item() != 0"),
        Law("float is that of the number", "repr(float(input))", "repr(float(input.item()))", when=NUMBERS),
        Law(
            "int cuts off towards 0",
            "[int(torch.tensor(one, dtype=dtype)) for one in (2.75, -2.75, 0.5)]",
            "[2, -2, 0]",
            when="'float' in dtype",
        ),
        Law(
            "an int of a large fraction is exact",
            "int(torch.tensor(2.0**70, dtype=dtype))",
            "2**70",
            when="dtype in ('bfloat16', 'float32', 'float64')",
        ),
        Law(
            "a tensor is a place in a list",
            "[10, 11, 12][torch.tensor(2, dtype=dtype)]",
            "12",
            when="dtype in ('uint8', 'int32', 'int64')",
        ),
    ),
    cost=Cost(dtypes=()),
    predicates=(above_int64,),
)
