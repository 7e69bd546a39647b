"""torch.addmm: beta times a matrix plus alpha times the product of two."""

import numpy as np

from conformance.spec import (
    COMPLEXES,
    FLOATS,
    ITS_OWN,
    Cost,
    Draw,
    Form,
    Gradient,
    Law,
    Refusal,
    Spec,
    Sums,
    TermsWithMagnitude,
    accumulator_of,
    contents,
    dense,
    wide,
)
from conformance.spec.families.dimension import no_tensor
from conformance.spec.families.reduction import every_place_counts

from ._products import (
    MULTIPLIED,
    SOURCE,
    flushed_units,
    gradient_units,
    sizes,
    transposed,
    units_of,
)


def arguments(draw: Draw):
    """The input broadcasts to the product."""
    rows, inner, columns = sizes(draw, 3)
    shape = (rows, columns) if draw.boolean() else draw.broadcastable((rows, columns))
    return {
        "input": draw.tensor(shape),
        "first": draw.tensor((rows, inner)),
        "second": draw.tensor((inner, columns)),
        "beta": draw.choice((1, 1, 1, 0, 2, -1, 0.3)),
        "alpha": draw.choice((1, 1, 1, 2, 3, -1, 0.7)),
    }


def takes(dtype, input, first, second, beta, alpha):
    """A fraction needs floats."""
    return dtype in FLOATS + COMPLEXES or (isinstance(beta, int) and isinstance(alpha, int))


def oracle(input, first, second, beta, alpha):
    """With beta 0 the input counts for nothing, not even NaN.

    The two factors and the products with them round besides what the product of the matrices rounds. Of halves each of
    the two parts is rounded before they are added.
    """
    if first.dtype.kind in "iu":
        product = np.matmul(first, second) * np.asarray(alpha).astype(first.dtype)
        return product + (0 if beta == 0 else input * np.asarray(beta).astype(first.dtype))
    one, other = wide(first), wide(second)
    exact, magnitude = alpha * np.matmul(one, other), max(abs(alpha), 1) * np.matmul(np.abs(one), np.abs(other))
    if beta != 0:
        exact, magnitude = exact + beta * wide(input), magnitude + abs(beta) * np.abs(wide(input))
    if accumulator_of(first):
        units = 2 + units_of(first.dtype.name, first.shape[1])
        lost = max(abs(alpha), 1) * flushed_units(first, one, other, first.shape[1], magnitude) * 2.0**-16
        return Sums(exact, magnitude, np.full(exact.shape, 2), units + lost)
    each = np.where(scaling_overflows(first, second, alpha), np.inf, 8.0 if first.dtype.kind == "c" else 4.0)
    return Sums(exact, magnitude, np.full(exact.shape, first.shape[1] + 1), each)


def scaling_overflows(first, second, alpha):
    """Where alpha times an element of one of the matrices overflows, if that is how alpha is multiplied."""
    largest = np.longdouble(np.finfo(first.dtype).max) / 2
    rows, columns = (np.abs(alpha * wide(matrix)) for matrix in (first, second))
    return np.any(rows > largest, 1)[:, None] | np.any(columns > largest, 0)[None, :]


def gradient(incoming, results, input, first, second, beta, alpha):
    """beta g; alpha g times the transpose of second; alpha times the transpose of first times g."""
    g = incoming[0]
    return {
        "input": beta * g,
        "first": scaled_product(alpha, g, transposed(second)),
        "second": scaled_product(alpha, transposed(first), g),
    }


def scaled_product(factor, one, other):
    """A product times a number, whose errors count at the absolute values, before it is made smaller or after."""
    size = max(abs(factor), 1) * np.matmul(np.abs(one), np.abs(other))
    return TermsWithMagnitude(factor * np.matmul(one, other), size)


def gradient_bound(dtype, input, first, second, beta, alpha):
    """One product and one addition for each term, and the factor with its product."""
    return 4 + gradient_units(dtype, max(first.shape[0], second.shape[1]), first, second)


def adds_up_no_terms(dtype, input, first, second, beta, alpha):
    """The matrices have no inner dimension, and the input counts for nothing."""
    return first.shape[1] == 0 and beta == 0


def ignores_what_is_not_finite_in_one_row(dtype, input, first, second, beta, alpha):
    """The product has one row; the input counts for nothing, and holds NaN or infinity."""
    return first.shape[0] == 1 and ignores_what_is_not_finite(dtype, input, first, second, beta, alpha)


def ignores_what_is_not_finite(dtype, input, first, second, beta, alpha):
    """The input counts for nothing, and holds NaN or infinity."""
    return beta == 0 and not np.isfinite(contents(input, dtype)).all()


