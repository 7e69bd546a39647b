"""torch.mv: the product of a matrix and a vector."""

import numpy as np

from conformance.spec import Cost, Draw, Gradient, Law, Refusal, Spec, dense
from conformance.spec.families.dimension import no_tensor
from conformance.spec.families.reduction import every_place_counts

from ._products import (
    MULTIPLIED,
    SOURCE,
    another_dtype,
    forms_of_product,
    gradient_units,
    has_elements,
    has_whole_numbers,
    product_of,
    product_terms,
    sizes,
)


def arguments(draw: Draw):
    rows, inner = sizes(draw, 2)
    return {"input": draw.tensor((rows, inner)), "other": draw.tensor((inner,))}


def oracle(input, other):
    """Sums of products; 0 where there is nothing to add up."""
    return product_of(input, other, input.shape[1])


def gradient(incoming, results, input, other):
    """g times the row of other, and the transpose of input times g."""
    g = incoming[0]
    return {"input": g[:, None] * np.conj(other), "other": product_terms(np.conj(input.T), g)}


def gradient_bound(dtype, input, other):
    """One product and one addition for each term."""
    return gradient_units(dtype, input.shape[0], input, other)


def workload(size):
    return {"input": dense((size // 64, 64)), "other": dense((64,), "few")}


spec = Spec(
    operation="torch.mv",
    summary="The product of a matrix and a vector, a vector; whole numbers wrap.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.mv.html",
    arguments=arguments,
    forms=forms_of_product("mv", "vec", "ij,j->i"),
    dtypes=MULTIPLIED,
    oracle=oracle,
    refusals=(
        *another_dtype("torch.mv(input, {other})"),
        *no_tensor("torch.mv({input}, other)"),
        Refusal("a vector of another size", "torch.mv(input, other.new_ones(other.shape[0] + 1))", RuntimeError),
        Refusal("a matrix as the second operand", "torch.mv(input, other[:, None])", RuntimeError),
        Refusal("a vector as the first operand", "torch.mv(other, other)", RuntimeError),
        Refusal("boolean operands", "torch.mv(torch.ones(2, 2) > 0, torch.ones(2) > 0)", RuntimeError),
        Refusal(
            "a vector of another size, with out=",
            "torch.mv(input, other.new_ones(other.shape[0] + 1), out=out)",
            RuntimeError,
        ),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source=SOURCE),
    laws=(
        *every_place_counts(
            "torch.mv(row[None], torch.ones_like(row)).item()", "torch.mv(torch.ones_like(row)[None], row).item()"
        ),
        Law(
            "a product with a column is the column of products",
            "torch.mv(input, other)",
            "torch.mm(input, other[:, None])[:, 0]",
            when="'int' in dtype",
        ),
        Law(
            "a product with the identity is the vector",
            "torch.mv(torch.eye(other.shape[0], dtype=dtype), other)",
            "other",
            when="'int' in dtype",
        ),
        Law(
            "a product over no terms is 0",
            "torch.mv(input[:, :0], other[:0])",
            "torch.zeros(input.shape[0], dtype=dtype)",
        ),
    ),
    predicates=(has_elements, has_whole_numbers),
    cost=Cost(dtypes=(), workload=workload, reference="reduction"),
)
