"""torch.allclose: whether all elements of a tensor are as close to those of another as two tolerances allow."""

from conformance.spec import ALL, CELL_DTYPE, VALUE, Cost, Form, Law, Refusal, Spec

from ._closeness import DEFAULT, arguments, close, takes, workload


def oracle(input, other, rtol, atol, equal_nan):
    """One answer for all elements, which is True where there are none."""
    return bool(close(input, other, rtol, atol, equal_nan).all())


spec = Spec(
    operation="torch.allclose",
    summary="Whether |input - other| <= atol + rtol * |other| for all elements, as one Python boolean.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.allclose.html",
    arguments=arguments,
    forms=(
        Form("torch.allclose(input, other, rtol, atol, equal_nan)"),
        Form("torch.allclose(input, other)", when=DEFAULT),
        Form("torch.allclose(input=input, other=other, equal_nan=equal_nan, atol=atol, rtol=rtol)"),
        Form("torch.allclose(input, other, rtol, atol)", when="not equal_nan"),
        Form("input.allclose(other)", when=DEFAULT),
        Form("input.allclose(other, rtol, atol, equal_nan)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    returns=VALUE,
    common_dtype=CELL_DTYPE,
    modes=(),
    refusals=(
        Refusal(
            "tensors whose shapes do not broadcast",
            "torch.allclose(input, input.new_zeros(input.shape[-1] + 2))",
            RuntimeError,
            when="input.rank > 0 and input.shape[-1] != 1",
        ),
        Refusal("tensors of two dtypes", "torch.allclose(torch.ones(2), torch.ones(2).double())", RuntimeError),
        Refusal("a negative rtol", "torch.allclose(input, other, rtol=-1e-5)", RuntimeError),
        Refusal("a negative atol", "torch.allclose(input, other, atol=-1e-8)", RuntimeError),
        Refusal("a number as the second tensor", "torch.allclose(input, 1.0)", TypeError),
        Refusal("a call with one tensor", "torch.allclose(input)", TypeError),
    ),
    laws=(
        Law(
            "all are close exactly if each is",
            "torch.allclose(input, other, rtol, atol, equal_nan)",
            "torch.isclose(input, other, rtol, atol, equal_nan).all().item()",
        ),
        Law(
            "a tensor is close to its row-major copy if NaN equals NaN",
            "torch.allclose(input, input.contiguous().clone(), equal_nan=True)",
            "True",
        ),
        Law("a tensor is close to itself if NaN equals NaN", "torch.allclose(input, input, equal_nan=True)", "True"),
        Law("of no elements all are close", "torch.allclose(torch.ones(0), torch.zeros(0))", "True"),
    ),
    takes=takes,
    # The formula is worked out by several calls, and how many is not promised.
    cost=Cost(dtypes=(), workload=workload, reference="elementwise"),
)
