"""torch.mm: the product of two matrices."""

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
    rows, inner, columns = sizes(draw, 3)
    return {"input": draw.tensor((rows, inner)), "other": draw.tensor((inner, columns))}


def oracle(input, other):
    """Sums of products; 0 where there is nothing to add up."""
    return product_of(input, other, input.shape[1])


def gradient(incoming, results, input, other):
    """g times the transpose of other, and the transpose of input times g."""
    g = incoming[0]
    return {"input": product_terms(g, transposed(other)), "other": product_terms(transposed(input), g)}


def gradient_bound(dtype, input, other):
    """One product and one addition for each term."""
    return gradient_units(dtype, max(input.shape[0], other.shape[1]), input, other)


def workload(size):
    """Square matrices of no more than 512 rows, since time grows faster than they do."""
    shape = (min(int(size**0.5), 512),) * 2
    return {"input": dense(shape), "other": dense(shape, "few")}


def growth_workload(size):
    """A matrix of few columns, so that the work grows with its rows."""
    return {"input": dense((size // 64, 64)), "other": dense((64, 8), "few")}


spec = Spec(
    operation="torch.mm",
    summary="The product of two matrices, which do not broadcast; whole numbers wrap.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.mm.html",
    arguments=arguments,
    forms=forms_of_product("mm", "mat2", "ij,jk->ik"),
    dtypes=MULTIPLIED,
    oracle=oracle,
    refusals=(
        *another_dtype("torch.mm(input, {other})"),
        *no_tensor("torch.mm({input}, other)"),
        Refusal(
            "matrices whose inner sizes differ", "torch.mm(input, input.new_ones(input.shape[1] + 1, 2))", RuntimeError
        ),
        Refusal("a vector as the second operand", "torch.mm(input, input.new_ones(input.shape[1]))", RuntimeError),
        Refusal("a batch of matrices", "torch.mm(input[None], other)", RuntimeError),
        Refusal("boolean matrices", "torch.mm(torch.ones(2, 2) > 0, torch.ones(2, 2) > 0)", RuntimeError),
        Refusal(
            "an out of another dtype",
            "torch.mm(input, other, out=torch.empty(0, dtype=torch.bool))",
            RuntimeError,
        ),
        Refusal(
            "matrices whose inner sizes differ, with out=",
            "torch.mm(input, input.new_ones(input.shape[1] + 1, 2), out=out)",
            RuntimeError,
        ),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source=SOURCE),
    laws=(
        *every_place_counts(
            "torch.mm(row[None], torch.ones_like(row)[:, None]).item()",
            "torch.mm(row.expand(2, n), torch.ones_like(row).expand(2, n).t())[1, 1].item()",
        ),
        Law(
            "a product with the identity is the matrix",
            "torch.mm(input.nan_to_num(0, 0, 0), torch.eye(input.shape[1], dtype=dtype)) + 0",
            "input.nan_to_num(0, 0, 0) + 0",
            when="'complex' not in dtype and dtype != 'bfloat16'",
        ),
        Law(
            "the transpose of a product is the product of the transposes",
            "torch.mm(other.t(), input.t())",
            "torch.mm(input, other).t()",
            when="'int' in dtype",
        ),
        Law(
            "a product over no terms is 0",
            "torch.mm(input[:, :0], other[:0])",
            "torch.zeros(input.shape[0], other.shape[1], dtype=dtype)",
        ),
    ),
    predicates=(has_elements, has_whole_numbers),
    cost=Cost(dtypes=(), workload=workload, growth_workload=growth_workload, reference="matmul"),
)
