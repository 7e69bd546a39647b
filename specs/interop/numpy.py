"""torch.Tensor.numpy: an array in the memory of a tensor."""

from conformance.spec import ALL, Cost, Draw, Form, Law, Refusal, Spec, View, dense, views

DTYPES = tuple(dtype for dtype in ALL if dtype != "bfloat16")
"""NumPy has no bfloat16."""


def arguments(draw: Draw):
    """The memory of an array begins with it, and so does that of the tensors here."""
    input = draw.tensor(draw.shape(), layout=("contiguous", "permuted", "head", "expanded"))
    draw.require(input.offset == 0 and input.numel > 0)
    return {"input": input, "force": draw.boolean()}


def oracle(input, force):
    return input


def geometry(input, force):
    return [View(input.shape, input.strides, 0)]


def workload(size):
    return {"input": dense((size // 64, 64)), "force": False}


def form(title, call):
    return Form(f"given = {call}\ntorch.from_numpy(given)", title=title)


spec = Spec(
    operation="torch.Tensor.numpy",
    summary="An array that shares the tensor's memory; with force=True a copy where it cannot.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.numpy.html",
    arguments=arguments,
    forms=(
        form("the array of numpy with force", "input.numpy(force=force)"),
        form("the array of numpy", "input.numpy()"),
        form("the array of numpy without force", "input.numpy(force=False)"),
        form("the array of np.asarray", "np.asarray(input)"),
        form("the array of __array__", "input.__array__()"),
        form("the array of detach", "input.detach().numpy()"),
    ),
    dtypes=DTYPES,
    oracle=oracle,
    memory=views("input", geometry),
    modes=(),
    refusals=(
        Refusal("a tensor that requires gradients", "torch.ones(2, requires_grad=True).numpy()", RuntimeError),
        Refusal("a tensor with the conjugate bit", "torch.ones(2, dtype=torch.complex64).conj().numpy()", RuntimeError),
        Refusal(
            "a tensor with the negative bit", "torch.ones(2, dtype=torch.complex64).conj().imag.numpy()", RuntimeError
        ),
        Refusal("a tensor without values", "torch.ones(2, device='meta').numpy()", TypeError),
        Refusal("a sparse tensor", "torch.eye(2).to_sparse().numpy()", TypeError),
        Refusal("a tensor of bfloat16", "torch.ones(2, dtype=torch.bfloat16).numpy()", TypeError),
        Refusal("force as a positional argument", "input.numpy(True)", TypeError),
        Refusal("a number as force", "input.numpy(force=1)", TypeError),
    ),
    laws=(
        Law("an array comes back", "type(input.numpy(force=True)).__name__", "'ndarray'"),
        Law("the dtype is that of the tensor", "str(input.numpy(force=True).dtype)", "str(dtype)[6:]"),
        Law(
            "the strides count bytes",
            "input.numpy(force=force).strides",
            "tuple(stride * input.element_size() for stride in input.stride())",
            when="input.numel > 0",
        ),
        Law(
            "a write to the array reaches the tensor",
            "made = torch.zeros(2, 3, dtype=dtype)\nmade.numpy()[1, 2] = 1\nmade[1, 2].item() == 1",
            "True",
        ),
        Law(
            "a write to the tensor reaches the array",
            "made = torch.zeros(2, 3, dtype=dtype)\ngiven = made.numpy()\nmade[1, 2] = 1\nbool(given[1, 2] == 1)",
            "True",
        ),
        Law(
            "an array of a slice begins where the slice does",
            "made = torch.zeros(6, dtype=dtype)\nmade[2::2].numpy()[...] = 1\n[bool(one) for one in made]",
            "[False, False, True, False, True, False]",
        ),
        Law(
            "force takes a tensor that requires gradients",
            "torch.ones(2, requires_grad=True).numpy(force=True).tolist()",
            "[1.0, 1.0]",
        ),
        Law(
            "force works out the conjugate bit",
            "torch.tensor([1 + 2j]).conj().numpy(force=True).tolist()",
            "[1 - 2j]",
        ),
        Law(
            "force works out the negative bit",
            "torch.tensor([1 + 2j]).conj().imag.numpy(force=True).tolist()",
            "[-2.0]",
        ),
        Law(
            "an array keeps the memory of a tensor that is gone",
            "given = torch.arange(1000).numpy()\nnoise = [torch.ones(1000) for _ in range(20)]\ngiven.tolist()",
            "list(range(1000))",
        ),
    ),
    cost=Cost(dtypes=(), workload=workload, reference="view", growth_exponent=0.0),
)
