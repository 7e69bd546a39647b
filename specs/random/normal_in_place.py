"""torch.Tensor.normal_: fills a tensor with numbers of one normal distribution, as torch.normal with a size does."""

import numpy as np

from conformance.spec import COMPLEXES, FLOATS, Allowed, Cost, Distribution, Draw, Form, Law, Refusal, Spec

from ._streams import (
    DEFAULT,
    GENERATOR,
    LARGEST,
    MODES,
    NOT_COMPILED,
    SEEDED,
    by_global_generator,
    by_part,
    drawn_twice,
    normal_cumulative,
    parts_cumulative,
    reads,
    rounded_to,
    seeded_anew,
    shapes,
)


def arguments(draw: Draw):
    """Small means and deviations; the defaults are as frequent as all others."""
    if draw.boolean():
        mean, std = draw.integer(-512, 512) / 64, draw.integer(0, 256) / 64
    else:
        mean, std = 0.0, 1.0
    return {**shapes(draw), "mean": mean, "std": std}


def takes(dtype, size, seed, mean, std):
    """What the mean of both parts of a complex number is, is not promised."""
    return mean == 0 or not dtype.startswith("complex")


def oracle(size, seed, mean, std):
    """A number is rounded to the dtype, as is the mean if there is no deviation."""
    reach = LARGEST * std + (abs(mean) + LARGEST * std) * 2.0**-8 * (std > 0)

    def in_reach(array):
        nearest = np.asarray(mean).astype(array.dtype).astype(np.float64)
        return np.abs(array.astype(np.float64) - nearest) <= reach

    return Allowed(size, by_part(in_reach), "numbers that are not further from the mean than 8.66 deviations")


def probability(values, dtype, size, seed, mean, std):
    cumulative = parts_cumulative if dtype.startswith("complex") else normal_cumulative

    def with_mean(numbers):
        return cumulative((numbers - mean) / std)

    return rounded_to(dtype, with_mean, values)


def workload(size):
    return {"size": (size // 64, 64), "seed": 0, "mean": 1.0, "std": 2.0}


EMPTY = "torch.empty(size, dtype=dtype, device=device)"
BY_GENERATOR = f"{EMPTY}.normal_(mean, std, generator=generator)"
KEYWORDS = "dtype=dtype, layout=torch.strided, device=device, requires_grad=False, pin_memory=False"
STANDARD = "mean == 0 and std == 1"

spec = Spec(
    operation="torch.Tensor.normal_",
    summary="Fills a tensor with numbers of the normal distribution that has a mean and a standard deviation.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.normal_.html",
    arguments=arguments,
    forms=(
        Form(f"{EMPTY}.normal_(mean, std, generator={GENERATOR})"),
        Form(f"{EMPTY}.normal_(mean=mean, std=std, generator={GENERATOR})"),
        Form(f"{EMPTY}.normal_(generator={GENERATOR})", when=STANDARD),
        Form(f"torch.normal(mean, std, size, generator={GENERATOR}, dtype=dtype, device=device)"),
        Form(f"torch.normal(mean=mean, std=std, size=size, generator={GENERATOR}, {KEYWORDS})"),
        Form(by_global_generator(f"{EMPTY}.normal_(mean, std)"), title=SEEDED),
        Form(by_global_generator(f"{EMPTY}.normal_()"), title=DEFAULT, when=STANDARD),
        Form(
            by_global_generator("torch.normal(mean, std, size)"),
            title="torch.normal with a size and every argument left at its default",
            when="dtype == 'float32'",
        ),
        Form(f"torch.normal(mean, std, size, generator={GENERATOR}, dtype=dtype, out=out)"),
    ),
    dtypes=FLOATS + COMPLEXES,
    oracle=oracle,
    takes=takes,
    refusals=(
        Refusal("a deviation below 0", f"{EMPTY}.normal_(0, -1)", RuntimeError),
        Refusal("a size and a deviation below 0", "torch.normal(0.0, -1.0, size, dtype=dtype)", RuntimeError),
        Refusal("a deviation that is NaN", f"{EMPTY}.normal_(0, float('nan'))", RuntimeError),
        Refusal("whole numbers", "torch.ones(3, dtype=torch.int64).normal_()", RuntimeError),
        Refusal("a complex mean", f"{EMPTY}.normal_(1j, 1)", (TypeError, RuntimeError)),
        Refusal("a string as mean", f"{EMPTY}.normal_('0')", TypeError),
        Refusal("a negative size", "torch.normal(0.0, 1.0, (-1,), dtype=dtype)", RuntimeError),
        Refusal("elements that share memory", "torch.ones(1, dtype=dtype).expand(3).normal_()", RuntimeError),
    ),
    laws=(
        Law(
            "a generator does not give the same numbers twice",
            drawn_twice(BY_GENERATOR),
            "False",
            when="math.prod(size) >= 16 and std >= 0.25 and abs(mean) <= 1",
        ),
        Law(
            "a generator that is seeded anew gives its first numbers",
            seeded_anew(BY_GENERATOR),
            f"{EMPTY}.normal_(mean, std, generator={GENERATOR})",
        ),
        Law(
            "a deviation of 0 gives the mean",
            f"{EMPTY}.normal_(mean, 0, generator={GENERATOR})",
            "torch.full(size, mean, dtype=dtype, device=device)",
            when="not dtype.startswith('complex')",
        ),
        Law(
            "elements beside those of a slice are left as they were",
            f"whole = torch.zeros(40, 3, dtype=dtype, device=device)\n"
            f"whole[:, 1].normal_(mean, std, generator={GENERATOR})\nwhole[:, ::2]",
            "torch.zeros(40, 2, dtype=dtype, device=device)",
        ),
    ),
    distribution=Distribution(
        call=reads(f"{EMPTY.replace('(size', '(count')}.normal_(mean, std, generator={GENERATOR})"),
        probability=probability,
        when="std > 0",
    ),
    cost=Cost(workload=workload),
    modes=MODES,
    unsupported_modes=NOT_COMPILED,
)
