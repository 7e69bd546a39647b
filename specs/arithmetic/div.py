"""torch.div: the quotient of two tensors, element by element; integers give floats."""

import numpy as np

from conformance.spec import (
    ALL,
    BOOL,
    COMPLEXES,
    FLOATS,
    INTEGERS,
    PRESERVED,
    PROMOTED_FLOAT,
    SUBJECT,
    UPHELD,
    WIDE_UNSIGNED,
    WITHIN,
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
    rounded,
)


def arguments(draw: Draw):
    input_shape, other_shape = draw.shapes_together(2)
    dtypes = draw.dtypes_together()
    if dtypes == (SUBJECT, SUBJECT):
        return {"input": draw.tensor(input_shape), "other": draw.tensor(other_shape)}
    return {"input": draw.tensor(input_shape, dtype=dtypes[0]), "other": draw.tensor_beside(other_shape, dtypes[1])}


def oracle(input, other):
    return np.divide(input, other)


# The notes on numerical accuracy, section "Extremal values", let intermediate results overflow.
TAME = {"0", "-0.0", "1", "-1", "next_after_one"}


def complex_bound(dtype, input, other):
    """None where squares and sums of the parts may leave the dtype; the divisor's are scaled, which rounds them too."""
    tame = all(
        tensor.values.kind in ("counting", "few", "normal", "constant")
        and {name for _, name in tensor.values.edits} <= TAME
        for tensor in (input, other)
    )
    return 10.0 if tame else np.inf


def conjugate_bound(dtype, input, other):
    return 2 * complex_bound(dtype, input, other)


def reciprocal_bound(dtype, input, other):
    """1/other and its product with input round by half a ULP each, which count twice past a power of two."""
    return 2.0


SAME = "input.dtype == other.dtype"
NUMBER = f"other.rank == 0 and {SAME}"
ODD = "((other & 6) + 1)"
EXACT_DTYPES = BOOL + INTEGERS + WIDE_UNSIGNED


def gradient(incoming, results, input, other):
    """The second is worked out as torch does, dividing twice, so that zeros and infinities go the same way."""
    incoming, other = incoming[0], np.conj(other)
    return {"input": incoming / other, "other": -incoming * (np.conj(input) / other / other)}


def gradient_bound(dtype, input, other):
    """Three operations, and twice the rounding of operands of another dtype; for complex numbers see above.

    None where a quotient on the way leaves the range.
    """
    exact = np.clongdouble if "complex" in (kind := dtype + input.dtype + other.dtype) else np.longdouble
    narrow = "float16" in kind or input.dtype != other.dtype
    tiny, largest = (2.0**-14, 65504.0) if narrow else (2.0**-126, 3.4e38)
    with np.errstate(all="ignore"):
        dividend, divisor = contents(input, dtype).astype(exact), contents(other, dtype).astype(exact)
        sizes = np.abs(np.concatenate([(dividend / divisor).ravel(), (dividend / divisor / divisor).ravel()]))
    counted = np.isfinite(sizes) & (sizes > 0)
    if np.any(counted & ((sizes < tiny) | (sizes > largest))):
        return np.inf
    return 6 if exact is np.longdouble else 3 * complex_bound(dtype, input, other)


