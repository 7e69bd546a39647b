"""torch.nn.functional.mse_loss: the squared difference of two tensors, element by element, averaged or summed."""

import numpy as np

from conformance.spec import (
    FLOATS,
    PROMOTED,
    UPHELD,
    WITHIN,
    Claim,
    Draw,
    Form,
    Law,
    Memory,
    Output,
    Refusal,
    Spec,
    ulps,
)


def arguments(draw: Draw):
    shape = draw.shape()
    return {
        "input": draw.tensor(shape),
        "target": draw.tensor(shape if draw.boolean() else draw.broadcastable(shape)),
        "reduction": draw.choice(("none", "mean", "sum")),
    }


def oracle(input, target, reduction):
    squares = np.square(input - target)
    if reduction == "mean":
        return np.mean(squares)
    return np.sum(squares) if reduction == "sum" else squares


def bound(dtype, input, target, reduction):
    """1 ULP of the difference counts twice in its square, and squaring rounds; halves sum in float32."""
    return 3.5 if reduction == "none" else 5 + input.numel


spec = Spec(
    operation="torch.nn.functional.mse_loss",
    summary="The squared difference of input and target: of each element, their mean (the default) or their sum.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.mse_loss.html",
    arguments=arguments,
    forms=(
        Form("F.mse_loss(input, target, reduction=reduction)"),
        Form("F.mse_loss(input=input, target=target, reduction=reduction)"),
        Form("F.mse_loss(input, target)", when="reduction == 'mean'"),
        Form("nn.MSELoss(reduction=reduction)(input, target)"),
        Form("nn.MSELoss()(input, target)", when="reduction == 'mean'"),
    ),
    dtypes=FLOATS,
    oracle=oracle,
    accuracy=ulps(bound, "Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1"),
    outputs=(Output(dtype=PROMOTED),),
    memory=Memory(strides="preserved"),
    refusals=(
        Refusal("an unknown reduction", "F.mse_loss(input, target, reduction='median')", ValueError),
        Refusal("shapes that do not broadcast", "F.mse_loss(torch.zeros(2, dtype=dtype), torch.zeros(3, dtype=dtype))", RuntimeError),
        Refusal("no target", "F.mse_loss(input)", TypeError),
    ),
    laws=(
        Law("nothing is lost on itself", "F.mse_loss(input, input, reduction='none').nan_to_num(0, 0)", "torch.zeros_like(input)"),
        Law("the order does not matter", "F.mse_loss(target, input, reduction=reduction)", "F.mse_loss(input, target, reduction=reduction)", WITHIN, bound=bound),
    ),
    claims=(
        Claim(
            "single-output",
            "003 36",
            "With a single output the mean squared error is that one square.",
            UPHELD,
            "close(F.mse_loss(torch.tensor([1.0]), torch.tensor([3.0])), 4.0)",
        ),
    ),
)
