"""torch.isclose: whether each element of a tensor is as close to that of another as two tolerances allow."""

from conformance.spec import (
    ALL,
    CELL_DTYPE,
    COMPLEXES,
    FLOATS,
    PRESERVED,
    Cost,
    Form,
    Law,
    Output,
    Refusal,
    Spec,
)

from ._closeness import DEFAULT, arguments, close, takes, workload

spec = Spec(
    operation="torch.isclose",
    summary="|input - other| <= atol + rtol * |other|, element by element; equal infinities are close, NaN if told so.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.isclose.html",
    arguments=arguments,
    forms=(
        Form("torch.isclose(input, other, rtol, atol, equal_nan)"),
        Form("torch.isclose(input, other)", when=DEFAULT),
        Form("torch.isclose(input, other, rtol=rtol, atol=atol, equal_nan=equal_nan)"),
        Form("torch.isclose(input=input, other=other, equal_nan=equal_nan, atol=atol, rtol=rtol)"),
        Form("torch.isclose(input, other, rtol, atol)", when="not equal_nan"),
        Form("input.isclose(other)", when=DEFAULT),
        Form("input.isclose(other, rtol, atol, equal_nan)"),
        Form("input.isclose(other=other, rtol=rtol, atol=atol, equal_nan=equal_nan)"),
    ),
    dtypes=ALL,
    oracle=close,
    outputs=(Output(dtype="bool"),),
    common_dtype=CELL_DTYPE,
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        Refusal(
            "tensors whose shapes do not broadcast",
            "torch.isclose(input, input.new_zeros(input.shape[-1] + 2))",
            RuntimeError,
            when="input.rank > 0 and input.shape[-1] != 1",
        ),
        Refusal("tensors of two dtypes", "torch.isclose(torch.ones(2), torch.ones(2).double())", RuntimeError),
        Refusal("a negative rtol", "torch.isclose(input, other, rtol=-1e-5)", RuntimeError),
        Refusal("a negative atol", "torch.isclose(input, other, atol=-1e-8)", RuntimeError),
        Refusal("a number as the second tensor", "torch.isclose(input, 1.0)", TypeError),
        Refusal("a call with one tensor", "torch.isclose(input)", TypeError),
        Refusal("a string as rtol", "torch.isclose(input, other, 'rtol')", TypeError),
        Refusal("an out", "torch.isclose(input, other, out=out)", TypeError),
    ),
    laws=(
        Law(
            "every element is close to itself unless it is NaN",
            "torch.isclose(input, input, rtol, atol)",
            "~torch.isnan(input)",
        ),
        Law(
            "every element is close to itself where NaN equals NaN",
            "torch.isclose(input, input, rtol, atol, equal_nan=True)",
            "torch.ones_like(input, dtype=torch.bool)",
        ),
        Law(
            "without tolerances numbers are close if they are equal",
            "torch.isclose(input, other, 0.0, 0.0)",
            "torch.eq(input, other)",
        ),
        Law(
            "without rtol the order of the tensors does not matter",
            "torch.isclose(other, input, 0.0, atol, equal_nan)",
            "torch.isclose(input, other, 0.0, atol, equal_nan)",
            when=f"dtype in {FLOATS + COMPLEXES}",
        ),
        Law(
            "a distance of just the tolerance is close and one beyond it is not",
            "torch.isclose(torch.tensor([1.5, 2.5, 1.75]), torch.tensor([1.0, 2.0, 1.0]), 0.25, 0.25)",
            "torch.tensor([True, True, False])",
        ),
        Law(
            "rtol counts by the second tensor",
            "torch.isclose(torch.tensor([2.0, 1.0]), torch.tensor([1.0, 2.0]), 0.5, 0.0)",
            "torch.tensor([False, True])",
        ),
        Law(
            "no finite number is close to an infinite one",
            "torch.isclose(torch.tensor([1.0, -math.inf]), torch.tensor(math.inf), 1.0, 1.0)",
            "torch.tensor([False, False])",
        ),
    ),
    takes=takes,
    # The formula is worked out by several calls, and how many is not promised.
    cost=Cost(dtypes=(), workload=workload, reference="elementwise"),
)
