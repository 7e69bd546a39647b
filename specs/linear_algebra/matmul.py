"""torch.matmul: the product of vectors, matrices, and batches of matrices that broadcast."""

import numpy as np

from conformance.spec import ITS_OWN, Cost, Draw, Form, Gradient, Law, Refusal, Spec, dense
from conformance.spec.families.dimension import no_tensor
from conformance.spec.families.reduction import every_place_counts

from ._products import (
    MULTIPLIED,
    SOURCE,
    another_dtype,
    gradient_units,
    has_elements,
    has_whole_numbers,
    product_of,
    product_terms,
    sizes,
    transposed,
)


def arguments(draw: Draw):
    """Each operand is a vector, a matrix, or a batch whose leading dimensions broadcast with the other's."""
    rows, inner, columns = sizes(draw, 3)
    kinds = draw.choice(("matrices", "batches", "batches", "row", "column", "vectors"))
    first, second = (rows, inner), (inner, columns)
    if kinds in ("batches", "row", "column"):
        batch = tuple(draw.choice((1, 2, 3, 0)) for _ in range(draw.integer(1, 2)))
        first, second = (*draw.broadcastable(batch), *first), (*draw.broadcastable(batch), *second)
    if kinds in ("row", "vectors"):
        first = (inner,)
    if kinds in ("column", "vectors"):
        second = (inner,)
    return {"input": draw.tensor(first), "other": draw.tensor(second)}


def oracle(input, other):
    """Sums of products along the last dimension of input and the last but one of other; vectors lose theirs."""
    return product_of(input, other, input.shape[-1])


def as_matrices(input, other):
    """Both operands with two dimensions at least: a vector is a row before, a column behind."""
    return input[None] if input.ndim == 1 else input, other[:, None] if other.ndim == 1 else other


def gradient(incoming, results, input, other):
    """g times the transpose of other, and the transpose of input times g, over all batches."""
    one, two = as_matrices(input, other)
    g = incoming[0]
    g = g[..., None] if other.ndim == 1 else g
    g = np.expand_dims(g, -2) if input.ndim == 1 else g
    terms = {"input": product_terms(g, transposed(two)), "other": product_terms(transposed(one), g)}
    for name, vector, axis in (("input", input, -2), ("other", other, -1)):
        if vector.ndim == 1:
            terms[name] = type(terms[name])(
                *(np.squeeze(part, axis) for part in (terms[name].terms, terms[name].magnitude))
            )
    return terms


def gradient_bound(dtype, input, other):
    """One product and one addition for each term; those of batches add up besides."""
    return gradient_units(dtype, max((*input.shape[:-1], *other.shape[-1:], 1)), input, other)


def folds_a_vector(dtype, input, other):
    """One operand alone is a vector, or a batch is multiplied with a matrix as one."""
    return input.rank != other.rank


def workload(size):
    """Square matrices of no more than 512 rows, since time grows faster than they do."""
    shape = (min(int(size**0.5), 512),) * 2
    return {"input": dense(shape), "other": dense(shape, "few")}


def growth_workload(size):
    """A matrix of few columns, so that the work grows with its rows."""
    return {"input": dense((size // 64, 64)), "other": dense((64, 8), "few")}


spec = Spec(
    operation="torch.matmul",
    summary="The product of vectors, matrices or batches of matrices, whose leading dimensions broadcast.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.matmul.html",
    arguments=arguments,
    forms=(
        Form("torch.matmul(input, other)", same_bits=False),
        Form("torch.matmul(input=input, other=other)", same_bits=False),
        Form("input.matmul(other)", same_bits=False),
        Form("input @ other", same_bits=False),
        Form("operator.matmul(input, other)", same_bits=False),
        Form("torch.linalg.matmul(input, other)", same_bits=False),
        Form("torch.mm(input, other)", when="input.rank == 2 and other.rank == 2", same_bits=False),
        Form(
            "torch.einsum('...ij,...jk->...ik', input, other)",
            when="input.rank > 1 and other.rank > 1",
            same_bits=False,
        ),
        Form("torch.matmul(input, other, out=out)", out_dtype=ITS_OWN),
    ),
    dtypes=MULTIPLIED,
    oracle=oracle,
    refusals=(
        *another_dtype("torch.matmul(input, {other})"),
        *no_tensor("torch.matmul({input}, other)"),
        Refusal(
            "operands whose inner sizes differ",
            "torch.matmul(input, input.new_ones(input.shape[-1] + 1, 2))",
            RuntimeError,
        ),
        Refusal("a tensor without dimensions", "torch.matmul(input, torch.ones((), dtype=dtype))", RuntimeError),
        Refusal(
            "two tensors without dimensions",
            "torch.ones((), dtype=dtype) @ torch.ones((), dtype=dtype)",
            RuntimeError,
        ),
        Refusal(
            "batches that do not broadcast",
            "torch.matmul(torch.ones(2, 3, 3, dtype=dtype), torch.ones(4, 3, 3, dtype=dtype))",
            RuntimeError,
        ),
        Refusal("boolean matrices", "torch.matmul(torch.ones(2, 2) > 0, torch.ones(2, 2) > 0)", RuntimeError),
        Refusal("a string behind the operator", "input @ 'other'", TypeError),
        Refusal(
            "operands whose inner sizes differ, with out=",
            "torch.matmul(input, input.new_ones(input.shape[-1] + 1, 2), out=out)",
            RuntimeError,
            when="input.rank == 2",
        ),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source=SOURCE),
    laws=(
        *every_place_counts(
            "torch.matmul(row, torch.ones_like(row)).item()",
            "torch.matmul(row[None], torch.ones_like(row)[:, None]).item()",
        ),
        Law(
            "batches that were broadcast before give the same product",
            "torch.matmul(input[None].expand(2, *input.shape), other)[1]",
            "torch.matmul(input, other)",
            when="'int' in dtype and input.rank > 1 and other.rank == 2",
        ),
        Law(
            "a vector before is a row",
            "torch.matmul(input[None], other).squeeze(-2)",
            "torch.matmul(input, other)",
            when="'int' in dtype and input.rank == 1 and other.rank > 1",
        ),
        Law(
            "a vector behind is a column",
            "torch.matmul(input, other[:, None]).squeeze(-1)",
            "torch.matmul(input, other)",
            when="'int' in dtype and input.rank > 1 and other.rank == 1",
        ),
        Law(
            "a product over no terms is 0",
            "torch.matmul(torch.ones(2, 3, 0, dtype=dtype), torch.ones(0, 4, dtype=dtype))",
            "torch.zeros(2, 3, 4, dtype=dtype)",
        ),
    ),
    predicates=(folds_a_vector, has_elements, has_whole_numbers),
    cost=Cost(dtypes=(), workload=workload, growth_workload=growth_workload, reference="matmul"),
)
