"""torch.rand: numbers that are uniformly distributed from 0 up to 1."""

from conformance.spec import (
    COMPLEXES,
    FLOATS,
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
    MODES,
    NOT_COMPILED,
    SEEDED,
    by_global_generator,
    drawn_twice,
    has_last_bits,
    of_unit_interval,
    reads,
    seeded_anew,
    shapes,
    uniform,
)


def arguments(draw: Draw):
    return shapes(draw)


def oracle(size, seed):
    return uniform(size)


def probability(values, dtype, size, seed):
    return of_unit_interval(values, dtype)


def workload(size):
    return {"size": (size // 64, 64), "seed": 0}


BY_GENERATOR = "torch.rand(size, generator=generator, dtype=dtype, device=device)"
MANY = f"torch.rand(4096, generator={GENERATOR}, dtype=dtype, device=device)"
KEYWORDS = "dtype=dtype, layout=torch.strided, device=device, requires_grad=False, pin_memory=False"

spec = Spec(
    operation="torch.rand",
    summary="Numbers that are uniformly distributed from 0 up to 1; of complex ones both parts are.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.rand.html",
    arguments=arguments,
    forms=(
        Form(f"torch.rand(size, generator={GENERATOR}, dtype=dtype, device=device)"),
        Form(f"torch.rand(*size, generator={GENERATOR}, dtype=dtype, device=device)", when="size"),
        Form(f"torch.rand(list(size), generator={GENERATOR}, dtype=dtype, device=device)"),
        Form(f"torch.rand(size=size, generator={GENERATOR}, {KEYWORDS})"),
        Form(f"torch.empty(size, dtype=dtype, device=device).uniform_(generator={GENERATOR})"),
        Form(f"torch.empty(size, dtype=dtype, device=device).uniform_(0, 1, generator={GENERATOR})"),
        Form(by_global_generator("torch.rand(size, dtype=dtype, device=device)"), title=SEEDED),
        Form(by_global_generator("torch.rand(size)"), title=DEFAULT, when="dtype == 'float32'"),
        Form(f"torch.rand(size, generator={GENERATOR}, dtype=dtype, out=out)"),
    ),
    dtypes=FLOATS + COMPLEXES,
    oracle=oracle,
    refusals=(
        Refusal("a negative size", "torch.rand(-1, dtype=dtype)", RuntimeError),
        Refusal("no size", "torch.rand(dtype=dtype)", TypeError),
        Refusal("a size that is no whole number", "torch.rand(2.5, dtype=dtype)", TypeError),
        Refusal("a seed in place of the generator", "torch.rand(3, generator=0, dtype=dtype)", TypeError),
        Refusal("a dtype of whole numbers", "torch.rand(3, dtype=torch.int64)", RuntimeError),
        Refusal("an out of another dtype", "torch.rand(3, dtype=torch.bool, out=out)", RuntimeError),
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
            f"torch.rand(size, generator={GENERATOR}, dtype=dtype, device=device)",
        ),
        Law(
            "requires_grad makes a leaf of the numbers",
            f"torch.rand(size, generator={GENERATOR}, dtype=dtype, device=device, requires_grad=True).requires_grad",
            "True",
        ),
        Law(
            "numbers from 1/2 up to 1 have every digit of their dtype",
            has_last_bits(MANY, 0.5),
            "True",
            when="not dtype.startswith('complex')",
        ),
    ),
    distribution=Distribution(
        call=reads(f"torch.rand(count, generator={GENERATOR}, dtype=dtype, device=device)"), probability=probability
    ),
    cost=Cost(workload=workload),
    modes=MODES,
    unsupported_modes=NOT_COMPILED,
)
