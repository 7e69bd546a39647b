"""torch.sub: the difference of two tensors, element by element, the second one times alpha."""

import numpy as np

from conformance.spec import (
    COMPLEXES,
    FLOATS,
    INTEGERS,
    MOVED,
    PRESERVED,
    PROMOTED,
    ROUNDED,
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
    contents,
    dense,
)

# bool, with which nothing is subtracted, is the partner after the dtype itself; past the last one they start anew.
BOOL_PARTNERS = ("partner1", "partner12")


def arguments(draw: Draw):
    input_shape, other_shape = draw.shapes_together(2)
    dtypes = draw.dtypes_together()
    draw.require(not set(BOOL_PARTNERS) & set(dtypes))
    if dtypes == (SUBJECT, SUBJECT):
        return {"input": draw.tensor(input_shape), "other": draw.tensor(other_shape)}
    return {"input": draw.simple_tensor(input_shape, dtypes[0]), "other": draw.simple_tensor(other_shape, dtypes[1])}


def oracle(input, other):
    """Integers wrap; complex numbers are subtracted by part."""
    return np.subtract(input, other)


def alpha_mixes_parts(dtype, input, other):
    """Complex numbers where other times -1+0j is not -other: infinite or NaN parts, or zeros that a -0.0 shows."""
    if dtype not in COMPLEXES:
        return False
    first, second = contents(input, dtype), contents(other, dtype)
    shown = any((np.signbit(part) & (part == 0)).any() for part in (first.real, first.imag))
    return bool(shown) or not np.isfinite(second).all()


SAME = "input.dtype == other.dtype"
NUMBER = f"other.rank == 0 and {SAME}"
PLAIN = "all(t.values.kind in ('counting', 'few', 'normal') and not t.values.edits for t in (input, other))"


def gradient(incoming, results, input, other):
    return {"input": incoming[0], "other": -incoming[0]}


