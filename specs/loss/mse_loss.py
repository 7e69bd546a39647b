"""torch.nn.functional.mse_loss: the squared difference of two tensors, element by element, averaged or summed."""

import numpy as np

from conformance.spec import (
    COMPILED_MODES,
    FLOATS,
    PRESERVED,
    PROMOTED,
    REAL_KINDS,
    WITHIN,
    Cost,
    Draw,
    Form,
    Gradient,
    Law,
    Output,
    Refusal,
    Spec,
    UnsupportedMode,
    accumulator_ulp,
    contents,
    dense,
    ulps,
)
from conformance.spec.families.reduction import every_place_counts


def arguments(draw: Draw):
    shape = draw.shape()
    other = shape if draw.boolean() else draw.broadcastable(shape)
    shapes = (other, shape) if draw.boolean() else (shape, other)
    reduction = draw.choice(("none", "mean", "sum"))
    mixed = reduction == "none" and bool(shape and other) and draw.boolean()  # broadcast first: () would count in full
    return {
        "input": draw.tensor(shapes[0]),
        "target": draw.tensor(shapes[1], dtype=draw.partner(REAL_KINDS) if mixed else "subject"),
        "reduction": reduction,
    }


def oracle(input, target, reduction):
    squares = np.square(input - target)
    if reduction == "mean":
        return np.mean(squares)
    return np.sum(squares) if reduction == "sum" else squares


def bound(dtype, input, target, reduction):
    """The difference rounds, which counts twice in its square, and the square rounds: 3 units.

    A sum rounds once for each term, halves in float32, and a mean once more.
    """
    if reduction == "none":
        return 3
    unit = accumulator_ulp(dtype)
    return 5 + _count(input, target) * unit


def of_both_sides(dtype, input, target, reduction):
    """What two results of these arguments may differ by."""
    return 2 * bound(dtype, input, target, reduction)


def of_both_in_float64(dtype, input, target, reduction):
    return 2 * bound("float64", input, target, reduction)


def _count(input, target):
    return int(np.prod(np.broadcast_shapes(input.shape, target.shape)))


def is_reduced(dtype, input, target, reduction):
    """A single number stands for several."""
    return reduction != "none" and _count(input, target) > 1


def keeps_the_storage_of_the_squares(dtype, got, promised, input, target, reduction):
    """As many elements as there are squares."""
    return got == _count(input, target)


def is_the_mean_of_nothing(dtype, input, target, reduction):
    return reduction == "mean" and _count(input, target) == 0


def leaves_the_range_midway(dtype, input, target, reduction):
    """Squares underflow that count in the result, or they or their sum overflow where the mean need not."""
    if not is_reduced(dtype, input, target, reduction):
        return False
    smallest, largest, largest_sum = {
        "float16": (2.0**-14, 65504, 3.4e38),
        "bfloat16": (2.0**-126, 3.38e38, 3.4e38),
        "float32": (2.0**-126, 3.4e38, 3.4e38),
        "float64": (2.0**-1022, 1.79e308, 1.79e308),
    }[dtype]
    with np.errstate(all="ignore"):
        difference = contents(input, dtype).astype(np.longdouble) - contents(target, dtype).astype(np.longdouble)
        squares = np.square(difference)
        total = np.sum(squares)
    if not np.all(np.isfinite(difference)):
        return False
    underflows = bool(np.any((difference != 0) & (squares < smallest)) and total < squares.size * smallest)
    overflows = bool(np.max(squares) > largest or total > largest_sum)
    return underflows or (reduction == "mean" and overflows)


def gradient(incoming, results, input, target, reduction):
    slope = 2 * (input - target) * incoming[0]
    if reduction == "mean":
        slope = slope / slope.size
    return {"input": slope, "target": -slope}


def gradient_bound(dtype, input, target, reduction):
    """The difference, the factor and two products round, and halves of another dtype once more.

    Subnormal products are off by half their spacing, which an incoming gradient (up to 5) magnifies. Nothing is
    promised where the difference leaves the range, as there the loss itself is infinite.
    """
    with np.errstate(all="ignore"):
        difference = contents(input, dtype).astype(np.longdouble) - contents(target, dtype).astype(np.longdouble)
    largest = {"float16": 65504, "float64": 1.79e308}.get(dtype, 3.38e38)
    leaves = np.isfinite(difference) & (np.abs(difference) * 2 > largest)
    return np.inf if leaves.any() else 8


CALL = "F.mse_loss(input, target, reduction=reduction)"


def scratch(dtype, input, target, reduction):
    """A single number is worked out by way of as many as there are elements, in a way that is promised nowhere."""
    return () if reduction == "none" else None


