"""torch.rand_like: numbers from 0 up to 1 in a tensor like another one."""

from conformance.spec import (
    COMPLEXES,
    FLOATS,
    PRESERVED,
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
    has_last_bits,
    like,
    of_unit_interval,
    reads,
    uniform,
)


def arguments(draw: Draw):
    return like(draw)


def oracle(input, seed):
    return uniform(input.shape)


def probability(values, dtype, input, seed):
    return of_unit_interval(values, dtype)


def workload(size):
    return {"input": dense((size // 64, 64)), "seed": 0}


OF_ONE_DTYPE = "input.dtype == 'subject'"
BY_GENERATOR = "torch.rand_like(input, generator=generator, dtype=dtype)"
COUNTED = f"torch.rand_like(torch.empty(count, dtype=dtype, device=device), generator={GENERATOR})"
MANY = f"torch.rand_like(torch.empty(4096, dtype=dtype, device=device), generator={GENERATOR})"
KEYWORDS = "dtype=dtype, layout=torch.strided, device=device, requires_grad=False, memory_format=torch.preserve_format"
ROW_MAJOR = KEYWORDS.replace("preserve", "contiguous")

spec = Spec(
    operation="torch.rand_like",
    summary="Numbers that are uniformly distributed from 0 up to 1, in the shape and the strides of a tensor.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.rand_like.html",
    arguments=arguments,
    forms=(
        Form(f"torch.rand_like(input, generator={GENERATOR}, dtype=dtype)"),
        Form(f"torch.rand_like(input, generator={GENERATOR})", when=OF_ONE_DTYPE),
        Form(f"torch.rand_like(input=input, generator={GENERATOR}, {KEYWORDS})"),
        Form(
            f"torch.rand(input.size(), generator={GENERATOR}, dtype=dtype, layout=input.layout, device=input.device)",
            when="input.layout.kind == 'contiguous'",
        ),
        Form(by_global_generator("torch.rand_like(input, dtype=dtype)"), title=SEEDED),
        Form(by_global_generator("torch.rand_like(input)"), title=DEFAULT, when=OF_ONE_DTYPE),
    ),
    dtypes=FLOATS + COMPLEXES,
    oracle=oracle,
    memory=PRESERVED,
    refusals=(
        Refusal("no tensor", "torch.rand_like()", TypeError),
        Refusal("a number in place of the tensor", "torch.rand_like(1.0)", TypeError),
        Refusal("a seed in place of the generator", "torch.rand_like(input, generator=0, dtype=dtype)", TypeError),
        Refusal("a dtype of whole numbers", "torch.rand_like(torch.ones(3), dtype=torch.int64)", RuntimeError),
        Refusal("a size beside the tensor", "torch.rand_like(input, 2, dtype=dtype)", TypeError),
    ),
    laws=(
        Law(
            "a generator does not give the same numbers twice",
            drawn_twice(BY_GENERATOR),
            "False",
            when="input.numel >= 16",
        ),
        Law(
            "a memory format that is asked for is that of the result",
            f"torch.rand_like(input, generator={GENERATOR}, {ROW_MAJOR}).is_contiguous()",
            "True",
        ),
        Law(
            "requires_grad makes a leaf of the numbers",
            f"torch.rand_like(input, generator={GENERATOR}, dtype=dtype, requires_grad=True).requires_grad",
            "True",
        ),
        Law(
            "numbers from 1/2 up to 1 have every digit of their dtype",
            has_last_bits(MANY, 0.5),
            "True",
            when="not dtype.startswith('complex')",
        ),
    ),
    distribution=Distribution(call=reads(COUNTED), probability=probability),
    cost=Cost(workload=workload),
    modes=("vmap", *MODES),
    unsupported_modes=(ALONE, *NOT_COMPILED),
    predicates=(has_elements,),
)
