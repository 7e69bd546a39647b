"""torch.randn_like: numbers of the standard normal distribution in a tensor like another one."""

import numpy as np

from conformance.spec import (
    COMPLEXES,
    FLOATS,
    PRESERVED,
    Allowed,
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
    LARGEST,
    MODES,
    NOT_COMPILED,
    SEEDED,
    by_global_generator,
    by_part,
    drawn_twice,
    has_elements,
    has_last_bits,
    like,
    normal_cumulative,
    parts_cumulative,
    reads,
    rounded_to,
)


def arguments(draw: Draw):
    return like(draw)


def in_reach(array):
    return np.abs(array) < LARGEST


def oracle(input, seed):
    return Allowed(input.shape, by_part(in_reach), "numbers that are not further than 8.66 from 0")


def probability(values, dtype, input, seed):
    """The standard normal distribution, rounded to the dtype; the parts of a complex number have half the variance."""
    return rounded_to(dtype, parts_cumulative if dtype.startswith("complex") else normal_cumulative, values)


def workload(size):
    return {"input": dense((size // 64, 64)), "seed": 0}


OF_ONE_DTYPE = "input.dtype == 'subject'"
BY_GENERATOR = "torch.randn_like(input, generator=generator, dtype=dtype)"
COUNTED = f"torch.randn_like(torch.empty(count, dtype=dtype, device=device), generator={GENERATOR})"
MANY = f"torch.randn_like(torch.empty(4096, dtype=dtype, device=device), generator={GENERATOR})"
KEYWORDS = "dtype=dtype, layout=torch.strided, device=device, requires_grad=False, memory_format=torch.preserve_format"
ROW_MAJOR = KEYWORDS.replace("preserve", "contiguous")

spec = Spec(
    operation="torch.randn_like",
    summary="Numbers of the standard normal distribution, in the shape and the strides of a tensor.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.randn_like.html",
    arguments=arguments,
    forms=(
        Form(f"torch.randn_like(input, generator={GENERATOR}, dtype=dtype)"),
        Form(f"torch.randn_like(input, generator={GENERATOR})", when=OF_ONE_DTYPE),
        Form(f"torch.randn_like(input=input, generator={GENERATOR}, {KEYWORDS})"),
        Form(
            f"torch.randn(input.size(), generator={GENERATOR}, dtype=dtype, layout=input.layout, device=input.device)",
            when="input.layout.kind == 'contiguous'",
        ),
        Form(by_global_generator("torch.randn_like(input, dtype=dtype)"), title=SEEDED),
        Form(by_global_generator("torch.randn_like(input)"), title=DEFAULT, when=OF_ONE_DTYPE),
    ),
    dtypes=FLOATS + COMPLEXES,
    oracle=oracle,
    memory=PRESERVED,
    refusals=(
        Refusal("no tensor", "torch.randn_like()", TypeError),
        Refusal("a number in place of the tensor", "torch.randn_like(1.0)", TypeError),
        Refusal("a seed in place of the generator", "torch.randn_like(input, generator=0, dtype=dtype)", TypeError),
        Refusal("a dtype of whole numbers", "torch.randn_like(torch.ones(3), dtype=torch.int64)", RuntimeError),
        Refusal("a size beside the tensor", "torch.randn_like(input, 2, dtype=dtype)", TypeError),
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
            f"torch.randn_like(input, generator={GENERATOR}, {ROW_MAJOR}).is_contiguous()",
            "True",
        ),
        Law(
            "requires_grad makes a leaf of the numbers",
            f"torch.randn_like(input, generator={GENERATOR}, dtype=dtype, requires_grad=True).requires_grad",
            "True",
        ),
        Law(
            "numbers from 1 up to 2 have every digit of their dtype",
            has_last_bits(MANY, 1),
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
