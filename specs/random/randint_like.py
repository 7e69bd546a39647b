"""torch.randint_like: whole numbers of a range in a tensor like another one."""

from conformance.spec import (
    BOOL,
    FLOATS,
    INTEGERS,
    PRESERVED,
    WIDE_UNSIGNED,
    Cost,
    Distribution,
    Draw,
    Form,
    Law,
    Refusal,
    Spec,
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
    has_elements,
    like,
)
from ._whole_numbers import allowed, bounds, folds_unevenly, probability, takes


def arguments(draw: Draw):
    return {**like(draw), **bounds(draw)}


def oracle(input, seed, low, high):
    return allowed(input.shape, low, high)


def workload(size):
    return {"input": dense((size // 64, 64)), "seed": 0, "low": 0, "high": 100}


OF_ONE_DTYPE = "input.dtype == 'subject'"
FROM_ZERO = "low == 0"
BY_GENERATOR = "torch.randint_like(input, low, high, generator=generator, dtype=dtype)"
KEYWORDS = "dtype=dtype, layout=torch.strided, device=device, requires_grad=False, memory_format=torch.preserve_format"
ROW_MAJOR = KEYWORDS.replace("preserve", "contiguous")
COUNTED = f"torch.randint_like(torch.empty(count, dtype=dtype, device=device), low, high, generator={GENERATOR})"
MANY = f"torch.randint_like(torch.empty(8192, device=device), low, high, generator={GENERATOR}, dtype=dtype)"

spec = Spec(
    operation="torch.randint_like",
    summary="Whole numbers from low up to and not including high, in the shape and the strides of a tensor.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.randint_like.html",
    arguments=arguments,
    forms=(
        Form(f"torch.randint_like(input, low, high, generator={GENERATOR}, dtype=dtype)"),
        Form(f"torch.randint_like(input, low, high, generator={GENERATOR})", when=OF_ONE_DTYPE),
        Form(f"torch.randint_like(input, high, generator={GENERATOR}, dtype=dtype)", when=FROM_ZERO),
        Form(f"torch.randint_like(input=input, low=low, high=high, generator={GENERATOR}, {KEYWORDS})"),
        Form(f"torch.randint_like(input, high=high, generator={GENERATOR}, {KEYWORDS})", when=FROM_ZERO),
        Form(
            f"torch.randint(low, high, input.size(), generator={GENERATOR}, dtype=dtype, device=input.device)",
            when="input.layout.kind == 'contiguous'",
        ),
        Form(by_global_generator("torch.randint_like(input, low, high, dtype=dtype)"), title=SEEDED),
        Form(
            by_global_generator("torch.randint_like(input, high)"),
            title=DEFAULT,
            when=f"{FROM_ZERO} and {OF_ONE_DTYPE}",
        ),
    ),
    dtypes=BOOL + INTEGERS + WIDE_UNSIGNED + FLOATS,
    oracle=oracle,
    takes=takes,
    memory=PRESERVED,
    refusals=(
        Refusal("a range without a number", "torch.randint_like(input, low, low, dtype=dtype)", RuntimeError),
        Refusal("a range that runs downwards", "torch.randint_like(input, 1, 0, dtype=dtype)", RuntimeError),
        Refusal(
            "numbers beyond the dtype",
            "torch.randint_like(input, torch.iinfo(dtype).max + 2, dtype=dtype)",
            RuntimeError,
            when="'int' in dtype and not dtype.endswith('64')",
        ),
        Refusal("no bound", "torch.randint_like(input, dtype=dtype)", TypeError),
        Refusal("a bound that is no whole number", "torch.randint_like(input, 2.5, dtype=dtype)", TypeError),
        Refusal("a number in place of the tensor", "torch.randint_like(1.0, 2)", TypeError),
        Refusal("a seed in place of the generator", "torch.randint_like(input, 2, generator=0)", TypeError),
        Refusal("a complex dtype", "torch.randint_like(input, 2, dtype=torch.complex64)", RuntimeError),
    ),
    laws=(
        Law(
            "a generator does not give the same numbers twice",
            drawn_twice(BY_GENERATOR),
            "False",
            when="input.numel >= 200 and high > low + 1",
        ),
        Law(
            "a memory format that is asked for is that of the result",
            f"torch.randint_like(input, low, high, generator={GENERATOR}, {ROW_MAJOR}).is_contiguous()",
            "True",
        ),
        Law(
            "a range of one number gives that number",
            f"torch.randint_like(input, low, low + 1, generator={GENERATOR}, dtype=dtype)",
            "torch.full_like(input, low, dtype=dtype)",
        ),
        Law(
            "both ends of a range of few numbers are drawn",
            f"drawn = {MANY}\n(drawn.min().item(), drawn.max().item())",
            "(low, high - 1)",
            when="high - low <= 100 and not dtype.startswith('uint')",
        ),
    ),
    distribution=Distribution(call=COUNTED, probability=probability),
    cost=Cost(workload=workload),
    modes=("vmap", *MODES),
    unsupported_modes=(ALONE, *NOT_COMPILED),
    predicates=(folds_unevenly, has_elements),
)
