"""torch.bernoulli: 1 with the probability that each element of a tensor says, and 0 otherwise."""

from conformance.spec import FLOATS, Allowed, Cost, Distribution, Draw, Form, Law, Refusal, Spec, dense

from ._streams import (
    ALONE,
    DEFAULT,
    GENERATOR,
    MODES,
    NOT_COMPILED,
    SEEDED,
    by_global_generator,
    drawn_twice,
    of_ones,
    seeded_anew,
    seeds,
)


def arguments(draw: Draw):
    """Probabilities of 0 and 1 among the others, now and then no others."""
    low, high = draw.choice(((0, 64), (0, 64), (0, 1), (63, 64)))
    return {"input": draw.fractions(draw.shape(), low, high), "seed": seeds(draw)}


def oracle(input, seed):
    def can_come(array):
        return ((array == 0) & (input < 1)) | ((array == 1) & (input > 0))

    return Allowed(input.shape, can_come, "0 and 1, and where the probability is 0 or 1 that number")


def probability(values, dtype, input, seed):
    return of_ones(values, 19 / 64)


def workload(size):
    return {"input": dense((size // 64, 64), "fraction", high=65), "seed": 0}


BY_GENERATOR = "torch.bernoulli(input, generator=generator)"
COUNTED = f"torch.bernoulli(torch.full((count,), 19 / 64, dtype=dtype, device=device), generator={GENERATOR})"
EMPTY = "torch.empty(input.shape, dtype=dtype, device=device)"
MOSTLY_HALF = "torch.bernoulli(torch.full_like(input, 0.5), generator=generator)"

spec = Spec(
    operation="torch.bernoulli",
    summary="1 with the probability that each element says, and 0 otherwise.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.bernoulli.html",
    arguments=arguments,
    forms=(
        Form(f"torch.bernoulli(input, generator={GENERATOR})"),
        Form(f"torch.bernoulli(input=input, generator={GENERATOR})"),
        Form(f"input.bernoulli(generator={GENERATOR})"),
        Form(f"{EMPTY}.bernoulli_(input, generator={GENERATOR})"),
        Form(f"{EMPTY}.bernoulli_(p=input, generator={GENERATOR})"),
        Form(by_global_generator("torch.bernoulli(input=input)"), title=SEEDED),
        Form(by_global_generator("torch.bernoulli(input)"), title=DEFAULT),
        Form(f"torch.bernoulli(input, generator={GENERATOR}, out={EMPTY})"),
    ),
    dtypes=FLOATS,
    oracle=oracle,
    refusals=(
        Refusal("a probability above 1", "torch.bernoulli(torch.full((3,), 1.5, dtype=dtype))", RuntimeError),
        Refusal("a probability below 0", "torch.bernoulli(torch.full((3,), -0.5, dtype=dtype))", RuntimeError),
        Refusal(
            "a probability that is NaN", "torch.bernoulli(torch.full((3,), float('nan'), dtype=dtype))", RuntimeError
        ),
        Refusal("a number in place of the tensor", "torch.bernoulli(0.5)", TypeError),
        Refusal("a list in place of the tensor", "torch.bernoulli([0.5])", TypeError),
        Refusal("probabilities in whole numbers", "torch.bernoulli(torch.ones(3, dtype=torch.int64))", RuntimeError),
        Refusal("complex probabilities", "torch.bernoulli(torch.ones(3, dtype=torch.complex64))", RuntimeError),
        Refusal(
            "a complex out",
            "torch.bernoulli(torch.full((3,), 0.5), out=torch.empty(3, dtype=torch.complex64))",
            RuntimeError,
        ),
        Refusal("a seed in place of the generator", "torch.bernoulli(input, generator=0)", TypeError),
        Refusal(
            "shapes that do not broadcast",
            "torch.ones(3, dtype=dtype).bernoulli_(torch.ones(4, dtype=dtype))",
            RuntimeError,
        ),
    ),
    laws=(
        Law(
            "a generator does not give the same numbers twice",
            drawn_twice(MOSTLY_HALF),
            "False",
            when="input.numel >= 200",
        ),
        Law(
            "a generator that is seeded anew gives its first numbers",
            seeded_anew(BY_GENERATOR),
            f"torch.bernoulli(input, generator={GENERATOR})",
        ),
        Law(
            "a tensor of whole numbers or booleans is filled as one of floats",
            f"torch.ones(input.shape, dtype=torch.int16, device=device).bernoulli_(input, generator={GENERATOR})",
            f"torch.bernoulli(input, generator={GENERATOR}).short()",
            when="input.layout.kind == 'contiguous'",
        ),
        Law(
            "an out of booleans is taken",
            f"torch.bernoulli(input, generator={GENERATOR}, out=torch.empty(input.shape, dtype=torch.bool))",
            f"torch.bernoulli(input, generator={GENERATOR}).bool()",
        ),
        Law(
            "a column of probabilities is broadcast to what it fills",
            f"torch.empty(3, 40, dtype=dtype, device=device)"
            f".bernoulli_(torch.ones(3, 1, dtype=dtype).tril(), generator={GENERATOR})",
            "torch.ones(3, 1, dtype=dtype, device=device).tril().expand(3, 40)",
        ),
    ),
    distribution=Distribution(call=COUNTED, probability=probability),
    cost=Cost(workload=workload),
    modes=("vmap", *MODES),
    unsupported_modes=(ALONE, *NOT_COMPILED),
)
