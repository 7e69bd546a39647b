"""torch.as_tensor: the tensor itself or a view of an array where that can be, else a copy."""

from conformance.spec import ALL, Cost, Draw, Form, Gradient, Law, Refusal, Spec

from ._conversions import (
    ITSELF,
    SOURCE,
    gradient,
    gradient_bound,
    scratch,
    source,
    takes_source,
    workload,
)


def arguments(draw: Draw):
    return {"input": source(draw)}


def oracle(input):
    """The same numbers, which are then converted as NumPy does."""
    return input


SAME = "input.dtype == 'subject'"

spec = Spec(
    operation="torch.as_tensor",
    summary="A tensor of data: itself or a view of its memory if dtype and device are the data's own, else a copy.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.as_tensor.html",
    arguments=arguments,
    forms=(
        Form("torch.as_tensor(input, dtype=dtype, device=device)"),
        Form("torch.as_tensor(data=input, dtype=dtype)"),
        Form("torch.as_tensor(input)", when=SAME),
        Form("torch.as_tensor(input, device=device)", when=SAME),
        Form("torch.asarray(input, dtype=dtype, device=device)", differentiable=False),
        Form("torch.asarray(input, dtype=dtype, copy=None)", differentiable=False),
        Form("torch.asarray(input)", when=SAME, differentiable=False),
    ),
    dtypes=ALL,
    takes=takes_source,
    oracle=oracle,
    memory=ITSELF,
    refusals=(
        Refusal("a call without data", "torch.as_tensor()", TypeError),
        Refusal("a string", "torch.as_tensor('1')", TypeError),
        Refusal("None", "torch.as_tensor(None)", RuntimeError),
        Refusal("rows of different lengths", "torch.as_tensor([[1, 2], [3]])", ValueError),
        Refusal("an array of strings", "torch.as_tensor(np.array(['a']))", TypeError),
        Refusal("an array of objects", "torch.as_tensor(np.array([object()]))", TypeError),
        Refusal("an array with a negative stride", "torch.as_tensor(np.ones(3)[::-1])", ValueError),
        Refusal("an array in the other byte order", "torch.as_tensor(np.ones(2, '>f4'))", ValueError),
        Refusal("a string as the dtype", "torch.as_tensor(input, dtype='float32')", TypeError),
        Refusal("requires_grad", "torch.as_tensor(input, requires_grad=True)", TypeError),
        Refusal(
            "asarray without the copy that it needs",
            "torch.asarray(torch.ones(2), dtype=torch.int64, copy=False)",
            ValueError,
        ),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source=SOURCE),
    laws=(
        Law(
            "a tensor of the dtype is returned itself",
            "torch.as_tensor(input, dtype=dtype) is input",
            "True",
            when=SAME,
        ),
        Law(
            "an array is written to through the tensor",
            "given = np.zeros(3, np.float32)\ntorch.as_tensor(given)[1] = 5\ngiven.tolist()",
            "[0.0, 5.0, 0.0]",
        ),
        Law(
            "an array of another dtype is left alone",
            "given = np.zeros(3, np.float32)\ntorch.as_tensor(given, dtype=torch.float64)[1] = 5\ngiven.tolist()",
            "[0.0, 0.0, 0.0]",
        ),
        Law(
            "asarray with copy=True leaves the array alone",
            "given = np.zeros(3, np.float32)\ntorch.asarray(given, copy=True)[1] = 5\ngiven.tolist()",
            "[0.0, 0.0, 0.0]",
        ),
        Law(
            "lists are taken as torch.tensor takes them",
            "torch.as_tensor([[1, 2], [3, 4]])",
            "torch.tensor([[1, 2], [3, 4]])",
        ),
    ),
    cost=Cost(scratch=scratch, workload=workload, reference="elementwise"),
)
