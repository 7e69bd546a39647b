"""torch.rand: numbers that are uniformly distributed from 0 up to 1."""

from conformance.spec import COMPLEXES, FLOATS, Cost, Distribution, Spec

from ._real_numbers import forms_of_size, laws_of_digits, laws_of_size, refusals_of_size, workload
from ._streams import GENERATOR, MODES, NOT_COMPILED, of_unit_interval, reads, shapes, uniform


def oracle(size, seed):
    return uniform(size)


def probability(values, dtype, size, seed):
    return of_unit_interval(values, dtype)


COUNTED = f"torch.rand(count, generator={GENERATOR}, dtype=dtype, device=device)"
MANY = f"torch.rand(4096, generator={GENERATOR}, dtype=dtype, device=device)"

spec = Spec(
    operation="torch.rand",
    summary="Numbers that are uniformly distributed from 0 up to 1; of complex ones both parts are.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.rand.html",
    arguments=shapes,
    forms=forms_of_size("rand", "uniform_"),
    dtypes=FLOATS + COMPLEXES,
    oracle=oracle,
    refusals=refusals_of_size("rand"),
    laws=(
        *laws_of_size("rand"),
        *laws_of_digits("numbers from 1/2 up to 1 have every digit of their dtype", MANY, 0.5),
    ),
    distribution=Distribution(call=reads(COUNTED), probability=probability),
    cost=Cost(workload=workload),
    modes=MODES,
    unsupported_modes=NOT_COMPILED,
)
