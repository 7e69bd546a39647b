"""torch.ones: a tensor of ones."""

import numpy as np

from conformance.spec import ALL, Cost, Law, Spec
from conformance.spec.families.creation import modes_without_tensors, unsupported_when_compiled

from ._filled import arguments, forms_of_filled, laws_of_filled, refusals_of_filled, workload


def oracle(size):
    return np.ones(size, np.int8)


spec = Spec(
    operation="torch.ones",
    summary="A tensor of a size, filled with 1, in a dtype and on a device, or in torch's default ones.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.ones.html",
    arguments=arguments,
    forms=forms_of_filled("ones"),
    dtypes=ALL,
    oracle=oracle,
    modes=modes_without_tensors(),
    unsupported_modes=unsupported_when_compiled(),
    refusals=refusals_of_filled("ones"),
    laws=(
        Law(
            "multiplying ones by ones gives ones",
            "torch.ones(size, dtype=dtype) * torch.ones(size, dtype=dtype)",
            "torch.full(size, 1, dtype=dtype)",
            when="dtype not in ('uint16', 'uint32', 'uint64')",
        ),
        *laws_of_filled("ones"),
    ),
    cost=Cost(workload=workload, reference="copy"),
)
