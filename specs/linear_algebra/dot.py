"""torch.dot: the sum of the products of two vectors, place by place."""

import numpy as np

from conformance.spec import ITS_OWN, Cost, Draw, Form, Gradient, Law, Refusal, Spec, dense
from conformance.spec.families.dimension import no_tensor
from conformance.spec.families.reduction import every_place_counts

from ._products import MULTIPLIED, SOURCE, another_dtype, has_elements, product_of


def arguments(draw: Draw):
    shape = draw.shape(1, 1)
    return {"input": draw.tensor(shape), "other": draw.tensor(shape)}


def oracle(input, other):
    """No number is conjugated; the product of no elements is 0."""
    return product_of(input, other, input.size)


def gradient(incoming, results, input, other):
    return {"input": incoming[0] * np.conj(other), "other": incoming[0] * np.conj(input)}


def gradient_bound(dtype, input, other):
    """One product, of complex numbers by the square root of 5."""
    return 3


def is_a_vector(dtype, input, other):
    """Both operands have one dimension."""
    return input.rank == 1


def workload(size):
    return {"input": dense((size,)), "other": dense((size,), "few")}


COMPLEX = "'complex' in dtype"
REAL = f"not ({COMPLEX})"

spec = Spec(
    operation="torch.dot",
    summary="The sum of the products of two vectors of one size; whole numbers wrap.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.dot.html",
    arguments=arguments,
    forms=(
        Form("torch.dot(input, other)"),
        Form("torch.dot(input=input, tensor=other)"),
        Form("input.dot(other)"),
        Form("torch.matmul(input, other)", when=REAL),
        Form("input @ other", when=REAL),
        # Under inference_mode the conjugate is taken of the product, by which zeros have the other sign.
        Form("torch.matmul(input, other)", when=COMPLEX, same_bits=False),
        Form("input @ other", when=COMPLEX, same_bits=False),
        Form("torch.inner(input, other)", when="not dtype.endswith('16')", same_bits=False),
        Form("torch.einsum('i,i->', input, other)", when="dtype != 'bfloat16'", same_bits=False),
        Form("torch.dot(input, other, out=out)", out_dtype=ITS_OWN),
    ),
    dtypes=MULTIPLIED,
    oracle=oracle,
    refusals=(
        *another_dtype("torch.dot(input, {other})"),
        *no_tensor("torch.dot({input}, other)"),
        Refusal("vectors of two sizes", "torch.dot(input, other.new_ones(other.shape[0] + 1))", RuntimeError),
        Refusal("a matrix as the first operand", "torch.dot(input[None], other)", RuntimeError),
        Refusal("a matrix as the second operand", "torch.dot(input, other[None])", RuntimeError),
        Refusal("boolean vectors", "torch.dot(torch.ones(2) > 0, torch.ones(2) > 0)", RuntimeError),
        Refusal(
            "vectors of two sizes, with out=",
            "torch.dot(input, other.new_ones(other.shape[0] + 1), out=out)",
            RuntimeError,
        ),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source=SOURCE),
    laws=(
        *every_place_counts(
            "torch.dot(row, torch.ones_like(row)).item()", "torch.dot(torch.ones_like(row), row).item()"
        ),
        Law(
            "the order of the vectors does not matter",
            "torch.dot(other, input)",
            "torch.dot(input, other)",
            when="'int' in dtype",
        ),
        Law(
            "a product with ones is the sum of whole numbers",
            "torch.dot(input.long(), torch.ones_like(input.long()))",
            "torch.sum(input.long())",
            when="'int' in dtype",
        ),
        Law("the product of no elements is 0", "torch.dot(input[:0], other[:0]).item()", "0"),
    ),
    predicates=(has_elements, is_a_vector),
    cost=Cost(dtypes=(), workload=workload, reference="reduction"),
)
