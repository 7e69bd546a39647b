"""torch.neg: the negative of each element."""

import numpy as np

from conformance.spec import (
    COMPLEXES,
    DATA_MOVEMENT,
    FLOATS,
    INTEGERS,
    PRESERVED,
    Cost,
    Form,
    Gradient,
    Law,
    Refusal,
    Spec,
    contents,
)
from conformance.spec.families import unary


def oracle(input):
    """The sign of 0 and of NaN changes too. Integers wrap: the lowest is its own negative."""
    return np.negative(input)


def gradient(incoming, results, input):
    """The slope is -1."""
    return {"input": -incoming[0]}


def has_a_part_of_zero(dtype, input):
    """Somewhere one part of a complex number is 0."""
    array = contents(input, dtype)
    return unary.is_complex(dtype) and bool(np.any((array.real == 0) | (array.imag == 0)))


def has_zeros_of_the_other_sign(dtype, got, promised, **arguments):
    """Both parts are as promised but for the sign of 0."""
    pairs = ((got.real, promised.real), (got.imag, promised.imag))
    return np.all([(one == other) | (np.isnan(one) & np.isnan(other)) for one, other in pairs], axis=0)


spec = Spec(
    operation="torch.neg",
    summary="The negative of each element; integers wrap.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.neg.html",
    arguments=unary.arguments,
    forms=(
        *unary.forms("neg"),
        Form("torch.negative(input)"),
        Form("input.negative()"),
        Form("-input"),
        Form("operator.neg(input)"),
        Form("input.negative_()", writes="input"),
        Form("torch.negative_(input)", writes="input"),
        Form("torch.negative(input, out=out)"),
        *unary.in_place_forms("neg"),
        *unary.out_forms("neg"),
    ),
    dtypes=INTEGERS + FLOATS + COMPLEXES,
    oracle=oracle,
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        *unary.every_refusal("neg"),
        *unary.complex_result_refusals("neg"),
        Refusal("a boolean tensor", "torch.neg(torch.ones(2, dtype=torch.bool))", RuntimeError),
        Refusal("the sign - before a boolean tensor", "-torch.ones(2, dtype=torch.bool)", RuntimeError),
        Refusal(
            "an out of whole numbers for floats",
            "torch.neg(torch.ones(3), out=out)",
            RuntimeError,
            when="'int' in dtype",
        ),
    ),
    gradient=Gradient(terms=gradient, landmarks=DATA_MOVEMENT.landmarks),
    laws=(
        Law("the negative of the negative is the number", "torch.neg(torch.neg(input))", "input"),
        Law("the number less itself, and plus its negative, is the same", "input + torch.neg(input)", "input - input"),
        Law(
            "the sign of a real number changes",
            "torch.signbit(torch.neg(input.nan_to_num(1)))",
            "~torch.signbit(input.nan_to_num(1))",
            when=unary.REAL,
        ),
    ),
    explanations=(has_zeros_of_the_other_sign,),
    predicates=(has_a_part_of_zero,),
    cost=Cost(workload=unary.workload, reference="elementwise"),
)
