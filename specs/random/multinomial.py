"""torch.multinomial: places, drawn as the weights in a row say, with or without putting back."""

import numpy as np

from conformance.spec import (
    FLOATS,
    Allowed,
    Cost,
    Distribution,
    Draw,
    Form,
    Law,
    Output,
    Refusal,
    Spec,
    contents,
    dense,
)

from ._streams import (
    ALONE,
    DEFAULT,
    GENERATOR,
    MODES,
    NOT_COMPILED,
    SEEDED,
    by_global_generator,
    drawn_twice,
    seeded_anew,
    seeds,
)


def arguments(draw: Draw):
    """One or two dimensions; a quarter of the weights are 0, or none, and without putting back all may be drawn."""
    shape = draw.shape(min_rank=1, max_rank=2, smallest=1)
    replacement = draw.boolean()
    low, high = draw.choice(((1, 64), (0, 3), (1, 1)))
    most = shape[-1] if not replacement else 40
    number = draw.choice((1, draw.integer(1, most), most))
    return {
        "input": draw.fractions(shape, low, high),
        "num_samples": min(number, 2**18 // max(int(np.prod(shape[:-1])), 1)),
        "replacement": replacement,
        "seed": seeds(draw),
    }


def takes(dtype, input, num_samples, replacement, seed):
    """Each row has a weight above 0 for each place that must be drawn."""
    above = np.count_nonzero(contents(input, dtype), axis=-1)
    return bool(np.all(above >= (1 if replacement else num_samples)))


def oracle(input, num_samples, replacement, seed):
    def can_come(array):
        inside = (array >= 0) & (array < input.shape[-1])
        weights = np.take_along_axis(input, np.where(inside, array, 0), axis=-1)
        return inside & (weights > 0) & (replacement or not_before(array))

    what = "places with a weight above 0" + ("" if replacement else ", none of them twice in a row")
    return Allowed((*input.shape[:-1], num_samples), can_come, what)


def not_before(array):
    """Where no number is that stands before in its row."""
    order = np.argsort(array, axis=-1, kind="stable")
    ordered = np.take_along_axis(array, order, axis=-1)
    again = np.zeros(array.shape, bool)
    np.put_along_axis(again, order[..., 1:], ordered[..., 1:] == ordered[..., :-1], axis=-1)
    return ~again


WEIGHTS = np.array([0.125, 0.0, 0.375, 0.5])


def probability(values, dtype, input, num_samples, replacement, seed):
    """The second of two places: without putting back what is left after the first."""
    likely = WEIGHTS
    if not replacement:
        others = WEIGHTS / (1 - WEIGHTS)
        likely = WEIGHTS * (np.sum(others) - others)
    sums = np.cumsum(np.concatenate([[0.0], likely]))
    place = np.clip(values, -1, 4).astype(np.int64)
    return sums[np.clip(place + 1, 0, 4)], sums[np.clip(place, 0, 4)]


def workload(size):
    weights = dense((size // 64, 64), "fraction", high=64)
    return {"input": weights, "num_samples": 8, "replacement": True, "seed": 0}


CALL = "torch.multinomial(input, num_samples, replacement, generator=generator)"
SECOND_OF_TWO = f"""
    weights = torch.tensor([0.125, 0.0, 0.375, 0.5], dtype=dtype, device=device).expand(count, 4)
    torch.multinomial(weights, 2, replacement, generator={GENERATOR})[:, 1]
"""
ONE_ROW = f"""
    weights = torch.tensor([0.0, 0.25, 0.25, 0.0, 0.5], dtype=dtype, device=device)
    drawn = torch.multinomial(weights, 4000, replacement=True, generator={GENERATOR}).bincount(minlength=5)
    drawn.sub(4000 * weights).abs() <= 400 * (weights > 0)
"""
"""Binomial numbers of standard deviations of 32 at most are within 400, but with a probability of 1e-34."""

spec = Spec(
    operation="torch.multinomial",
    summary="Places in each row, drawn in proportion to their weights, with or without putting back.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.multinomial.html",
    arguments=arguments,
    forms=(
        Form(f"torch.multinomial(input, num_samples, replacement, generator={GENERATOR})"),
        Form(
            f"torch.multinomial(input=input, num_samples=num_samples, replacement=replacement, generator={GENERATOR})"
        ),
        Form(f"torch.multinomial(input, num_samples, generator={GENERATOR})", when="not replacement"),
        Form(f"input.multinomial(num_samples, replacement, generator={GENERATOR})"),
        Form(by_global_generator("torch.multinomial(input, num_samples, replacement)"), title=SEEDED),
        Form(by_global_generator("input.multinomial(num_samples, replacement)"), title=f"a method, by {SEEDED}"),
        Form(
            by_global_generator("torch.multinomial(input, num_samples, replacement=replacement)"),
            title=f"a keyword, by {SEEDED}",
        ),
        Form(by_global_generator("torch.multinomial(input, num_samples)"), title=DEFAULT, when="not replacement"),
        Form(f"torch.multinomial(input, num_samples, replacement, generator={GENERATOR}, out=out)"),
    ),
    dtypes=FLOATS,
    oracle=oracle,
    takes=takes,
    outputs=(Output(dtype="int64"),),
    refusals=(
        Refusal(
            "more places than there are, without putting back",
            "torch.multinomial(input, input.shape[-1] + 1)",
            RuntimeError,
        ),
        Refusal("a weight below 0", "torch.multinomial(-torch.ones(3, dtype=dtype), 1)", RuntimeError),
        Refusal(
            "an infinite weight", "torch.multinomial(torch.full((3,), float('inf'), dtype=dtype), 1)", RuntimeError
        ),
        Refusal(
            "a weight that is NaN", "torch.multinomial(torch.full((3,), float('nan'), dtype=dtype), 1)", RuntimeError
        ),
        Refusal("weights that are all 0", "torch.multinomial(torch.zeros(3, dtype=dtype), 1)", RuntimeError),
        Refusal(
            "weights that are all 0, with putting back",
            "torch.multinomial(torch.zeros(3, dtype=dtype), 1, True)",
            RuntimeError,
        ),
        Refusal("no place to draw", "torch.multinomial(input, 0)", RuntimeError),
        Refusal("a negative number of places", "torch.multinomial(input, -1, True)", RuntimeError),
        Refusal("three dimensions", "torch.multinomial(torch.ones(2, 2, 2, dtype=dtype), 1)", RuntimeError),
        Refusal("a number without dimensions", "torch.multinomial(torch.ones((), dtype=dtype), 1)", RuntimeError),
        Refusal("weights in whole numbers", "torch.multinomial(torch.ones(3, dtype=torch.int64), 1)", RuntimeError),
        Refusal("an out of floats", "torch.multinomial(input, 1, out=out)", RuntimeError),
        Refusal("a fraction of places", "torch.multinomial(input, 1.5)", TypeError),
        Refusal("a list in place of the weights", "torch.multinomial([1.0], 1)", TypeError),
    ),
    laws=(
        Law(
            "a generator does not give the same places twice",
            drawn_twice("torch.multinomial(torch.ones(99, dtype=dtype), 99, replacement, generator=generator)"),
            "False",
        ),
        Law(
            "a generator that is seeded anew gives its first places",
            seeded_anew(CALL),
            f"torch.multinomial(input, num_samples, replacement, generator={GENERATOR})",
        ),
        Law(
            "rows with one weight above 0 give its place, in a table that is not row-major too",
            f"torch.multinomial(torch.eye(6, dtype=dtype, device=device).roll(1, 0).t(), 1, generator={GENERATOR})",
            "torch.arange(1, 7).remainder(6).unsqueeze(1)",
        ),
        Law(
            "all places without putting back are all places",
            f"torch.multinomial(torch.ones(3, 50, dtype=dtype), 50, generator={GENERATOR}).sort().values",
            "torch.arange(50).expand(3, 50)",
        ),
        Law("places of one row come as often as they weigh", ONE_ROW, "torch.ones(5, dtype=torch.bool)"),
    ),
    distribution=Distribution(call=SECOND_OF_TWO, probability=probability),
    cost=Cost(dtypes=(), workload=workload),
    modes=("vmap", *MODES),
    unsupported_modes=(ALONE, *NOT_COMPILED),
)
