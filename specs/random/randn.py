"""torch.randn: numbers of the standard normal distribution."""

from conformance.spec import COMPLEXES, FLOATS, Cost, Distribution, Spec

from ._real_numbers import forms_of_size, laws_of_digits, laws_of_size, refusals_of_size, workload
from ._streams import GENERATOR, MODES, NOT_COMPILED, of_standard_normal, reads, shapes, standard_normal


def oracle(size, seed):
    return standard_normal(size)


def probability(values, dtype, size, seed):
    return of_standard_normal(values, dtype)


COUNTED = f"torch.randn(count, generator={GENERATOR}, dtype=dtype, device=device)"
MANY = f"torch.randn(4096, generator={GENERATOR}, dtype=dtype, device=device)"

spec = Spec(
    operation="torch.randn",
    summary="Numbers of the standard normal distribution; each part of a complex one has half the variance.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.randn.html",
    arguments=shapes,
    forms=forms_of_size("randn", "normal_"),
    dtypes=FLOATS + COMPLEXES,
    oracle=oracle,
    refusals=refusals_of_size("randn"),
    laws=(*laws_of_size("randn"), *laws_of_digits("numbers from 1 up to 2 have every digit of their dtype", MANY, 1)),
    distribution=Distribution(call=reads(COUNTED), probability=probability),
    cost=Cost(workload=workload),
    modes=MODES,
    unsupported_modes=NOT_COMPILED,
)
