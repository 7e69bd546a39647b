"""torch.bmm: the products of two batches of matrices, one by one."""

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
    transposed,
)


def arguments(draw: Draw):
    batch = draw.choice((1, 2, 3, 0, 5))
    rows, inner, columns = sizes(draw, 3)
    return {"input": draw.tensor((batch, rows, inner)), "other": draw.tensor((batch, inner, columns))}


def oracle(input, other):
    """Sums of products; 0 where there is nothing to add up."""
    return product_of(input, other, input.shape[2])


def gradient(incoming, results, input, other):
    """g times the transpose of other, and the transpose of input times g."""
    g = incoming[0]
    return {"input": product_terms(g, transposed(other)), "other": product_terms(transposed(input), g)}


def gradient_bound(dtype, input, other):
    """One product and one addition for each term."""
    return gradient_units(dtype, max(input.shape[1], other.shape[2]), input, other)


def workload(size):
    """Matrices of 32 rows, of which there are more for a larger size."""
    shape = (max(min(size, 1 << 20) // 1024, 1), 32, 32)
    return {"input": dense(shape), "other": dense(shape, "few")}


spec = Spec(
    operation="torch.bmm",
    summary="The product of each matrix of input with that of other at its place; batches do not broadcast.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.bmm.html",
    arguments=arguments,
    forms=forms_of_product("bmm", "mat2", "bij,bjk->bik"),
    dtypes=MULTIPLIED,
    oracle=oracle,
    refusals=(
        *another_dtype("torch.bmm(input, {other})"),
        *no_tensor("torch.bmm({input}, other)"),
        Refusal(
            "matrices whose inner sizes differ",
            "torch.bmm(input, other.new_ones(other.shape[0], other.shape[1] + 1, 2))",
            RuntimeError,
        ),
        Refusal(
            "batches of two sizes",
            "torch.bmm(input, other.new_ones(other.shape[0] + 1, *other.shape[1:]))",
            RuntimeError,
        ),
        Refusal(
            "a batch of one beside a larger one",
            "torch.bmm(torch.ones(2, 3, 3, dtype=dtype), torch.ones(1, 3, 3, dtype=dtype))",
            RuntimeError,
        ),
        Refusal(
            "a matrix as the second operand",
            "torch.bmm(input, torch.ones(input.shape[2], 2, dtype=dtype))",
            RuntimeError,
        ),
        Refusal("a matrix as the first operand", "torch.bmm(torch.ones(2, 2, dtype=dtype), other)", RuntimeError),
        Refusal("boolean matrices", "torch.bmm(torch.ones(1, 2, 2) > 0, torch.ones(1, 2, 2) > 0)", RuntimeError),
        Refusal(
            "an out of another dtype",
            "torch.bmm(input, other, out=torch.empty(0, dtype=torch.bool))",
            RuntimeError,
        ),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source=SOURCE),
    laws=(
        *every_place_counts("torch.bmm(row[None, None], torch.ones_like(row)[None, :, None]).item()"),
        Law(
            "each product is that of the two matrices at its place",
            "torch.bmm(input, other)",
            "torch.stack([torch.mm(one, two) for one, two in zip(input, other)])",
            when="'int' in dtype and input.shape[0] > 0",
        ),
        Law(
            "the transpose of a product is the product of the transposes",
            "torch.bmm(other.mT, input.mT)",
            "torch.bmm(input, other).mT",
            when="'int' in dtype",
        ),
        Law(
            "a product over no terms is 0",
            "torch.bmm(input[:, :, :0], other[:, :0])",
            "torch.zeros(input.shape[0], input.shape[1], other.shape[2], dtype=dtype)",
        ),
    ),
    predicates=(has_elements, has_whole_numbers),
    cost=Cost(dtypes=(), workload=workload, reference="matmul"),
)
