"""A spec file of torch.neg, as its author writes it; checkouts of the tests hold copies of it with parts replaced."""

from typing import Any

import numpy as np

from conformance.spec import LAYOUTS, PRESERVED, Draw, Form, Spec, dense


def arguments(draw: Draw) -> dict[str, Any]:
    return {"input": draw.tensor(draw.shape(max_rank=2), layout=LAYOUTS)}


def oracle(input: Any) -> Any:
    return np.negative(input)


def large(dtype: str, input: Any) -> bool:
    return bool(input.numel > 3)


def workload(size: int) -> dict[str, Any]:
    return {"input": dense((size // 64, 64))}


spec = Spec(
    operation="torch.neg",
    summary="The negative of each element.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.neg.html",
    arguments=arguments,
    forms=(Form("torch.neg(input)"), Form("input.neg()")),
    dtypes=("int32", "float32"),
    oracle=oracle,
    memory=PRESERVED,
    predicates=(large,),
    modes=(),
)
