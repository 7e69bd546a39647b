"""torch.zeros: a tensor of zeros."""

import numpy as np

from conformance.spec import ALL, Cost, Law, Spec
from conformance.spec.families.creation import modes_without_tensors, unsupported_when_compiled

from ._filled import arguments, forms_of_filled, laws_of_filled, refusals_of_filled, workload


def oracle(size):
    return np.zeros(size, np.int8)


spec = Spec(
    operation="torch.zeros",
    summary="A tensor of a size, filled with 0, in a dtype and on a device, or in torch's default ones.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.zeros.html",
    arguments=arguments,
    forms=forms_of_filled("zeros"),
    dtypes=ALL,
    oracle=oracle,
    modes=modes_without_tensors(),
    unsupported_modes=unsupported_when_compiled(),
    refusals=refusals_of_filled("zeros"),
    laws=(
        Law(
            "adding zeros to ones changes nothing",
            "torch.ones(size, dtype=dtype) + torch.zeros(size, dtype=dtype)",
            "torch.ones(size, dtype=dtype)",
            when="dtype not in ('uint16', 'uint32', 'uint64')",
        ),
        *laws_of_filled("zeros"),
    ),
    cost=Cost(workload=workload, reference="copy"),
)
