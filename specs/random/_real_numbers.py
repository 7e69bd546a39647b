"""What rand and randn have in common, and rand_like and randn_like."""

from conformance.spec import Form, Law, Refusal

from ._streams import DEFAULT, GENERATOR, SEEDED, by_global_generator, drawn_twice, has_last_bits, seeded_anew

OF_ONE_DTYPE = "input.dtype == 'subject'"
REAL = "not dtype.startswith('complex')"
KEYWORDS = "dtype=dtype, layout=torch.strided, device=device, requires_grad=False"

# --- of a size ----------------------------------------------------------------------------------------------------


def workload(size):
    return {"size": (size // 64, 64), "seed": 0}


def forms_of_size(name, method):
    """Calls of torch.`name`, and of the in-place `method` on empty memory."""
    return (
        Form(f"torch.{name}(size, generator={GENERATOR}, dtype=dtype, device=device)"),
        Form(f"torch.{name}(*size, generator={GENERATOR}, dtype=dtype, device=device)", when="size"),
        Form(f"torch.{name}(list(size), generator={GENERATOR}, dtype=dtype, device=device)"),
        Form(f"torch.{name}(size=size, generator={GENERATOR}, {KEYWORDS}, pin_memory=False)"),
        Form(f"torch.empty(size, dtype=dtype, device=device).{method}(generator={GENERATOR})"),
        Form(f"torch.empty(size, dtype=dtype, device=device).{method}(0, 1, generator={GENERATOR})"),
        Form(by_global_generator(f"torch.{name}(size, dtype=dtype, device=device)"), title=SEEDED),
        Form(by_global_generator(f"torch.{name}(size)"), title=DEFAULT, when="dtype == 'float32'"),
        Form(f"torch.{name}(size, generator={GENERATOR}, dtype=dtype, out=out)"),
    )


def refusals_of_size(name):
    """Misuses of torch.`name`."""
    return (
        Refusal("a negative size", f"torch.{name}(-1, dtype=dtype)", RuntimeError),
        Refusal("no size", f"torch.{name}(dtype=dtype)", TypeError),
        Refusal("a size that is no whole number", f"torch.{name}(2.5, dtype=dtype)", TypeError),
        Refusal("a seed in place of the generator", f"torch.{name}(3, generator=0, dtype=dtype)", TypeError),
        Refusal("a dtype of whole numbers", f"torch.{name}(3, dtype=torch.int64)", RuntimeError),
        Refusal("an out of another dtype", f"torch.{name}(3, dtype=torch.bool, out=out)", RuntimeError),
    )


def laws_of_size(name):
    """What a generator gives when it is asked again."""
    call = f"torch.{name}(size, generator=generator, dtype=dtype, device=device)"
    once = f"torch.{name}(size, generator={GENERATOR}, dtype=dtype, device=device"
    return (
        Law(
            "a generator does not give the same numbers twice",
            drawn_twice(call),
            "False",
            when="math.prod(size) >= 16",
        ),
        Law("a generator that is seeded anew gives its first numbers", seeded_anew(call), f"{once})"),
        Law("requires_grad makes a leaf of the numbers", f"{once}, requires_grad=True).requires_grad", "True"),
    )


# --- like a tensor ------------------------------------------------------------------------------------------------


def forms_like(name, plain):
    """Calls of torch.`name`, which makes a tensor like another one, and of torch.`plain`, which takes a size."""
    of_tensor = "dtype=dtype, layout=input.layout, device=input.device"
    return (
        Form(f"torch.{name}(input, generator={GENERATOR}, dtype=dtype)"),
        Form(f"torch.{name}(input, generator={GENERATOR})", when=OF_ONE_DTYPE),
        Form(f"torch.{name}(input=input, generator={GENERATOR}, {KEYWORDS}, memory_format=torch.preserve_format)"),
        Form(
            f"torch.{plain}(input.size(), generator={GENERATOR}, {of_tensor})",
            when="input.layout.kind == 'contiguous'",
        ),
        Form(by_global_generator(f"torch.{name}(input, dtype=dtype)"), title=SEEDED),
        Form(by_global_generator(f"torch.{name}(input)"), title=DEFAULT, when=OF_ONE_DTYPE),
    )


def refusals_like(name):
    """Misuses of torch.`name`."""
    return (
        Refusal("no tensor", f"torch.{name}()", TypeError),
        Refusal("a number in place of the tensor", f"torch.{name}(1.0)", TypeError),
        Refusal("a seed in place of the generator", f"torch.{name}(input, generator=0, dtype=dtype)", TypeError),
        Refusal("a dtype of whole numbers", f"torch.{name}(torch.ones(3), dtype=torch.int64)", RuntimeError),
        Refusal("a size beside the tensor", f"torch.{name}(input, 2, dtype=dtype)", TypeError),
    )


def laws_like(name):
    """What a generator gives when it is asked again, and what is asked for beside the tensor."""
    call = f"torch.{name}(input, generator={GENERATOR}"
    return (
        Law(
            "a generator does not give the same numbers twice",
            drawn_twice(f"torch.{name}(input, generator=generator, dtype=dtype)"),
            "False",
            when="input.numel >= 16",
        ),
        Law(
            "a memory format that is asked for is that of the result",
            f"{call}, {KEYWORDS}, memory_format=torch.contiguous_format).is_contiguous()",
            "True",
        ),
        Law(
            "requires_grad makes a leaf of the numbers",
            f"{call}, dtype=dtype, requires_grad=True).requires_grad",
            "True",
        ),
    )


# --- digits -------------------------------------------------------------------------------------------------------


def laws_of_digits(title, call, low):
    """Some of the numbers of a `call` that lie from `low` up to twice that have their last bit set."""
    return (Law(title, has_last_bits(call, low), "True", when=REAL),)
