"""torch.mul: the product of two tensors, element by element."""

import numpy as np

from conformance.spec import (
    ALL,
    FLOATS,
    INTEGERS,
    PRESERVED,
    PROMOTED,
    SUBJECT,
    UPHELD,
    Claim,
    Cost,
    Draw,
    Form,
    Gradient,
    Law,
    Output,
    Refusal,
    Spec,
    category,
    contents,
    dense,
    rounded,
)


def arguments(draw: Draw):
    input_shape, other_shape = draw.shapes_together(2)
    dtypes = draw.dtypes_together()
    if dtypes == (SUBJECT, SUBJECT):
        return {"input": draw.tensor(input_shape), "other": draw.tensor(other_shape)}
    return {"input": draw.tensor(input_shape, dtype=dtypes[0]), "other": draw.tensor_beside(other_shape, dtypes[1])}


def oracle(input, other):
    """True * False is False; integers wrap."""
    return np.multiply(input, other)


def complex_bound(dtype, input, other):
    """The square root of 5, and that of 2 for products that underflow in both parts."""
    return 3.66


def gradient(incoming, results, input, other):
    return {"input": incoming[0] * np.conj(other), "other": incoming[0] * np.conj(input)}


def gradient_bound(dtype, input, other):
    """One product; a factor of another dtype is rounded to that of the result first, which counts twice.

    Nothing is promised where a factor of another dtype may leave the range of the result's.
    """
    if input.dtype == other.dtype:
        return 2 + (complex_bound(dtype, input, other) if category(dtype) == 3 else 0)
    factors = [contents(factor, dtype) for factor in (input, other)]
    largest = 65504 if any(factor.dtype == np.float16 for factor in factors) else 3.38e38
    sizes = np.concatenate([np.abs(factor.astype(np.clongdouble)).ravel() for factor in factors])
    return np.inf if np.any(np.isfinite(sizes) & (sizes > largest)) else 2 + complex_bound(dtype, input, other)


SAME = "input.dtype == other.dtype"
NUMBER = f"other.rank == 0 and {SAME}"


