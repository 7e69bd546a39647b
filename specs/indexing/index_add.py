"""torch.index_add: a tensor with the entries of another added at the given positions along one dimension."""

import numpy as np

from conformance.spec import (
    BOOL,
    COMPLEXES,
    FLOATS,
    INTEGERS,
    Cost,
    Draw,
    Form,
    Gradient,
    Law,
    Refusal,
    Spec,
    Sums,
    contents,
    dense,
    ulps,
)

ALPHAS = (1,) * 8 + (-1, 2, -3, 0, 0.3, -0.1, 1e-4, 0.5 - 2j)


def arguments(draw: Draw):
    """A tensor without dimensions has one entry."""
    shape, dim = draw.shape_and_dim()
    size = shape[dim] if shape else 1
    count = draw.choice((size, draw.size(), size + 1)) if size and shape else size
    place = dim % max(len(shape), 1)
    return {
        "input": draw.tensor(shape),
        "dim": dim,
        "index": draw.index((count,), 0, size, dtype=draw.choice(("int64", "int64", "int32"))),
        "source": draw.tensor((*shape[:place], count, *shape[place + 1 :]) if shape else ()),
        "alpha": draw.choice(ALPHAS),
    }


def takes(dtype, input, dim, index, source, alpha):
    """A fraction as alpha needs floats, a complex number complex ones, and one below 0 a sign."""
    if dtype == "bool":
        return alpha == 1
    if isinstance(alpha, complex):
        return dtype in COMPLEXES
    return dtype in FLOATS + COMPLEXES or (isinstance(alpha, int) and (alpha >= 0 or dtype != "uint8"))


def accumulated(add, array, dim, index, new):
    """A copy to which something is added at each position, as often as it is named."""
    result = np.array(array)
    if array.ndim == 0:
        add.at(result, (), new)
    else:
        add.at(np.moveaxis(result, dim, 0), index, np.moveaxis(new, dim, 0))
    return result


def oracle(input, dim, index, source, alpha):
    """Booleans are added by or; whole numbers wrap; sums of floats are added in any order.

    Where alpha is not 1 it is rounded, and so is the product: each counts as one more term, and for complex numbers as
    four more (Brent, Percival & Zimmermann, Error bounds on complex floating-point multiplication, 2007, theorem 2).
    """
    if input.dtype.kind == "b":
        return accumulated(np.logical_or, input, dim, index, source)
    if input.dtype.kind in "iu":
        return accumulated(np.add, input, dim, index, source * np.asarray(alpha).astype(input.dtype))
    product = source * alpha
    more = 1 if alpha == 1 else 9 if input.dtype.kind == "c" else 3
    count = np.full(source.shape, more, np.int64)
    return Sums(
        accumulated(np.add, input, dim, index, product),
        accumulated(np.add, np.asarray(np.abs(input)), dim, index, np.asarray(np.abs(product))),
        accumulated(np.add, np.ones(input.shape, np.int64), dim, index, count),
    )


def of_each_term(dtype, input, dim, index, source, alpha):
    """The terms are the entries as they are; additions count by their number."""
    return 0


def gradient(incoming, results, input, dim, index, source, alpha):
    """Each entry that was added gets the gradient of its position, alpha times."""
    taken = incoming[0] if input.ndim == 0 else np.take(incoming[0], index, axis=dim)
    return {"input": incoming[0], "source": taken * np.conj(alpha)}


def gradient_bound(dtype, input, dim, index, source, alpha):
    """alpha rounds and the product rounds; complex numbers as in the operation itself."""
    return 0 if alpha == 1 else 8 if dtype in COMPLEXES else 2


def alpha_is_complex(dtype, input, dim, index, source, alpha):
    return isinstance(alpha, complex)


def multiplies_what_is_not_finite_by_zero(dtype, input, dim, index, source, alpha):
    """Alpha is the whole number 0, and the source holds NaN or infinity, whose product with 0 is NaN."""
    return type(alpha) is int and alpha == 0 and not np.isfinite(contents(source, dtype)).all()


def is_finite_for_nan(dtype, got, promised, **arguments):
    """A number in place of NaN."""
    return np.isnan(promised) & np.isfinite(got)


def is_turned_by_alpha(dtype, got, promised, input, dim, index, source, alpha):
    """What comes of a product with alpha and not with its conjugate."""
    value, exact = np.asarray(got, np.clongdouble) * np.conj(alpha), np.asarray(promised, np.clongdouble) * alpha
    return (np.abs(value - exact) <= 0.01 * np.abs(exact)) | ~np.isfinite(value)


def workload(size):
    """As many rows as there are, in any order and with repeats."""
    rows = size // 64
    index = dense((rows,), "index", "int64", high=rows)
    return {"input": dense((rows, 64)), "dim": 0, "index": index, "source": dense((rows, 64)), "alpha": 1}


UNIT = "alpha == 1"
FILLED = "input.rank > 0 and input.numel > 0 and index.numel > 0"
OUTSIDE = (IndexError, RuntimeError)

