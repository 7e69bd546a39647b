"""torch.from_numpy: a tensor in the memory of a NumPy array."""

from conformance.spec import ALL, Cost, Draw, Form, Law, Refusal, Spec, View, dense, views

DTYPES = tuple(dtype for dtype in ALL if dtype != "bfloat16")
"""NumPy has no bfloat16."""


def arguments(draw: Draw):
    """Arrays that begin where their memory does: else the storage of the tensor begins with the array."""
    input = draw.tensor(draw.shape(), layout=("contiguous", "permuted", "head", "expanded"))
    draw.require(input.offset == 0 and input.numel > 0)
    return {"input": input}


def oracle(input):
    return input


def geometry(input):
    return [View(input.shape, input.strides, 0)]


def workload(size):
    return {"input": dense((size // 64, 64))}


def sharing(change, told):
    """A program that makes a tensor of an array, changes one of the two, and tells the other."""
    return f"""
    given = np.zeros((2, 3), np.float32)
    made = torch.from_numpy(given)
    {change}
    {told}
    """


READ_ONLY = """
    import warnings
    given = np.ones(3)
    given.flags.writeable = False
    before = torch.is_warn_always_enabled()
    torch.set_warn_always(True)
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            torch.from_numpy(given)
    finally:
        torch.set_warn_always(before)
    [(one.category.__name__, "not writable" in str(one.message)) for one in said]
"""

spec = Spec(
    operation="torch.from_numpy",
    summary="A tensor on the CPU that shares the memory of an array, with its shape, strides and dtype.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.from_numpy.html",
    arguments=arguments,
    forms=(
        Form("torch.from_numpy(array(input))"),
        Form("torch.as_tensor(array(input))"),
        # An array without dimensions is taken for a number of NumPy, which asarray copies.
        Form("torch.asarray(array(input))", when="input.rank > 0"),
    ),
    dtypes=DTYPES,
    oracle=oracle,
    memory=views("input", geometry),
    modes=(),
    refusals=(
        Refusal("a call without an array", "torch.from_numpy()", TypeError),
        Refusal("a list", "torch.from_numpy([1.0])", TypeError),
        Refusal("a tensor", "torch.from_numpy(input)", TypeError),
        Refusal("a number of NumPy", "torch.from_numpy(np.float64(1))", TypeError),
        Refusal("an array and a number", "torch.from_numpy(np.ones(2), 2)", TypeError),
        Refusal("an array of strings", "torch.from_numpy(np.array(['a']))", TypeError),
        Refusal("an array of objects", "torch.from_numpy(np.array([None]))", TypeError),
        Refusal("an array of dates", "torch.from_numpy(np.ones(2, 'M8[s]'))", TypeError),
        Refusal("an array of records", "torch.from_numpy(np.zeros(2, [('a', 'f4')]))", TypeError),
        Refusal("an array of long doubles", "torch.from_numpy(np.ones(2, np.longdouble))", TypeError),
        Refusal("an array in the other byte order", "torch.from_numpy(np.ones(2, '>f4'))", ValueError),
        Refusal("an array turned around", "torch.from_numpy(np.ones(3)[::-1])", ValueError),
        Refusal("an array with its columns turned around", "torch.from_numpy(np.ones((2, 3))[:, ::-1])", ValueError),
    ),
    laws=(
        Law("a write to the tensor reaches the array", sharing("made[1, 2] = 5", "bool(given[1, 2] == 5)"), "True"),
        Law("a write to the array reaches the tensor", sharing("given[1, 2] = 5", "made[1, 2].item()"), "5.0"),
        Law(
            "numpy gives an array of the shape",
            "torch.from_numpy(array(input)).numpy().shape == tuple(input.shape)",
            "True",
        ),
        Law("a read-only array is warned of", READ_ONLY, "[('UserWarning', True)]"),
        Law(
            "a slice of an array begins where the slice does",
            "given = np.arange(12.0)\nmade = torch.from_numpy(given[3::2])\nmade.zero_()\ngiven.tolist()",
            "[0.0, 1.0, 2.0, 0.0, 4.0, 0.0, 6.0, 0.0, 8.0, 0.0, 10.0, 0.0]",
        ),
        Law(
            "the tensor keeps the memory of an array that is gone",
            "made = torch.from_numpy(np.arange(1000))\nnoise = [np.ones(1000, np.int64) for _ in range(20)]\nmade",
            "torch.arange(1000)",
        ),
        Law(
            "every dtype of NumPy that torch has is taken over",
            "[str(torch.from_numpy(np.ones(1, name)).dtype) for name in ('uint16', 'float16', 'complex64')]",
            "['torch.uint16', 'torch.float16', 'torch.complex64']",
        ),
        Law("an array of no elements has its shape", "list(torch.from_numpy(np.empty((2, 0, 3))).shape)", "[2, 0, 3]"),
    ),
    cost=Cost(dtypes=(), workload=workload, reference="view", growth_exponent=0.0),
)
