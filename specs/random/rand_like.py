"""torch.rand_like: numbers from 0 up to 1 in a tensor like another one."""

from conformance.spec import COMPLEXES, FLOATS, PRESERVED, Cost, Distribution, Spec, dense

from ._real_numbers import forms_like, laws_like, laws_of_digits, refusals_like
from ._streams import ALONE, GENERATOR, MODES, NOT_COMPILED, has_elements, like, of_unit_interval, reads, uniform


def oracle(input, seed):
    return uniform(input.shape)


def probability(values, dtype, input, seed):
    return of_unit_interval(values, dtype)


def workload(size):
    return {"input": dense((size // 64, 64)), "seed": 0}


COUNTED = f"torch.rand_like(torch.empty(count, dtype=dtype, device=device), generator={GENERATOR})"
MANY = f"torch.rand_like(torch.empty(4096, dtype=dtype, device=device), generator={GENERATOR})"

spec = Spec(
    operation="torch.rand_like",
    summary="Numbers that are uniformly distributed from 0 up to 1, in the shape and the strides of a tensor.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.rand_like.html",
    arguments=like,
    forms=forms_like("rand_like", "rand"),
    dtypes=FLOATS + COMPLEXES,
    oracle=oracle,
    memory=PRESERVED,
    refusals=refusals_like("rand_like"),
    laws=(
        *laws_like("rand_like"),
        *laws_of_digits("numbers from 1/2 up to 1 have every digit of their dtype", MANY, 0.5),
    ),
    distribution=Distribution(call=reads(COUNTED), probability=probability),
    cost=Cost(workload=workload),
    modes=("vmap", *MODES),
    unsupported_modes=(ALONE, *NOT_COMPILED),
    predicates=(has_elements,),
)