spec = Spec(
    operation="torch.index_add",
    summary="input with alpha times the entries of source added at the positions in index along dim, repeats included.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_add_.html",
    arguments=arguments,
    takes=takes,
    forms=(
        Form("torch.index_add(input, dim, index, source, alpha=alpha)"),
        Form("torch.index_add(input=input, dim=dim, index=index, source=source, alpha=alpha)"),
        Form("torch.index_add(input, dim, index, source)", when=UNIT),
        Form("input.index_add(dim, index, source, alpha=alpha)"),
        Form("input.index_add(dim=dim, index=index, source=source, alpha=alpha)"),
        Form("input.index_add(dim, index, source)", when=UNIT),
        Form("input.index_add_(dim, index, source, alpha=alpha)", writes="input"),
        Form("input.index_add_(dim, index, source)", when=UNIT, writes="input"),
        Form("torch.index_add(input, dim, index, source, alpha=alpha, out=out)"),
    ),
    dtypes=BOOL + INTEGERS + FLOATS + COMPLEXES,
    oracle=oracle,
    accuracy=ulps(of_each_term, "Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 4.2"),
    refusals=(
        Refusal(
            "a position past the last entry",
            "torch.index_add(input, dim, index + input.shape[dim], source)",
            OUTSIDE,
            when=FILLED,
            poisons=True,
        ),
        Refusal(
            "a position below 0",
            "torch.index_add(input, dim, -1 - index, source)",
            OUTSIDE,
            when=FILLED,
            poisons=True,
        ),
        Refusal(
            "a position past the last entry behind valid ones",
            "torch.index_add(torch.ones(3, dtype=dtype), 0, torch.arange(1, 4), torch.ones(3, dtype=dtype))",
            OUTSIDE,
            poisons=True,
        ),
        Refusal(
            "an index with more positions than the source has entries",
            "torch.index_add(torch.ones(3, dtype=dtype), 0, torch.arange(3), torch.ones(2, dtype=dtype))",
            OUTSIDE,
        ),
        Refusal(
            "an index with two dimensions",
            "torch.index_add(input, dim, index.reshape(1, -1), source)",
            OUTSIDE,
        ),
        Refusal(
            "a source of another shape elsewhere than along dim",
            "torch.index_add(torch.ones(2, 3, dtype=dtype), 0, torch.tensor([0]), torch.ones(1, 2, dtype=dtype))",
            RuntimeError,
        ),
        Refusal(
            "a source with fewer dimensions",
            "torch.index_add(torch.ones(2, 3, dtype=dtype), 0, torch.tensor([0]), torch.ones(1, dtype=dtype))",
            RuntimeError,
        ),
        Refusal(
            "a source of another dtype",
            "torch.index_add(input, dim, index, source.to(torch.int16 if dtype.is_complex else torch.complex64))",
            RuntimeError,
        ),
        Refusal("a floating index", "torch.index_add(input, dim, index.double(), source)", OUTSIDE),
        Refusal("a boolean index", "torch.index_add(input, dim, index > 0, source)", OUTSIDE),
        Refusal("an index of uint8", "torch.index_add(input, dim, index.byte(), source)", OUTSIDE),
        Refusal(
            "a dim past the last dimension", "torch.index_add(input, max(input.dim(), 1), index, source)", IndexError
        ),
        Refusal(
            "a dim before the first dimension",
            "torch.index_add(input, -max(input.dim(), 1) - 1, index, source)",
            IndexError,
        ),
        Refusal("a dim that is no whole number", "torch.index_add(input, 0.0, index, source)", TypeError),
        Refusal("a list as the index", "torch.index_add(input, dim, [0], source)", TypeError),
        Refusal("a number as the source", "torch.index_add(input, dim, index, 1)", TypeError),
        Refusal("a string as alpha", "torch.index_add(input, dim, index, source, alpha='1')", TypeError),
        Refusal("a call without a source", "torch.index_add(input, dim, index)", TypeError),
        Refusal("a list in place of the tensor", "torch.index_add([1, 2], 0, index, source)", TypeError),
        Refusal(
            "a floating index, with out=",
            "torch.index_add(torch.ones(3, dtype=dtype), 0, torch.ones(3), torch.ones(3, dtype=dtype), out=out)",
            OUTSIDE,
        ),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source="as the products of the operation itself"),
    laws=(
        Law(
            "an alpha of 0 changes no element",
            "torch.index_add(input, dim, index, torch.ones_like(source), alpha=0) == input",
            "input == input",
            when="dtype != 'bool'",
        ),
        Law(
            "no position leaves the tensor as it is",
            "torch.index_add(input, dim, index[:0], source.narrow(dim, 0, 0))",
            "input",
            when="input.rank > 0",
        ),
        Law(
            "adding to zeros at every position in order gives the source",
            "torch.index_add(torch.zeros_like(input), dim, torch.arange(input.shape[dim]), input) == input",
            "input == input",
            when="input.rank > 0 and 'complex' not in dtype",
        ),
        Law(
            "positions of int32 and int64 give the same result",
            "torch.index_add(input, dim, index.int(), source)",
            "torch.index_add(input, dim, index.long(), source)",
            when="dtype in ('int32', 'int64', 'uint8', 'bool')",
        ),
        Law(
            "the sum grows by what is added",
            "torch.index_add(input, dim, index, source, alpha=3).sum()",
            "input.sum() + 3 * source.sum()",
            when="dtype == 'int64'",
        ),
    ),
    explanations=(is_finite_for_nan, is_turned_by_alpha),
    predicates=(alpha_is_complex, multiplies_what_is_not_finite_by_zero),
    cost=Cost(dtypes=(), workload=workload, reference="elementwise"),
)
