"""torch.randint: whole numbers of a range, each as likely as every other."""

from conformance.spec import (
    BOOL,
    FLOATS,
    INTEGERS,
    WIDE_UNSIGNED,
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
    seeded_anew,
    shapes,
)
from ._whole_numbers import allowed, bounds, folds_unevenly, probability, takes


def arguments(draw: Draw):
    return {**shapes(draw), **bounds(draw)}


def oracle(size, seed, low, high):
    return allowed(size, low, high)


def workload(size):
    return {"size": (size // 64, 64), "seed": 0, "low": 0, "high": 100}


BY_GENERATOR = "torch.randint(low, high, size, generator=generator, dtype=dtype, device=device)"
KEYWORDS = "dtype=dtype, layout=torch.strided, device=device, requires_grad=False"
MANY = f"torch.randint(low, high, (8192,), generator={GENERATOR}, dtype=dtype, device=device)"

spec = Spec(
    operation="torch.randint",
    summary="Whole numbers from low up to and not including high, each as likely as every other.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.randint.html",
    arguments=arguments,
    forms=(
        Form(f"torch.randint(low, high, size, generator={GENERATOR}, dtype=dtype, device=device)"),
        Form(f"torch.randint(high, size, generator={GENERATOR}, dtype=dtype, device=device)", when="low == 0"),
        Form(f"torch.randint(low=low, high=high, size=size, generator={GENERATOR}, {KEYWORDS})"),
        Form(f"torch.randint(high=high, size=list(size), generator={GENERATOR}, {KEYWORDS})", when="low == 0"),
        Form(f"torch.empty(size, dtype=dtype, device=device).random_(low, high, generator={GENERATOR})"),
        Form(f"torch.empty(size, dtype=dtype, device=device).random_(high, generator={GENERATOR})", when="low == 0"),
        Form(by_global_generator("torch.randint(low, high, size, dtype=dtype, device=device)"), title=SEEDED),
        Form(by_global_generator("torch.randint(high, size)"), title=DEFAULT, when="low == 0 and dtype == 'int64'"),
        Form(f"torch.randint(low, high, size, generator={GENERATOR}, dtype=dtype, out=out)"),
        Form(f"torch.randint(high, size, generator={GENERATOR}, dtype=dtype, out=out)", when="low == 0"),
    ),
    dtypes=BOOL + INTEGERS + WIDE_UNSIGNED + FLOATS,
    oracle=oracle,
    takes=takes,
    refusals=(
        Refusal("a range without a number", "torch.randint(low, low, size, dtype=dtype)", RuntimeError),
        Refusal("a range that runs downwards", "torch.randint(1, 0, size, dtype=dtype)", RuntimeError),
        Refusal(
            "numbers beyond the dtype",
            "torch.randint(0, torch.iinfo(dtype).max + 2, size, dtype=dtype)",
            RuntimeError,
            when="'int' in dtype and not dtype.endswith('64')",
        ),
        Refusal("a bound beyond 64 bits", "torch.randint(2**63, size)", ValueError),
        Refusal("a bound that is no whole number", "torch.randint(2.5, size, dtype=dtype)", TypeError),
        Refusal("no size", "torch.randint(5, dtype=dtype)", TypeError),
        Refusal("a size that is no tuple", "torch.randint(5, 3, dtype=dtype)", TypeError),
        Refusal("a negative size", "torch.randint(2, (-1,), dtype=dtype)", RuntimeError),
        Refusal("a seed in place of the generator", "torch.randint(2, size, generator=0, dtype=dtype)", TypeError),
        Refusal("a complex dtype", "torch.randint(2, size, dtype=torch.complex64)", RuntimeError),
    ),
    laws=(
        Law(
            "a generator does not give the same numbers twice",
            drawn_twice(BY_GENERATOR),
            "False",
            when="math.prod(size) >= 200 and high > low + 1",
        ),
        Law(
            "a generator that is seeded anew gives its first numbers",
            seeded_anew(BY_GENERATOR),
            f"torch.randint(low, high, size, generator={GENERATOR}, dtype=dtype, device=device)",
        ),
        Law(
            "a range of one number gives that number",
            "torch.randint(low, low + 1, size, generator=torch.Generator(device), dtype=dtype, device=device)",
            "torch.full(size, low, dtype=dtype, device=device)",
        ),
        Law(
            "both ends of a range of few numbers are drawn",
            f"drawn = {MANY}\n(drawn.min().item(), drawn.max().item())",
            "(low, high - 1)",
            when="high - low <= 100 and not dtype.startswith('uint')",
        ),
    ),
    distribution=Distribution(
        call=f"torch.randint(low, high, (count,), generator={GENERATOR}, dtype=dtype, device=device)",
        probability=probability,
    ),
    cost=Cost(workload=workload),
    modes=MODES,
    unsupported_modes=NOT_COMPILED,
    predicates=(folds_unevenly,),
)
