"""torch.add: the sum of two tensors, element by element, the second one times alpha."""

import numpy as np

from conformance.spec import (
    BOOL,
    COMPLEXES,
    FLOATS,
    INTEGERS,
    MOVED,
    PRESERVED,
    PROMOTED,
    REFUTED,
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


def arguments(draw: Draw):
    input_shape, other_shape = draw.shapes_together(2)
    dtypes = draw.dtypes_together()
    if dtypes == (SUBJECT, SUBJECT):
        return {"input": draw.tensor(input_shape), "other": draw.tensor(other_shape)}
    return {"input": draw.simple_tensor(input_shape, dtypes[0]), "other": draw.simple_tensor(other_shape, dtypes[1])}


def oracle(input, other):
    """True + True is True; integers wrap; complex numbers are added by part."""
    return np.add(input, other)


def alpha_mixes_parts(dtype, input, other):
    """Complex numbers where other times 1+0j is not other: infinite or NaN parts, or a -0.0 that the sum would show."""
    if dtype not in COMPLEXES:
        return False
    first, second = contents(input, dtype), contents(other, dtype)
    return not np.isfinite(second).all() or bool(has_minus_zero(first) and has_minus_zero(second))


def has_minus_zero(array):
    return any((np.signbit(part) & (part == 0)).any() for part in (array.real, array.imag))


def gradient(incoming, results, input, other):
    return {"input": incoming[0], "other": incoming[0]}


SAME = "input.dtype == other.dtype"
NUMBER = f"other.rank == 0 and {SAME}"
PLAIN = "all(t.values.kind in ('counting', 'few', 'normal') and not t.values.edits for t in (input, other))"


def workload(size):
    shape = (size // 64, 64)
    return {"input": dense(shape), "other": dense(shape)}


spec = Spec(
    operation="torch.add",
    summary="input + alpha * other, broadcast and promoted; bool gives or, integers wrap, floats round once.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.add.html",
    arguments=arguments,
    forms=(
        Form("torch.add(input, other)"),
        Form("torch.add(input=input, other=other)"),
        Form("torch.add(input, other, alpha=1)"),
        Form("input + other"),
        Form("operator.add(input, other)"),
        Form("input.add(other)"),
        Form("input.add(other=other, alpha=1)"),
        Form("input.add(other, alpha=True)", when=f"dtype == 'bool' and {SAME}"),
        Form("torch.add(input, other.item())", when=NUMBER),
        Form("input + other.item()", when=NUMBER),
        Form("other.item() + input", when=NUMBER),
        Form("input.add_(other)", writes="input"),
        Form("input.add_(other.item())", when=NUMBER, writes="input"),
        Form("operator.iadd(input, other)", writes="input"),
        Form("torch.add(input, other, out=input)", writes="input"),
        Form("torch.add(input, other, out=other)", writes="other"),
        Form("torch.add(input, other, out=out)"),
        Form("torch.add(input, other, alpha=1, out=out)"),
    ),
    dtypes=BOOL + INTEGERS + FLOATS + COMPLEXES,
    oracle=oracle,
    accuracy=ROUNDED,
    outputs=(Output(dtype=PROMOTED),),
    memory=PRESERVED,
    refusals=(
        Refusal(
            "sizes that do not go together",
            "torch.add(input, input.new_zeros(input.shape[-1] + 2))",
            RuntimeError,
            when="input.rank > 0 and input.shape[-1] != 1",
        ),
        Refusal(
            "the same with out",
            "torch.add(torch.ones(3, dtype=dtype), torch.ones(2, dtype=dtype), out=out)",
            RuntimeError,
        ),
        Refusal(
            "in place into too few elements",
            "torch.ones(1, dtype=dtype).add_(torch.ones(3, dtype=dtype))",
            RuntimeError,
        ),
        Refusal("in place into too few dimensions", "out.add_(torch.ones(2, 3, dtype=dtype))", RuntimeError),
        Refusal("in place into a dtype below", "torch.ones(2, dtype=torch.bool).add_(torch.ones(2))", RuntimeError),
        Refusal(
            "complex into real",
            "torch.add(torch.ones(3), torch.ones(3, dtype=torch.complex64), out=torch.ones(3))",
            RuntimeError,
        ),
        Refusal("a number above the dtype, in place", "torch.ones(2, dtype=torch.int32).add_(0.5)", RuntimeError),
        Refusal("out over a part of an operand", "torch.add(out[:-1], out[:-1], out=out[1:])", RuntimeError),
        Refusal("in place over a part of the operand", "out[1:].add_(out[:-1])", RuntimeError),
        Refusal("in place where places repeat", "out[:1].expand(3).add_(out)", RuntimeError),
        Refusal(
            "a fraction of integers",
            "torch.add(input, other, alpha=0.5)",
            RuntimeError,
            when=f"dtype in {INTEGERS} and {SAME}",
        ),
        Refusal(
            "a complex multiple of real numbers",
            "torch.add(input, other, alpha=1j)",
            RuntimeError,
            when=f"not dtype.startswith('complex') and {SAME}",
        ),
        Refusal("alpha that is no number", "torch.add(input, other, alpha='1')", TypeError),
        Refusal("a string", "torch.add(input, 'other')", TypeError),
        Refusal("nothing", "input + None", TypeError),
        Refusal("one operand", "torch.add(input)", TypeError),
        Refusal("a list", "torch.add(input, [1])", TypeError),
        Refusal("out that is no tensor", "torch.add(input, other, out='out')", TypeError),
    ),
    gradient=Gradient(gradient, landmarks=MOVED.landmarks),
    laws=(
        Law("the order does not matter", "other + input", "input + other", when="not dtype.startswith('complex')"),
        Law(
            "broadcasting first changes nothing",
            "torch.add(*torch.broadcast_tensors(input, other))",
            "input + other",
            when=SAME,
        ),
        Law(
            "integers come back",
            "(input + other) - other",
            "(input + other) * 0 + input",
            when=f"dtype in {INTEGERS} and {SAME}",
        ),
        Law(
            "alpha of integers is exact",
            "torch.add(input, other, alpha=3)",
            "input + other + other + other",
            when=f"dtype in {INTEGERS} and {SAME}",
        ),
        Law(
            "alpha counts the second operand",
            "torch.add(input, other, alpha=2)",
            "input + (other + other)",
            when=f"dtype in {FLOATS} and {SAME} and {PLAIN}",
        ),
        Law(
            "alpha may be below 0",
            "torch.add(input, other, alpha=-1)",
            "input - other",
            when=f"dtype != 'bool' and {SAME}",
        ),
        Law(
            "alpha in place",
            "input.clone().add_(other, alpha=2)",
            "torch.add(input, other, alpha=2)",
            when=f"dtype in {INTEGERS} and {SAME} and np.broadcast_shapes(input.shape, other.shape) == input.shape",
        ),
        Law(
            "onto itself in place",
            "(same := input.clone()).add_(same)",
            "torch.add(input, input)",
            when="input.dtype == 'subject'",
        ),
        Law(
            "out of a wider dtype takes the converted sum",
            "torch.add(input, other, out=torch.empty((input + other).shape, dtype=torch.complex128))",
            "(input + other).to(torch.complex128)",
        ),
        Law(
            "a whole number keeps the dtype",
            "input + 1",
            "input + torch.ones((), dtype=input.dtype)",
            when="dtype != 'bool' and input.dtype == 'subject'",
        ),
        Law(
            "a fraction makes integers float",
            "input + 0.5",
            "input.to(torch.float32) + 0.5",
            when=f"dtype in {BOOL + INTEGERS} and input.dtype == 'subject'",
        ),
        Law(
            "operands of a narrower dtype are added in the wider",
            "(torch.full((3,), 100, dtype=torch.int8) + torch.full((3,), 1000, dtype=torch.int16)).tolist()",
            "[1100] * 3",
        ),
        Law(
            "in place keeps the dtype of the first",
            "torch.full((3,), 100, dtype=torch.int8).add_(torch.full((3,), 1000)).tolist()",
            "[76] * 3",
        ),
        Law(
            "the gradient of the second counts it alpha times",
            "torch.autograd.grad(torch.add(input, leaf := other.clone().requires_grad_(), alpha=3), leaf, "
            "torch.ones_like(input + other))",
            "[torch.full_like(other, 3 * (input + other).numel() / max(other.numel(), 1))]",
            when=f"dtype in {FLOATS} and {SAME} and np.broadcast_shapes(input.shape, other.shape) == other.shape",
        ),
    ),
    predicates=(alpha_mixes_parts,),
    cost=Cost(workload=workload, numpy="np.add(input, other)"),
    claims=(
        Claim(
            "like-numpy",
            "000 Tensors",
            "Tensors are added, subtracted and multiplied as NumPy arrays are.",
            UPHELD,
            """
            a, b = torch.randn(5, 2, dtype=torch.float64), torch.randn(2, dtype=torch.float64)
            m, n = a.numpy(), b.numpy()
            pairs = ((a + b, m + n), (a - b, m - n), (a * b, m * n))
            all(np.array_equal(ours.numpy(), theirs) for ours, theirs in pairs)
            """,
        ),
        Claim(
            "add-makes-a-new-tensor",
            "001 1.5",
            "add gives a new tensor and changes neither operand.",
            UPHELD,
            """
            a, b = torch.ones(3), torch.ones(3)
            total = a.add(b)
            total.tolist() == [2, 2, 2] and a.tolist() == b.tolist() == [1, 1, 1] and not shares(total, a)
            """,
        ),
        Claim(
            "underscore-changes-the-tensor",
            "001 1.5",
            "add_, like any method with a trailing underscore, puts the result into the tensor itself.",
            UPHELD,
            """
            a = torch.ones(3)
            place = a.data_ptr()
            a.add_(torch.ones(3)) is a and a.data_ptr() == place and a.tolist() == [2, 2, 2]
            """,
        ),
        Claim(
            "alpha-times-other",
            "001 4.1.4",
            "add(input, other, alpha=a) is input + a * other for each element.",
            UPHELD,
            """
            a, b = torch.randn(3, 3), torch.randn(3, 3)
            close(torch.add(a, b, alpha=10), a + 10 * b)
            """,
        ),
        Claim(
            "alpha-in-the-middle",
            "001 4.1.4",
            "torch.add(a, 10, b) adds ten times b to a.",
            UPHELD,
            """
            a, b = torch.randn(3, 3), torch.randn(3, 3)
            close(torch.add(a, 10, b), a + 10 * b)
            """,
            note="deprecated: alpha is a keyword now",
        ),
        Claim(
            "printed-sums",
            "001 4.1.4",
            "Ten times ones raise each printed number by 10.",
            UPHELD,
            """
            a = torch.tensor([[-0.4133, 1.4492, -0.1619], [-0.4508, 1.2543, 0.2360], [1.0054, 1.2767, 0.9953]])
            sums = [[9.5867, 11.4492, 9.8381], [9.5492, 11.2543, 10.2360], [11.0054, 11.2767, 10.9953]]
            close(torch.add(a, torch.ones(3, 3), alpha=10), sums)
            """,
        ),
        Claim(
            "operators-are-functions",
            "003 29-30",
            "+, -, * and / do what add, sub, mul and div do.",
            UPHELD,
            """
            a, b = torch.rand(3, 4), torch.rand(4)
            pairs = ((a + b, torch.add), (a - b, torch.sub), (a * b, torch.mul), (a / b, torch.div))
            all(torch.equal(result, function(a, b)) for result, function in pairs)
            """,
        ),
        Claim(
            "one-row-for-all",
            "003 29-30",
            "4 numbers are added to every row of a 3x4 matrix.",
            UPHELD,
            """
            a, b = torch.rand(3, 4), torch.rand(4)
            torch.equal(a + b, torch.stack([row + b for row in a]))
            """,
        ),
        Claim(
            "plus-and-assign-is-in-place",
            "003 Fully connected layers",
            "x = x + 5 changes x in place.",
            REFUTED,
            """
            x = before = torch.ones(3)
            x = x + 5
            x is before or shares(x, before)
            """,
            note="the name is bound to a new tensor; x += 5 and x.add_(5) work in place",
        ),
    ),
)