def workload(size):
    shape = (size // 64, 64)
    return {"input": dense(shape), "target": dense(shape, "few"), "reduction": "mean"}


LEGACY = "form.startswith(('nn.MSELoss(size_average', 'nn.MSELoss(reduce='))"
WARNS = "the module makes up the reduction from its old arguments in code that is not traced"


spec = Spec(
    operation="torch.nn.functional.mse_loss",
    summary="The squared difference of input and target: of each element, their mean (the default) or their sum.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.mse_loss.html",
    arguments=arguments,
    forms=(
        Form(CALL),
        Form("F.mse_loss(input=input, target=target, reduction=reduction)"),
        Form("F.mse_loss(input, target, None, None, reduction)"),
        Form("F.mse_loss(input, target)", when="reduction == 'mean'"),
        Form("F.mse_loss(input, target, size_average=False)", when="reduction == 'sum'"),
        Form("F.mse_loss(input, target, reduce=False)", when="reduction == 'none'"),
        Form("nn.MSELoss(reduction=reduction)(input, target)"),
        Form("nn.MSELoss(None, None, reduction)(input=input, target=target)"),
        Form("nn.MSELoss()(input, target)", when="reduction == 'mean'"),
        Form("nn.MSELoss(size_average=False)(input, target)", when="reduction == 'sum'"),
        Form("nn.MSELoss(reduce=False)(input, target)", when="reduction == 'none'"),
    ),
    dtypes=FLOATS,
    oracle=oracle,
    accuracy=ulps(bound, "Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., sections 2.2 and 3.1"),
    outputs=(Output(dtype=PROMOTED),),
    memory=PRESERVED,
    unsupported_modes=tuple(UnsupportedMode(mode, RuntimeError, WARNS, when=LEGACY) for mode in COMPILED_MODES),
    refusals=(
        Refusal("an unknown reduction", "F.mse_loss(input, target, reduction='median')", ValueError),
        Refusal("an unknown reduction, by the module", "nn.MSELoss(reduction='median')(input, target)", ValueError),
        Refusal("None as the reduction", "F.mse_loss(input, target, reduction=None)", ValueError),
        Refusal(
            "operands whose shapes do not broadcast",
            "F.mse_loss(torch.zeros(2, dtype=dtype), torch.zeros(3, dtype=dtype))",
            RuntimeError,
        ),
        Refusal("a call without a target", "F.mse_loss(input)", TypeError),
        Refusal("a number as the target", "F.mse_loss(input, 1.0)", (TypeError, AttributeError)),
        Refusal(
            "operands of whole numbers",
            "F.mse_loss(torch.ones(3, dtype=torch.int64), torch.ones(3, dtype=torch.int64))",
            RuntimeError,
        ),
        Refusal(
            "boolean operands",
            "F.mse_loss(torch.ones(3, dtype=torch.bool), torch.ones(3, dtype=torch.bool))",
            RuntimeError,
        ),
        Refusal(
            "a complex target",
            "F.mse_loss(input, torch.ones(input.shape, dtype=torch.complex64))",
            RuntimeError,
            when="input.numel > 0 and input.rank > 0",
        ),
        Refusal("weights of another shape", "F.mse_loss(input, input, weight=torch.ones(*input.shape, 2))", ValueError),
        Refusal("an argument out", "F.mse_loss(input, target, out=out)", TypeError),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source="Higham, as above, section 2.2"),
    laws=(
        *every_place_counts(
            "F.mse_loss(row, torch.zeros_like(row), reduction='sum').item()",
            "round(F.mse_loss(row, torch.zeros_like(row)).item() * n)",
            promised="9",
        ),
        Law(
            "the loss of a tensor against itself is 0",
            "F.mse_loss(input, input, reduction='none').nan_to_num(0, 0)",
            "torch.zeros_like(input)",
        ),
        Law(
            "input and target may change places",
            "F.mse_loss(target, input, reduction=reduction)",
            CALL,
            WITHIN,
            bound=of_both_sides,
        ),
        Law(
            "reduction sum adds up the losses of reduction none",
            CALL,
            "F.mse_loss(input, target, reduction='none').sum()",
            WITHIN,
            when="reduction == 'sum'",
            bound=of_both_sides,
        ),
        Law(
            "reduction mean averages the losses of reduction none",
            CALL,
            "F.mse_loss(input, target, reduction='none').mean()",
            WITHIN,
            when="reduction == 'mean'",
            bound=of_both_sides,
        ),
        Law(
            "operands of two dtypes are compared in the wider one",
            "F.mse_loss(input, target.double(), reduction=reduction)",
            "F.mse_loss(input.double(), target.double(), reduction=reduction)",
            WITHIN,
            bound=of_both_in_float64,
        ),
        Law(
            "weights multiply the losses of the elements",
            "F.mse_loss(input, target, reduction='none', weight=torch.full_like(input, 2))",
            "F.mse_loss(input, target, reduction='none') * 2",
            WITHIN,
            when="target.dtype == 'subject' and reduction == 'none'",
            bound=of_both_sides,
        ),
    ),
    explanations=(keeps_the_storage_of_the_squares,),
    predicates=(is_reduced, is_the_mean_of_nothing, leaves_the_range_midway),
    cost=Cost(scratch=scratch, workload=workload, reference="elementwise"),
)
