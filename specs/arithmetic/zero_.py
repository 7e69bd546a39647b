"""torch.Tensor.zero_: every element of a tensor becomes 0."""

import numpy as np

from conformance.spec import ALL, PRESERVED, WRITABLE, Cost, Draw, Form, Gradient, Law, Refusal, Spec, dense
from conformance.spec.families.copies import scratch_of_clone


def arguments(draw: Draw):
    return {"input": draw.tensor(draw.shape(), layout=WRITABLE)}


def oracle(input):
    return np.zeros_like(input)


def gradient(incoming, results, input):
    """What was there before is gone."""
    return {"input": np.zeros_like(incoming[0])}


def exactly(dtype, input):
    """0 is not rounded."""
    return 0.0


def workload(size):
    return {"input": dense((size // 64, 64))}


spec = Spec(
    operation="torch.Tensor.zero_",
    summary="Writes 0 to every element, in place: NaN, infinite numbers and -0.0 too.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.zero_.html",
    arguments=arguments,
    forms=(
        Form("input.clone().zero_()"),
        Form("torch.zero_(input.clone())"),
        Form("input.zero_()", writes="input"),
        Form("torch.zero_(input)", writes="input"),
        Form("torch.zero_(input=input)", writes="input"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=PRESERVED,
    refusals=(
        Refusal("an argument", "input.zero_(1)", TypeError),
        Refusal("a number in place of the tensor", "torch.zero_(1.0)", TypeError),
        Refusal("a call without a tensor", "torch.zero_()", TypeError),
        Refusal("a list in place of the tensor", "torch.zero_([1.0])", TypeError),
        Refusal("a leaf of a graph", "torch.ones(2, requires_grad=True).zero_()", RuntimeError),
    ),
    gradient=Gradient(terms=gradient, bound=exactly, source="0 is exact"),
    laws=(
        Law("a tensor of zeros is left", "input.clone().zero_()", "torch.zeros_like(input)"),
        Law(
            "no sign of a zero is left",
            "torch.signbit(input.clone().zero_()).any()",
            "torch.tensor(False)",
            when="'float' in dtype",
        ),
        Law(
            "the elements of an expanded tensor become 0 together",
            "torch.ones(1, dtype=dtype).expand(3).zero_()",
            "torch.zeros(3, dtype=dtype)",
        ),
        Law(
            "a row that becomes 0 leaves the others as they were",
            "((table := torch.ones(3, 2, dtype=dtype))[1].zero_().tolist(), table.tolist())",
            "([0, 0], [[1, 1], [0, 0], [1, 1]])",
        ),
    ),
    cost=Cost(scratch=scratch_of_clone, workload=workload),
)
