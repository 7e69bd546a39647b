"""torch.randn_like: numbers of the standard normal distribution in a tensor like another one."""

from conformance.spec import COMPLEXES, FLOATS, PRESERVED, Cost, Distribution, Spec, dense

from ._real_numbers import forms_like, laws_like, laws_of_digits, refusals_like
from ._streams import (
    ALONE,
    GENERATOR,
    MODES,
    NOT_COMPILED,
    has_elements,
    like,
    of_standard_normal,
    reads,
    standard_normal,
)


def oracle(input, seed):
    return standard_normal(input.shape)


def probability(values, dtype, input, seed):
    return of_standard_normal(values, dtype)


def workload(size):
    return {"input": dense((size // 64, 64)), "seed": 0}


COUNTED = f"torch.randn_like(torch.empty(count, dtype=dtype, device=device), generator={GENERATOR})"
MANY = f"torch.randn_like(torch.empty(4096, dtype=dtype, device=device), generator={GENERATOR})"

spec = Spec(
    operation="torch.randn_like",
    summary="Numbers of the standard normal distribution, in the shape and the strides of a tensor.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.randn_like.html",
    arguments=like,
    forms=forms_like("randn_like", "randn"),
    dtypes=FLOATS + COMPLEXES,
    oracle=oracle,
    memory=PRESERVED,
    refusals=refusals_like("randn_like"),
    laws=(*laws_like("randn_like"), *laws_of_digits("numbers from 1 up to 2 have every digit of their dtype", MANY, 1)),
    distribution=Distribution(call=reads(COUNTED), probability=probability),
    cost=Cost(workload=workload),
    modes=("vmap", *MODES),
    unsupported_modes=(ALONE, *NOT_COMPILED),
    predicates=(has_elements,),
)