def workload(size):
    shape = (size // 64, 64)
    return {"input": dense(shape), "other": dense(shape)}


spec = Spec(
    operation="torch.sub",
    summary="input - alpha * other, broadcast and promoted; integers wrap, floats round once, bool is refused.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.sub.html",
    arguments=arguments,
    forms=(
        Form("torch.sub(input, other)"),
        Form("torch.sub(input=input, other=other)"),
        Form("torch.sub(input, other, alpha=1)"),
        Form("torch.subtract(input, other)"),
        Form("torch.rsub(other, input)"),
        Form("input - other"),
        Form("operator.sub(input, other)"),
        Form("input.sub(other)"),
        Form("input.subtract(other=other, alpha=1)"),
        Form("torch.sub(input, other.item())", when=NUMBER),
        Form("input - other.item()", when=NUMBER),
        Form("input.item() - other", when=f"input.rank == 0 and {SAME}"),
        Form("input.sub_(other)", writes="input"),
        Form("input.subtract_(other)", writes="input"),
        Form("input.sub_(other.item())", when=NUMBER, writes="input"),
        Form("operator.isub(input, other)", writes="input"),
        Form("torch.sub(input, other, out=input)", writes="input"),
        Form("torch.sub(input, other, out=other)", writes="other"),
        Form("torch.sub(input, other, out=out)"),
        Form("torch.subtract(input, other, alpha=1, out=out)"),
    ),
    dtypes=INTEGERS + FLOATS + COMPLEXES,
    oracle=oracle,
    accuracy=ROUNDED,
    outputs=(Output(dtype=PROMOTED),),
    memory=PRESERVED,
    refusals=(
        Refusal(
            "sizes that do not go together",
            "torch.sub(input, input.new_zeros(input.shape[-1] + 2))",
            RuntimeError,
            when="input.rank > 0 and input.shape[-1] != 1",
        ),
        Refusal(
            "the same with out",
            "torch.sub(torch.ones(3, dtype=dtype), torch.ones(2, dtype=dtype), out=out)",
            RuntimeError,
        ),
        Refusal("bool subtracted", "torch.sub(input, torch.ones(1, dtype=torch.bool))", RuntimeError),
        Refusal("bool to subtract from", "torch.ones(1, dtype=torch.bool) - other", RuntimeError),
        Refusal("bool from bool", "torch.ones(1, dtype=torch.bool) - torch.ones(1, dtype=torch.bool)", RuntimeError),
        Refusal(
            "in place into too few elements",
            "torch.ones(1, dtype=dtype).sub_(torch.ones(3, dtype=dtype))",
            RuntimeError,
        ),
        Refusal("in place into too few dimensions", "out.sub_(torch.ones(2, 3, dtype=dtype))", RuntimeError),
        Refusal("a number above the dtype, in place", "torch.ones(2, dtype=torch.int32).sub_(0.5)", RuntimeError),
        Refusal(
            "complex into real",
            "torch.sub(torch.ones(3), torch.ones(3, dtype=torch.complex64), out=torch.ones(3))",
            RuntimeError,
        ),
        Refusal("out over a part of an operand", "torch.sub(out[:-1], out[:-1], out=out[1:])", RuntimeError),
        Refusal("in place over a part of the operand", "out[1:].sub_(out[:-1])", RuntimeError),
        Refusal("in place where places repeat", "out[:1].expand(3).sub_(out)", RuntimeError),
        Refusal(
            "a fraction of integers",
            "torch.sub(input, other, alpha=0.5)",
            RuntimeError,
            when=f"dtype in {INTEGERS} and {SAME}",
        ),
        Refusal(
            "a complex multiple of real numbers",
            "torch.sub(input, other, alpha=1j)",
            RuntimeError,
            when=f"not dtype.startswith('complex') and {SAME}",
        ),
        Refusal("alpha that is no number", "torch.sub(input, other, alpha='1')", TypeError),
        Refusal("a string", "torch.sub(input, 'other')", TypeError),
        Refusal("nothing", "input - None", TypeError),
        Refusal("one operand", "torch.sub(input)", TypeError),
        Refusal("out that is no tensor", "torch.sub(input, other, out='out')", TypeError),
    ),
    gradient=Gradient(gradient, landmarks=MOVED.landmarks),
    laws=(
        Law(
            "the other way round is the negative",
            "-(other - input)",
            "input - other",
            when=f"dtype in {INTEGERS} and {SAME}",
        ),
        Law(
            "adding the negative is the same",
            "input + -other",
            "input - other",
            when=f"dtype in {INTEGERS + FLOATS} and {SAME}",
        ),
        Law(
            "broadcasting first changes nothing",
            "torch.sub(*torch.broadcast_tensors(input, other))",
            "input - other",
            when=SAME,
        ),
        Law(
            "0 changes nothing",
            "input - torch.zeros((), dtype=input.dtype)",
            "input",
            when=f"dtype in {INTEGERS + FLOATS} and input.dtype == 'subject'",
        ),
        Law(
            "alpha of integers is exact",
            "torch.sub(input, other, alpha=3)",
            "input - other - other - other",
            when=f"dtype in {INTEGERS} and {SAME}",
        ),
        Law(
            "alpha counts the second operand",
            "torch.sub(input, other, alpha=2)",
            "input - (other + other)",
            when=f"dtype in {FLOATS} and {SAME} and {PLAIN}",
        ),
        Law(
            "alpha counts the second operand of rsub",
            "torch.rsub(other, input, alpha=3)",
            "other * -3 + input",
            when=f"dtype in {INTEGERS} and {SAME}",
        ),
        Law(
            "alpha in place",
            "input.clone().sub_(other, alpha=2)",
            "torch.sub(input, other, alpha=2)",
            when=f"dtype in {INTEGERS} and {SAME} and np.broadcast_shapes(input.shape, other.shape) == input.shape",
        ),
        Law(
            "onto itself in place",
            "(same := input.clone()).sub_(same)",
            "torch.sub(input, input)",
            when="input.dtype == 'subject'",
        ),
        Law(
            "out of a wider dtype takes the converted difference",
            "torch.sub(input, other, out=torch.empty((input - other).shape, dtype=torch.complex128))",
            "(input - other).to(torch.complex128)",
        ),
        Law(
            "a whole number keeps the dtype",
            "input - 1",
            "input - torch.ones((), dtype=input.dtype)",
            when="input.dtype == 'subject'",
        ),
        Law(
            "a fraction makes integers float",
            "0.5 - input",
            "0.5 - input.to(torch.float32)",
            when=f"dtype in {INTEGERS} and input.dtype == 'subject'",
        ),
    ),
    predicates=(alpha_mixes_parts,),
    cost=Cost(workload=workload, numpy="np.subtract(input, other)"),
    claims=(
        Claim(
            "underscore-is-minus-and-assign",
            "001 4.2",
            "b.sub_(x) takes x from b itself, as b -= x does.",
            UPHELD,
            """
            a, b = torch.zeros(2), torch.zeros(1, requires_grad=True)
            before = a
            before -= 0.5
            b.data.sub_(0.5)
            before is a and a.tolist() == [-0.5, -0.5] and b.item() == -0.5 and b.is_leaf
            """,
        ),
    ),
)
