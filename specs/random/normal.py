"""torch.normal: numbers of normal distributions, each with a mean and a standard deviation of its own."""

import numpy as np

from conformance.spec import FLOATS, Allowed, Cost, Distribution, Draw, Form, Law, Refusal, Spec, dense

from ._streams import (
    ALONE,
    DEFAULT,
    GENERATOR,
    LARGEST,
    MODES,
    NOT_COMPILED,
    SEEDED,
    by_global_generator,
    drawn_twice,
    normal_cumulative,
    rounded_to,
    seeded_anew,
    seeds,
)


def arguments(draw: Draw):
    """Two tensors that broadcast, or a number in place of one of them; one deviation in a few is 0."""
    first, second = draw.mutually_broadcastable_shapes(2)
    mean = draw.tensor(first, kinds=("few", "constant", "normal"), landmarks=("0", "1", "-1"))
    std = draw.fractions(second, 0, draw.choice((3, 200)))
    numbers = draw.integer(0, 5)
    if numbers == 4:
        std = draw.choice((0.5, 0.0, 1.0, 3.25))
    elif numbers == 5:
        mean = draw.choice((0.5, 0.0, -7.75))
    return {"mean": mean, "std": std, "seed": seeds(draw)}


def oracle(mean, std, seed):
    """A number rounds when it is drawn, multiplied by the deviation, and added to the mean."""
    exact, deviation = np.asarray(mean, np.float64), np.asarray(std, np.float64)
    digits = max((digits_of(one) for one in (mean, std) if isinstance(one, np.ndarray)), default=0)
    reach = LARGEST * deviation
    reach = reach + np.where(deviation > 0, 4 * (reach + np.abs(exact)) * 2.0**-digits, 0)

    def in_reach(array):
        return np.abs(array.astype(np.float64) - exact) <= reach

    shape = np.broadcast_shapes(exact.shape, deviation.shape)
    return Allowed(shape, in_reach, "numbers that are not further from the mean than 8.66 deviations")


def digits_of(array):
    return {"float16": 11, "bfloat16": 8, "float32": 24}.get(array.dtype.name, 53)


def mean_that_is_exact(dtype):
    """A mean to which numbers of a deviation of 2 are added without rounding twice in halves."""
    return 0.0 if dtype.endswith("16") else 1.0


def probability(values, dtype, mean, std, seed):
    def cumulative(numbers):
        return normal_cumulative((numbers - mean_that_is_exact(dtype)) / 2)

    return rounded_to(dtype, cumulative, values)


def has_another_order(dtype, mean, std, seed):
    """There are deviations in a tensor, and a tensor is not row-major."""
    tensors = [one for one in (mean, std) if hasattr(one, "layout")]
    return hasattr(std, "layout") and any(one.layout.kind != "contiguous" for one in tensors)


def has_one_deviation(dtype, mean, std, seed):
    """The means are a tensor, and the deviation is a number."""
    return not hasattr(std, "layout")


def workload(size):
    return {"mean": dense((size // 64, 64)), "std": dense((size // 64, 64), "fraction", high=64), "seed": 0}


OF_TENSORS = "hasattr(mean, 'shape') and hasattr(std, 'shape')"
BY_GENERATOR = "torch.normal(mean, std, generator=generator)"
MANY = f"""
    mean = torch.full((count,), 0.0 if dtype.itemsize == 2 else 1.0, dtype=dtype, device=device)
    torch.normal(mean, torch.full_like(mean, 2), generator={GENERATOR})
"""

spec = Spec(
    operation="torch.normal",
    summary="Numbers of normal distributions, whose means and standard deviations are broadcast.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.normal.html",
    arguments=arguments,
    forms=(
        Form(f"torch.normal(mean, std, generator={GENERATOR})"),
        Form(f"torch.normal(mean=mean, std=std, generator={GENERATOR})"),
        Form(f"torch.normal(mean, generator={GENERATOR})", when="not hasattr(std, 'shape') and std == 1"),
        Form(by_global_generator("torch.normal(mean=mean, std=std)"), title=SEEDED),
        Form(by_global_generator("torch.normal(mean, std)"), title=DEFAULT),
        Form(f"torch.normal(mean, std, generator={GENERATOR}, out=out)"),
    ),
    dtypes=FLOATS,
    oracle=oracle,
    refusals=(
        Refusal("a deviation below 0", "torch.normal(mean, -1.0)", RuntimeError, when="hasattr(mean, 'shape')"),
        Refusal("a tensor of deviations below 0", "torch.normal(0.0, -torch.ones(3, dtype=dtype))", RuntimeError),
        Refusal("a deviation that is NaN", "torch.normal(0.0, float('nan'), (3,))", RuntimeError),
        Refusal("two numbers and no size", "torch.normal(0.0, 1.0)", TypeError),
        Refusal(
            "shapes that do not broadcast", "torch.normal(torch.ones(3, dtype=dtype), torch.ones(4))", RuntimeError
        ),
        Refusal("complex deviations", "torch.normal(torch.ones(3), torch.ones(3) + 0j)", RuntimeError),
        Refusal("means of whole numbers", "torch.normal(torch.ones(3, dtype=torch.int64), 1.0)", RuntimeError),
        Refusal("a seed in place of the generator", "torch.normal(mean, std, generator=0)", TypeError),
    ),
    laws=(
        Law(
            "a generator does not give the same numbers twice",
            drawn_twice("torch.normal(mean, 4.0, generator=generator)"),
            "False",
            when="hasattr(mean, 'shape') and mean.numel >= 16",
        ),
        Law(
            "a generator that is seeded anew gives its first numbers",
            seeded_anew(BY_GENERATOR),
            f"torch.normal(mean, std, generator={GENERATOR})",
        ),
        Law(
            "a deviation of 0 gives the mean",
            f"torch.normal(mean, 0.0, generator={GENERATOR}) + 0",
            "mean + 0",
            when="hasattr(mean, 'shape')",
        ),
        Law(
            "a tensor of one mean is as good as the number",
            f"torch.normal(torch.full_like(std, 2), std, generator={GENERATOR})",
            f"torch.normal(2.0, std, generator={GENERATOR})",
            when="hasattr(std, 'shape') and std.layout.kind == 'contiguous'",
        ),
    ),
    distribution=Distribution(call=MANY, probability=probability),
    cost=Cost(dtypes=(), workload=workload),
    modes=("vmap", *MODES),
    unsupported_modes=(ALONE, *NOT_COMPILED),
    predicates=(has_another_order, has_one_deviation),
)
