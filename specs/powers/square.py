"""torch.square: each element times itself."""

import numpy as np

from conformance.spec import (
    BOOL,
    COMPLEXES,
    FLOATS,
    INTEGERS,
    PRESERVED,
    WITHIN,
    Cost,
    Form,
    Gradient,
    Law,
    Output,
    Refusal,
    Spec,
    rounded,
)
from conformance.spec.families import unary


def oracle(input):
    """Integers wrap; booleans become int64."""
    exact = input.astype(np.int64) if input.dtype == np.bool_ else input
    return exact * exact


def result_dtype(subject, input):
    """A power takes an exponent that is a whole number, and booleans with it become int64."""
    return "int64" if subject == "bool" else subject


def complex_bound(dtype, input):
    """The square root of 5, and that of 2 for products that underflow in both parts."""
    return 3.66


def of_both_sides(dtype, input):
    """What two complex results of these arguments may differ by."""
    return 2 * complex_bound(dtype, input)


def gradient(incoming, results, input):
    """Twice the number, times the incoming gradient."""
    return {"input": incoming[0] * unary.in_range_of(results[0], 2 * np.conj(input))}


def gradient_bound(dtype, input):
    """One product rounds, for a doubling is exact."""
    return 1 + (complex_bound(dtype, input) if unary.is_complex(dtype) else 0)


spec = Spec(
    operation="torch.square",
    summary="Each element times itself; integers wrap, floats round once, booleans give int64.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.square.html",
    arguments=unary.arguments,
    forms=(
        *unary.every_form("square"),
        Form("torch.pow(input, 2)"),
        Form("input.pow(2)"),
    ),
    dtypes=BOOL + INTEGERS + FLOATS + COMPLEXES,
    oracle=oracle,
    accuracy=rounded(
        complex_bound,
        "Brent, Percival & Zimmermann, Error bounds on complex floating-point multiplication, 2007",
    ),
    outputs=(Output(dtype=result_dtype),),
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        *unary.every_refusal("square"),
        *unary.complex_result_refusals("square"),
        Refusal("the in-place method on booleans", "input.square_()", RuntimeError, when="dtype == 'bool'"),
        Refusal(
            "an out of whole numbers for floats",
            "torch.square(torch.ones(3), out=out)",
            RuntimeError,
            when="'int' in dtype",
        ),
        Refusal("a tensor of uint16", "torch.square(torch.ones(3, dtype=torch.uint16))", NotImplementedError),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source="as the square itself"),
    laws=(
        Law(
            "the sign of a real number does not matter",
            "torch.square(-input)",
            "torch.square(input)",
            when=f"dtype in {INTEGERS + FLOATS}",
        ),
        Law(
            "it is the product of the real number with itself",
            "torch.square(input)",
            "input * input",
            when=f"dtype in {INTEGERS + FLOATS}",
        ),
        Law("booleans give 0 and 1", "torch.square(input)", "input.long()", when="dtype == 'bool'"),
        Law(
            "a conjugate number gives the conjugate result",
            "torch.square(input.conj())",
            "torch.square(input).conj()",
            WITHIN,
            when=unary.COMPLEX,
            bound=of_both_sides,
        ),
    ),
    cost=Cost(dtypes=INTEGERS + FLOATS + COMPLEXES, workload=unary.workload, reference="elementwise"),
)