def workload(size):
    shape = (size // 64, 64)
    return {"input": dense(shape), "other": dense(shape)}


spec = Spec(
    operation="torch.mul",
    summary="input * other, broadcast and promoted; bool gives and, integers wrap, floats round once.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.mul.html",
    arguments=arguments,
    forms=(
        Form("torch.mul(input, other)"),
        Form("torch.mul(input=input, other=other)"),
        Form("torch.multiply(input, other)"),
        Form("input * other"),
        Form("operator.mul(input, other)"),
        Form("input.mul(other)"),
        Form("input.multiply(other=other)"),
        Form("torch.mul(input, other.item())", when=NUMBER),
        Form("input * other.item()", when=NUMBER),
        Form("other.item() * input", when=NUMBER),
        Form("input.mul_(other)", writes="input"),
        Form("input.multiply_(other)", writes="input"),
        Form("input.mul_(other.item())", when=NUMBER, writes="input"),
        Form("operator.imul(input, other)", writes="input"),
        Form("torch.mul(input, other, out=input)", writes="input"),
        Form("torch.mul(input, other, out=other)", writes="other"),
        Form("torch.mul(input, other, out=out)"),
        Form("torch.multiply(input, other, out=out)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    accuracy=rounded(
        complex_bound,
        "Brent, Percival & Zimmermann, Error bounds on complex floating-point multiplication, 2007, theorem 2",
    ),
    outputs=(Output(dtype=PROMOTED),),
    memory=PRESERVED,
    refusals=(
        Refusal(
            "sizes that do not go together",
            "torch.mul(input, input.new_zeros(input.shape[-1] + 2))",
            RuntimeError,
            when="input.rank > 0 and input.shape[-1] != 1",
        ),
        Refusal(
            "the same with out",
            "torch.mul(torch.ones(3, dtype=dtype), torch.ones(2, dtype=dtype), out=out)",
            RuntimeError,
        ),
        Refusal(
            "in place into too few elements",
            "torch.ones(1, dtype=dtype).mul_(torch.ones(3, dtype=dtype))",
            RuntimeError,
        ),
        Refusal("in place into too few dimensions", "out.mul_(torch.ones(2, 3, dtype=dtype))", RuntimeError),
        Refusal("a number above the dtype, in place", "torch.ones(2, dtype=torch.int32).mul_(0.5)", RuntimeError),
        Refusal(
            "complex into real",
            "torch.mul(torch.ones(3), torch.ones(3, dtype=torch.complex64), out=torch.ones(3))",
            RuntimeError,
        ),
        Refusal("no common dtype", "torch.ones(2, dtype=torch.uint16) * torch.ones(2, dtype=torch.int8)", RuntimeError),
        Refusal("out over a part of an operand", "torch.mul(out[:-1], out[:-1], out=out[1:])", RuntimeError),
        Refusal("in place over a part of the operand", "out[1:].mul_(out[:-1])", RuntimeError),
        Refusal("in place where places repeat", "out[:1].expand(3).mul_(out)", RuntimeError),
        Refusal("a string", "torch.mul(input, 'other')", TypeError),
        Refusal("nothing", "input * None", TypeError),
        Refusal("one operand", "torch.mul(input)", TypeError),
        Refusal("out that is no tensor", "torch.mul(input, other, out='out')", TypeError),
    ),
    gradient=Gradient(gradient, gradient_bound, "as the product itself"),
    laws=(
        Law(
            "the order does not matter",
            "other * input",
            "input * other",
            when=f"not dtype.startswith('complex') and {SAME}",
        ),
        Law(
            "broadcasting first changes nothing",
            "torch.mul(*torch.broadcast_tensors(input, other))",
            "input * other",
            when=f"not dtype.startswith('complex') and {SAME}",
        ),
        Law(
            "1 changes nothing",
            "input * torch.ones((), dtype=input.dtype)",
            "input",
            when="not dtype.startswith('complex') and input.dtype == 'subject'",
        ),
        Law(
            "twice is the sum",
            "input * 2",
            "input + input",
            when=f"dtype in {INTEGERS + FLOATS} and input.dtype == 'subject'",
        ),
        Law(
            "both signs change nothing",
            "-input * -other",
            "input * other",
            when=f"dtype in {INTEGERS + FLOATS} and {SAME}",
        ),
        Law(
            "onto itself in place",
            "(same := input.clone()).mul_(same)",
            "torch.mul(input, input)",
            when="not dtype.startswith('complex') and input.dtype == 'subject'",
        ),
        Law(
            "out of a wider dtype takes the converted product",
            "torch.mul(input, other, out=torch.empty((input * other).shape, dtype=torch.complex128))",
            "(input * other).to(torch.complex128)",
            when=SAME + " and not dtype.startswith('complex')",
        ),
        Law(
            "a whole number keeps the dtype",
            "input * 3",
            "input * torch.full((), 3, dtype=input.dtype)",
            when="dtype != 'bool' and input.dtype == 'subject'",
        ),
        Law(
            "a fraction makes integers float",
            "input * 0.5",
            "input.to(torch.float32) * 0.5",
            when="dtype.startswith(('bool', 'int', 'uint')) and input.dtype == 'subject'",
        ),
        Law(
            "operands of a narrower dtype are multiplied in the wider",
            "(torch.full((3,), 100, dtype=torch.int8) * torch.full((3,), 10, dtype=torch.int16)).tolist()",
            "[1000] * 3",
        ),
    ),
    cost=Cost(workload=workload, numpy="np.multiply(input, other)"),
    claims=(
        Claim(
            "star-is-by-element",
            "003 29-30",
            "* multiplies element by element.",
            UPHELD,
            """
            a, b = torch.tensor([[1, 2], [3, 4]]), torch.tensor([[5, 6], [7, 8]])
            (a * b).tolist() == [[5, 12], [21, 32]] and (a @ b).tolist() == [[19, 22], [43, 50]]
            """,
        ),
    ),
)