def workload(size):
    shape = (size // 64, 64)
    return {"input": dense(shape), "other": dense(shape)}


spec = Spec(
    operation="torch.div",
    summary="input / other, broadcast and promoted; bool and integers are divided as float32, floats round once.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.div.html",
    arguments=arguments,
    forms=(
        Form("torch.div(input, other)"),
        Form("torch.div(input=input, other=other)"),
        Form("torch.div(input, other, rounding_mode=None)"),
        Form("torch.divide(input, other)"),
        Form("torch.true_divide(input, other)"),
        Form("input / other"),
        Form("operator.truediv(input, other)"),
        Form("input.div(other)"),
        Form("input.div(other=other, rounding_mode=None)"),
        Form("input.divide(other)"),
        Form("input.true_divide(other)"),
        Form("torch.div(input, other.item())", when=NUMBER),
        Form("input / other.item()", when=NUMBER),
        Form("input.div_(other)", writes="input"),
        Form("input.divide_(other)", writes="input"),
        Form("input.true_divide_(other)", writes="input"),
        Form("input.div_(other.item())", when=NUMBER, writes="input"),
        Form("operator.itruediv(input, other)", writes="input"),
        Form("torch.div(input, other, out=input)", writes="input"),
        Form("torch.div(input, other, out=other)", writes="other"),
        Form("torch.div(input, other, out=out)"),
        Form("torch.true_divide(input, other, out=out)"),
        Form("torch.divide(input, other, rounding_mode=None, out=out)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    accuracy=rounded(
        complex_bound,
        "Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., lemma 3.5, with gamma 7 for scaled operands",
    ),
    outputs=(Output(dtype=PROMOTED_FLOAT),),
    memory=PRESERVED,
    refusals=(
        Refusal(
            "sizes that do not go together",
            "torch.div(input, input.new_zeros(input.shape[-1] + 2))",
            RuntimeError,
            when="input.rank > 0 and input.shape[-1] != 1",
        ),
        Refusal(
            "the same with out",
            "torch.div(torch.ones(3, dtype=dtype), torch.ones(2, dtype=dtype), out=out)",
            RuntimeError,
        ),
        Refusal("integers in place", "input.div_(other)", RuntimeError, when=f"dtype in {EXACT_DTYPES} and {SAME}"),
        Refusal(
            "integers into an integer out",
            "torch.div(torch.ones(3, dtype=dtype), torch.ones(3, dtype=dtype), out=out)",
            RuntimeError,
            when=f"dtype in {EXACT_DTYPES}",
        ),
        Refusal(
            "in place into too few elements",
            "torch.ones(1, dtype=dtype).div_(torch.ones(3, dtype=dtype))",
            RuntimeError,
        ),
        Refusal("in place into too few dimensions", "out.div_(torch.ones(2, 3, dtype=dtype))", RuntimeError),
        Refusal(
            "complex into real",
            "torch.div(torch.ones(3), torch.ones(3, dtype=torch.complex64), out=torch.ones(3))",
            RuntimeError,
        ),
        Refusal("no common dtype", "torch.ones(2, dtype=torch.uint16) / torch.ones(2, dtype=torch.int8)", RuntimeError),
        Refusal("out over a part of an operand", "torch.div(out[:-1], out[:-1], out=out[1:])", RuntimeError),
        Refusal("in place over a part of the operand", "out[1:].div_(out[:-1])", RuntimeError),
        Refusal("in place where places repeat", "out[:1].expand(3).div_(out)", RuntimeError),
        Refusal("an unknown rounding mode", "torch.div(input, other, rounding_mode='nearest')", RuntimeError),
        Refusal("a rounding mode that is no string", "torch.div(input, other, rounding_mode=1)", TypeError),
        Refusal("a rounding mode given by place", "torch.div(input, other, 'floor')", TypeError),
        Refusal(
            "complex numbers rounded",
            "torch.div(torch.ones(3, dtype=torch.complex64), 2, rounding_mode='trunc')",
            RuntimeError,
        ),
        Refusal(
            "whole division of integers by 0",
            "torch.div(torch.ones(3, dtype=dtype), torch.zeros(3, dtype=dtype), rounding_mode='floor')",
            RuntimeError,
            when=f"dtype in {INTEGERS}",
        ),
        Refusal("a string", "torch.div(input, 'other')", TypeError),
        Refusal("nothing", "input / None", TypeError),
        Refusal("one operand", "torch.div(input)", TypeError),
        Refusal("out that is no tensor", "torch.div(input, other, out='out')", TypeError),
    ),
    gradient=Gradient(gradient, gradient_bound, "as the quotient itself"),
    laws=(
        Law(
            "broadcasting first changes nothing",
            "torch.div(*torch.broadcast_tensors(input, other))",
            "input / other",
            when=f"not dtype.startswith('complex') and {SAME}",
        ),
        Law("1 changes nothing", "input / 1", "input", when=f"dtype in {FLOATS} and input.dtype == 'subject'"),
        Law(
            "half is a product",
            "input / 2",
            "input * 0.5",
            when="not dtype.startswith('complex') and input.dtype == 'subject'",
        ),
        Law("both signs change nothing", "-input / -other", "input / other", when=f"dtype in {FLOATS} and {SAME}"),
        Law(
            "conjugates have the conjugate quotient",
            "input.conj() / other.conj()",
            "(input / other).conj().resolve_conj()",
            WITHIN,
            when=f"dtype.startswith('complex') and {SAME}",
            bound=conjugate_bound,
        ),
        # torch divides a Python number by a tensor as the number times the tensor's reciprocal.
        Law(
            "a number can be divided",
            "input.item() / other",
            "torch.div(input, other)",
            WITHIN,
            when=f"input.rank == 0 and {SAME} and not dtype.startswith('complex')"
            " and other.values.kind in ('counting', 'few') and not other.values.edits",
            bound=reciprocal_bound,
        ),
        Law(
            "out of a wider dtype takes the converted quotient",
            "torch.div(input, other, out=torch.empty((input / other).shape, dtype=torch.complex128))",
            "(input / other).to(torch.complex128)",
            when=SAME + " and not dtype.startswith('complex')",
        ),
        Law(
            "rounded towards 0",
            "torch.div(input, other, rounding_mode='trunc')",
            "(input / other).trunc()",
            when=f"dtype in ('float32', 'float64') and {SAME}",
        ),
        Law(
            "rounded down",
            "torch.div(input, other, rounding_mode='floor')",
            "input // other",
            when=f"dtype in {FLOATS} and {SAME}",
        ),
        Law(
            "rounded down, integers leave a remainder",
            f"torch.div(input, {ODD}, rounding_mode='floor') * {ODD} + torch.remainder(input, {ODD})",
            "input + 0 * other",
            when=f"dtype in {INTEGERS} and {SAME}",
        ),
        Law(
            "rounded towards 0, integers leave another",
            f"torch.div(input, {ODD}, rounding_mode='trunc') * {ODD} + torch.fmod(input, {ODD})",
            "input + 0 * other",
            when=f"dtype in {INTEGERS} and {SAME}",
        ),
    ),
    cost=Cost(dtypes=FLOATS + COMPLEXES, workload=workload, numpy="np.divide(input, other)"),
    claims=(
        Claim(
            "two-slashes-are-whole-division",
            "003 29-30",
            "// divides to whole numbers.",
            UPHELD,
            """
            whole = torch.tensor([7, 8, -7]) // 2
            floats = torch.tensor([7.5]) // 2, torch.tensor([7]) / 2
            whole.tolist() == [3, 4, -4] and [number.item() for number in floats] == [3.0, 3.5]
            """,
            note="it rounds down; / divides truly",
        ),
        Claim(
            "grey-levels",
            "003 Convolution",
            "Levels from 0 to 255, divided by 255, are floats from 0 to 1.",
            UPHELD,
            """
            levels = torch.arange(256, dtype=torch.uint8) / 255
            levels.dtype == torch.float32 and levels.min() == 0 and levels.max() == 1
            """,
        ),
    ),
)
