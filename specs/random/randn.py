"""torch.randn: numbers of the standard normal distribution."""

import numpy as np

from conformance.spec import (
    COMPLEXES,
    FLOATS,
    Allowed,
    Cost,
    Distribution,
    Draw,
    Form,
    Law,
    Refusal,
    Spec,
)

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
    has_last_bits,
    normal_cumulative,
    parts_cumulative,
    reads,
    rounded_to,
    seeded_anew,
    shapes,
)


def arguments(draw: Draw):
    return shapes(draw)


def in_reach(array):
    return np.abs(array) < LARGEST


def oracle(size, seed):
    return Allowed(size, by_part(in_reach), "numbers that are not further than 8.66 from 0")


def probability(values, dtype, size, seed):
    """The standard normal distribution, rounded to the dtype; the parts of a complex number have half the variance."""
    return rounded_to(dtype, parts_cumulative if dtype.startswith("complex") else normal_cumulative, values)


def workload(size):
    return {"size": (size // 64, 64), "seed": 0}


BY_GENERATOR = "torch.randn(size, generator=generator, dtype=dtype, device=device)"
MANY = f"torch.randn(4096, generator={GENERATOR}, dtype=dtype, device=device)"
KEYWORDS = "dtype=dtype, layout=torch.strided, device=device, requires_grad=False, pin_memory=False"

spec = Spec(
    operation="torch.randn",
    summary="Numbers of the standard normal distribution; each part of a complex one has half the variance.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.randn.html",
    arguments=arguments,
    forms=(
        Form(f"torch.randn(size, generator={GENERATOR}, dtype=dtype, device=device)"),
        Form(f"torch.randn(*size, generator={GENERATOR}, dtype=dtype, device=device)", when="size"),
        Form(f"torch.randn(list(size), generator={GENERATOR}, dtype=dtype, device=device)"),
        Form(f"torch.randn(size=size, generator={GENERATOR}, {KEYWORDS})"),
        Form(f"torch.empty(size, dtype=dtype, device=device).normal_(generator={GENERATOR})"),
        Form(f"torch.empty(size, dtype=dtype, device=device).normal_(0, 1, generator={GENERATOR})"),
        Form(by_global_generator("torch.randn(size, dtype=dtype, device=device)"), title=SEEDED),
        Form(by_global_generator("torch.randn(size)"), title=DEFAULT, when="dtype == 'float32'"),
        Form(f"torch.randn(size, generator={GENERATOR}, dtype=dtype, out=out)"),
    ),
    dtypes=FLOATS + COMPLEXES,
    oracle=oracle,
    refusals=(
        Refusal("a negative size", "torch.randn(-1, dtype=dtype)", RuntimeError),
        Refusal("no size", "torch.randn(dtype=dtype)", TypeError),
        Refusal("a size that is no whole number", "torch.randn(2.5, dtype=dtype)", TypeError),
        Refusal("a seed in place of the generator", "torch.randn(3, generator=0, dtype=dtype)", TypeError),
        Refusal("a dtype of whole numbers", "torch.randn(3, dtype=torch.int64)", RuntimeError),
        Refusal("an out of another dtype", "torch.randn(3, dtype=torch.bool, out=out)", RuntimeError),
    ),
    laws=(
        Law(
            "a generator does not give the same numbers twice",
            drawn_twice(BY_GENERATOR),
            "False",
            when="math.prod(size) >= 16",
        ),
        Law(
            "a generator that is seeded anew gives its first numbers",
            seeded_anew(BY_GENERATOR),
            f"torch.randn(size, generator={GENERATOR}, dtype=dtype, device=device)",
        ),
        Law(
            "requires_grad makes a leaf of the numbers",
            f"torch.randn(size, generator={GENERATOR}, dtype=dtype, device=device, requires_grad=True).requires_grad",
            "True",
        ),
        Law(
            "numbers from 1 up to 2 have every digit of their dtype",
            has_last_bits(MANY, 1),
            "True",
            when="not dtype.startswith('complex')",
        ),
    ),
    distribution=Distribution(
        call=reads(f"torch.randn(count, generator={GENERATOR}, dtype=dtype, device=device)"), probability=probability
    ),
    cost=Cost(workload=workload),
    modes=MODES,
    unsupported_modes=NOT_COMPILED,
)