def has_elements(dtype, input, first, second, beta, alpha):
    """There are elements to read."""
    return input.numel > 0


def workload(size):
    """Square matrices of no more than 512 rows, since time grows faster than they do."""
    shape = (min(int(size**0.5), 512),) * 2
    return {"input": dense(shape), "first": dense(shape), "second": dense(shape, "few"), "beta": 1, "alpha": 1}


def growth_workload(size):
    """A matrix of few columns, so that the work grows with its rows."""
    rows = size // 64
    return {
        "input": dense((rows, 8)),
        "first": dense((rows, 64)),
        "second": dense((64, 8), "few"),
        "beta": 1,
        "alpha": 1,
    }


PLAIN = "beta == 1 and alpha == 1"

spec = Spec(
    operation="torch.addmm",
    summary="beta * input + alpha * (first @ second); input broadcasts, and with beta 0 it counts for nothing.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.addmm.html",
    arguments=arguments,
    takes=takes,
    forms=(
        Form("torch.addmm(input, first, second, beta=beta, alpha=alpha)"),
        Form("torch.addmm(input=input, mat1=first, mat2=second, beta=beta, alpha=alpha)"),
        Form("torch.addmm(input, first, second)", when=PLAIN),
        Form("torch.addmm(input, first, second, beta=beta)", when="alpha == 1"),
        Form("input.addmm(first, second, beta=beta, alpha=alpha)"),
        Form("input.addmm(first, second)", when=PLAIN),
        Form("input.addmm_(first, second, beta=beta, alpha=alpha)", writes="input"),
        Form("input.addmm_(first, second)", when=PLAIN, writes="input"),
        Form("torch.addmm(input, first, second, beta=beta, alpha=alpha, out=out)", out_dtype=ITS_OWN),
    ),
    dtypes=MULTIPLIED,
    oracle=oracle,
    refusals=(
        *no_tensor("torch.addmm({input}, first, second)"),
        Refusal(
            "matrices whose inner sizes differ",
            "torch.addmm(input, first, first.new_ones(first.shape[1] + 1, 2))",
            RuntimeError,
        ),
        Refusal(
            "an input that does not broadcast",
            "torch.addmm(torch.ones(2, dtype=dtype), torch.ones(3, 3, dtype=dtype), torch.ones(3, 3, dtype=dtype))",
            RuntimeError,
        ),
        Refusal("a batch of matrices", "torch.addmm(input, first[None], second)", RuntimeError),
        Refusal(
            "a vector as the second matrix",
            "torch.addmm(input, first, second[:, :1].reshape(-1))",
            RuntimeError,
            when="second.shape[1] > 0",
        ),
        Refusal("a call with one matrix", "torch.addmm(input, first)", TypeError),
        Refusal(
            "matrices of two dtypes",
            "torch.addmm(input, first, second.to(torch.float64 if dtype != torch.float64 else torch.float32))",
            RuntimeError,
        ),
        Refusal("a string as alpha", "torch.addmm(input, first, second, alpha='one')", TypeError),
        Refusal(
            "boolean matrices",
            "torch.addmm(torch.ones(2, 2) > 0, torch.ones(2, 2) > 0, torch.ones(2, 2) > 0)",
            RuntimeError,
        ),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source=SOURCE),
    laws=(
        *every_place_counts(
            "torch.addmm(torch.zeros(1, 1, dtype=dtype), row[None], torch.ones_like(row)[:, None]).item()"
        ),
        Law(
            "with beta 0 the input counts for nothing",
            "torch.addmm(torch.full((2, 2), math.nan, dtype=dtype), *[torch.ones(2, 2, dtype=dtype)] * 2, beta=0)",
            "torch.full((2, 2), 2, dtype=dtype)",
            when="'int' not in dtype",
        ),
        Law(
            "the default adds the input to the product of whole numbers",
            "torch.addmm(input, first, second)",
            "input + torch.mm(first, second)",
            when="'int' in dtype",
        ),
        Law(
            "a product over no terms leaves beta times the input",
            "torch.addmm(input, first[:, :0], second[:0], beta=beta, alpha=alpha)",
            "(input * beta if beta else torch.zeros_like(input)).expand(first.shape[0], second.shape[1])",
            when="'int' in dtype",
        ),
    ),
    predicates=(adds_up_no_terms, has_elements, ignores_what_is_not_finite, ignores_what_is_not_finite_in_one_row),
    cost=Cost(dtypes=(), workload=workload, growth_workload=growth_workload, reference="matmul"),
)
