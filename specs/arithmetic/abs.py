"""torch.abs: the distance of each element from 0."""

import numpy as np

from conformance.spec import (
    AT_MOST,
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
    contents,
    real_of,
    ulps,
)
from conformance.spec.families import unary


def oracle(input):
    """Complex numbers have a modulus, which does not overflow on the way. The lowest integer wraps to itself."""
    return np.abs(input)


def result_dtype(subject, input):
    """The modulus of a complex number is real."""
    return real_of(subject)


def bound(dtype, input):
    """The modulus of a complex number within 1 ULP. Real numbers only lose their sign, which a law holds them to."""
    return 1


def of_both_sides(dtype, input):
    """What two results of these arguments may differ by."""
    return 2


def gradient(incoming, results, input):
    """The sign, times the incoming gradient: 0 at 0, and for a complex number the number over its modulus."""
    if input.dtype.kind == "c":
        size = np.abs(input)
        return {"input": incoming[0] * np.where(size == 0, 0, input / np.where(size == 0, 1, size))}
    return {"input": incoming[0] * np.sign(input)}


def gradient_bound(dtype, input):
    """A sign is exact. For complex numbers modulus, quotient and product round; nothing is promised where one is
    subnormal or not finite."""
    if not unary.is_complex(dtype):
        return 0.0
    array = contents(input, dtype)
    return np.where(array == 0, 8.0, unary.unless_far_out(dtype, input, 8.0))


def holds_nan(dtype, input):
    """Somewhere there is NaN."""
    return bool(np.any(np.isnan(contents(input, dtype))))


SIGNED = "'complex' not in dtype and dtype != 'uint8'"

spec = Spec(
    operation="torch.abs",
    summary="The distance of each element from 0; that of a complex number is real.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.abs.html",
    arguments=unary.arguments,
    forms=(
        *unary.forms("abs"),
        Form("torch.absolute(input)"),
        Form("input.absolute()"),
        Form("abs(input)"),
        Form("operator.abs(input)"),
        Form("input.abs_()", when="'complex' not in dtype", writes="input"),
        Form("torch.abs_(input)", when="'complex' not in dtype", writes="input"),
        Form("input.absolute_()", when="'complex' not in dtype", writes="input"),
        *unary.out_forms("abs"),
        *unary.out_forms("absolute"),
    ),
    dtypes=INTEGERS + FLOATS + COMPLEXES,
    oracle=oracle,
    accuracy=ulps(bound, "SLEEF 3.6, hypot (0.5001 ULP), and the GNU C Library, Known Maximum Errors (1 ULP)"),
    outputs=(Output(dtype=result_dtype),),
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        *unary.every_refusal("abs"),
        Refusal("a boolean tensor", "torch.abs(torch.ones(2, dtype=torch.bool))", NotImplementedError),
        Refusal("the in-place method on complex numbers", "input.abs_()", RuntimeError, when=unary.COMPLEX),
        Refusal(
            "an out of whole numbers for floats",
            "torch.abs(torch.ones(3), out=out)",
            RuntimeError,
            when="'int' in dtype",
        ),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source="Higham, section 3.6"),
    laws=(
        Law(
            "it is the number or its negative, whichever is not below 0",
            "torch.abs(input)",
            "torch.where(input < 0, -input, input) + 0",
            when="'complex' not in dtype",
        ),
        Law(
            "no result has a negative sign",
            "torch.signbit(torch.abs(input.nan_to_num(0)))",
            "torch.zeros_like(input.real, dtype=torch.bool)",
            when="dtype not in ('int8', 'int16', 'int32', 'int64')",
        ),
        Law("the sign does not matter", "torch.abs(-input)", "torch.abs(input)", when=SIGNED),
        Law(
            "the complex sign does not matter",
            "torch.abs(-input)",
            "torch.abs(input)",
            WITHIN,
            when=unary.COMPLEX,
            bound=of_both_sides,
        ),
        Law(
            "the conjugate has the same modulus",
            "torch.abs(input.conj())",
            "torch.abs(input)",
            WITHIN,
            when=unary.COMPLEX,
            bound=of_both_sides,
        ),
        Law(
            "no modulus is below that of the real part",
            "input.real.abs().nan_to_num(0)",
            "torch.abs(input)",
            AT_MOST,
            when=unary.COMPLEX,
            bound=of_both_sides,
        ),
    ),
    predicates=(holds_nan,),
    cost=Cost(dtypes=INTEGERS + FLOATS, workload=unary.workload, reference="elementwise"),
)
