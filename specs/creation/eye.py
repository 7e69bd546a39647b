"""torch.eye: a matrix with ones on the diagonal and zeros elsewhere."""

import numpy as np

from conformance.spec import BOOL, COMPLEXES, FLOATS, INTEGERS, Cost, Draw, Form, Law, Refusal, Spec
from conformance.spec.families.creation import (
    DEFAULT,
    keyword_forms,
    keyword_refusals,
    modes_without_tensors,
    out_refusals,
    surrounding_forms,
    unsupported_when_compiled,
)


def arguments(draw: Draw):
    """One matrix in three is a square."""
    n, m = draw.shape(min_rank=2, max_rank=2)
    return {"n": n, "m": n if draw.integer(0, 2) == 0 and n < 200 else m}


def oracle(n, m):
    return np.eye(n, m, dtype=np.int8)


def workload(size):
    return {"n": size // 64, "m": 64}


spec = Spec(
    operation="torch.eye",
    summary="An n by m matrix with 1 on the main diagonal and 0 elsewhere; m is n unless it is given.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.eye.html",
    arguments=arguments,
    forms=(
        Form("torch.eye(n, m, dtype=dtype, device=device)"),
        Form("torch.eye(n, dtype=dtype, device=device)", when="n == m"),
        Form("torch.eye(n)", when=f"n == m and {DEFAULT}"),
        Form("torch.eye(n, m)", when=DEFAULT),
        Form("torch.eye(n=n, m=m, dtype=dtype, device=device)"),
        *keyword_forms("eye", "n, m"),
        *surrounding_forms("eye", "n, m"),
    ),
    dtypes=BOOL + INTEGERS + FLOATS + COMPLEXES,
    oracle=oracle,
    modes=modes_without_tensors(),
    unsupported_modes=unsupported_when_compiled(),
    refusals=(
        *keyword_refusals("eye", "n, m"),
        *out_refusals("eye", "n, m"),
        Refusal("a negative number of rows", "torch.eye(-1, m, dtype=dtype)", RuntimeError),
        Refusal("a negative number of columns", "torch.eye(n, -1, dtype=dtype)", RuntimeError),
        Refusal("a fraction as the number of rows", "torch.eye(2.0, dtype=dtype)", TypeError),
        Refusal("a tuple as the size", "torch.eye((n, m), dtype=dtype)", TypeError),
    ),
    laws=(
        Law(
            "the transpose is the matrix of the sizes exchanged",
            "torch.eye(n, m, dtype=dtype).t()",
            "torch.eye(m, n, dtype=dtype)",
        ),
        Law(
            "the diagonal holds ones",
            "torch.eye(n, m, dtype=dtype).diagonal()",
            "torch.ones(min(n, m), dtype=dtype)",
        ),
        Law(
            "as many ones as the smaller size are all that is not 0",
            "int(torch.eye(n, m, dtype=dtype).count_nonzero())",
            "min(n, m)",
        ),
        Law(
            "the square matrix is the neutral element of the product",
            "torch.eye(n, dtype=dtype) @ torch.arange(n * 2, dtype=dtype).reshape(n, 2)",
            "torch.arange(n * 2, dtype=dtype).reshape(n, 2)",
            when="dtype in ('float64', 'int64') and n < 100",
        ),
    ),
    cost=Cost(workload=workload, reference="copy"),
)
