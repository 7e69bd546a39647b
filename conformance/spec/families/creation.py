"""Creation: operations that make a tensor of a size, of numbers, or of the shape of another tensor."""

from __future__ import annotations

from conformance.spec.contract import COMPILED_MODES, MODES, Form, Law, Mode, Refusal, UnsupportedMode

DEFAULT = "dtype == 'float32'"
"""Where a call that names no dtype gives the same: float32 is torch's default."""

INEXACT = "'float' in dtype or 'complex' in dtype"
"""The dtypes whose tensors may require gradients."""


def modes_without_tensors() -> tuple[Mode, ...]:
    """The modes of a call that takes no tensor: vmap and forward-mode differentiation need one."""
    return tuple(mode for mode in MODES if mode not in ("vmap", "forward"))


def unsupported_when_compiled() -> tuple[UnsupportedMode, ...]:
    """What torch.compile says that it does not trace."""
    return tuple(
        UnsupportedMode(mode, RuntimeError, reason, when=f"{words!r} in form")
        for mode in COMPILED_MODES
        for words, reason in (
            ("requires_grad=True", "a tensor that requires gradients cannot be made inside a graph"),
            ("with block", "a device as a context manager is not traced"),
        )
    )


def keyword_forms(name: str, arguments: str) -> tuple[Form, ...]:
    """The keywords that every creation operation has, with the positional `arguments` before them."""
    return (
        Form(f"torch.{name}({arguments}, dtype=dtype, layout=torch.strided, device=device)"),
        Form(f"torch.{name}({arguments}, dtype=dtype, device=torch.device(device), requires_grad=False)"),
        Form(f"torch.{name}({arguments}, dtype=dtype, device=device, pin_memory=False)"),
        Form(f"torch.{name}({arguments}, dtype=dtype, device=device, requires_grad=True)", when=INEXACT),
    )


def surrounding_forms(name: str, arguments: str) -> tuple[Form, ...]:
    """Calls whose dtype, device or memory come from outside."""
    return (
        Form(
            f"""
            with torch.device(device):
                made = torch.{name}({arguments}, dtype=dtype)
            made
            """,
            title="the device of a with block",
        ),
        Form(
            f"""
            given = torch.{name}({arguments}, dtype=dtype, device=device).clone()
            torch.{name}({arguments}, out=given.zero_())
            """,
            title="an out of the dtype and the size",
        ),
    )


def size_forms(name: str, others: str = "") -> tuple[Form, ...]:
    """How a size is given: as one argument or several, by name, as a list or a `torch.Size`. `others` are arguments
    that follow, each after a comma."""
    return (
        Form(f"torch.{name}(size=size{others}, dtype=dtype, device=device)"),
        Form(f"torch.{name}(list(size){others}, dtype=dtype, device=device)"),
        Form(f"torch.{name}(torch.Size(size){others}, dtype=dtype, device=device)"),
    )


def spread_size_forms(name: str) -> tuple[Form, ...]:
    """A size as several arguments."""
    return (
        Form(f"torch.{name}(*size, dtype=dtype, device=device)", when="size"),
        Form(f"torch.{name}(*size)", when=f"size and {DEFAULT}"),
    )


def new_forms(name: str, others: str = "") -> tuple[Form, ...]:
    """The method `new_...`, which takes dtype and device from its tensor unless they are given."""
    return (
        Form(f"torch.empty(0, dtype=dtype, device=device).new_{name}(size{others})"),
        Form(f"torch.empty(2, 3, dtype=dtype, device=device).t().new_{name}(size=size{others}, device=device)"),
        Form(f"torch.empty(0, dtype=torch.bool, device=device).new_{name}(size{others}, dtype=dtype)"),
        Form(
            f"torch.empty(0, dtype=dtype, device=device).new_{name}(size{others}, requires_grad=True)",
            when=INEXACT,
        ),
    )


def like_forms(name: str, others: str = "") -> tuple[Form, ...]:
    """The keywords of an operation that makes a tensor like another one."""
    return (
        Form(f"torch.{name}(input{others})", when="input.dtype == 'subject'"),
        Form(f"torch.{name}(input=input{others}, dtype=dtype)"),
        Form(f"torch.{name}(input{others}, dtype=dtype, layout=torch.strided, device=device, requires_grad=False)"),
        Form(f"torch.{name}(input{others}, dtype=dtype, pin_memory=False, memory_format=torch.preserve_format)"),
        Form(f"torch.{name}(input{others}, dtype=dtype, requires_grad=True)", when=INEXACT),
    )


def size_refusals(name: str, others: str = "") -> tuple[Refusal, ...]:
    """Misuses of a size. `others` are arguments that follow, each after a comma."""
    return (
        Refusal("a negative size", f"torch.{name}((*size, -1){others}, dtype=dtype)", RuntimeError),
        Refusal("a fraction as a size", f"torch.{name}((2.0,){others}, dtype=dtype)", TypeError),
        Refusal("a string as the size", f"torch.{name}('2'{others}, dtype=dtype)", TypeError),
        Refusal("None among the sizes", f"torch.{name}((2, None){others}, dtype=dtype)", TypeError),
        Refusal("more elements than 64 bits count", f"torch.{name}((2**62, 4){others}, dtype=dtype)", RuntimeError),
        Refusal("a size that 64 bits do not hold", f"torch.{name}((2**70,){others}, dtype=dtype)", TypeError),
    )


def keyword_refusals(name: str, arguments: str) -> tuple[Refusal, ...]:
    """Misuses of the keywords that every creation operation has, with the positional `arguments` before them."""
    return (
        Refusal("a call without arguments", f"torch.{name}()", TypeError),
        Refusal("a string as the dtype", f"torch.{name}({arguments}, dtype='float32')", TypeError),
        Refusal("a device that there is none of", f"torch.{name}({arguments}, device='nowhere')", RuntimeError),
        Refusal("a string as the layout", f"torch.{name}({arguments}, layout='strided')", TypeError),
        Refusal("an unknown keyword", f"torch.{name}({arguments}, shape=(2,))", TypeError),
        Refusal(
            "gradients of whole numbers",
            f"torch.{name}({arguments}, dtype=torch.int64, requires_grad=True)",
            RuntimeError,
        ),
    )


def out_refusals(name: str, arguments: str) -> tuple[Refusal, ...]:
    """Misuses of `out=`, with the positional `arguments` before it."""
    return (
        Refusal(
            "an out of another dtype than the one that is asked for",
            f"torch.{name}({arguments}, dtype=torch.int16 if dtype != torch.int16 else torch.int32, out=out)",
            RuntimeError,
        ),
        Refusal("a list as out", f"torch.{name}({arguments}, out=[])", TypeError),
    )


def like_refusals(name: str, others: str) -> tuple[Refusal, ...]:
    """Misuses of an operation that makes a tensor like another one. `others` are arguments that follow, each after a
    comma."""
    return (
        Refusal("a call without a tensor", f"torch.{name}()", TypeError),
        Refusal("a size in place of the tensor", f"torch.{name}((2, 3){others}, dtype=dtype)", TypeError),
        Refusal("a dtype as a positional argument", f"torch.{name}(input{others}, dtype)", TypeError),
        Refusal("a string as the dtype", f"torch.{name}(input{others}, dtype='float32')", TypeError),
        Refusal("a device that there is none of", f"torch.{name}(input{others}, device='nowhere')", RuntimeError),
        Refusal(
            "gradients of whole numbers",
            f"torch.{name}(input{others}, dtype=torch.int64, requires_grad=True)",
            RuntimeError,
        ),
        Refusal(
            "channels_last for a tensor without four dimensions",
            f"torch.{name}(torch.ones(2, 3, dtype=dtype){others}, memory_format=torch.channels_last)",
            RuntimeError,
        ),
        Refusal("a tensor as out", f"torch.{name}(input{others}, out=out)", TypeError),
    )


def like_laws(name: str, others: str) -> tuple[Law, ...]:
    """What a tensor that is made like another one takes over from it, and what it does not."""
    call = f"torch.{name}(input{others}, dtype=dtype"
    return (
        Law("the shape is that of the tensor", f"{call}).shape", "input.shape"),
        Law("no gradient is taken over", f"torch.{name}(input{others}, dtype=dtype).requires_grad", "False"),
        Law("requires_grad is as asked for", f"{call}, requires_grad=True).requires_grad", "True", when=INEXACT),
        Law(
            "contiguous_format gives row-major order",
            f"{call}, memory_format=torch.contiguous_format).is_contiguous()",
            "True",
        ),
        Law(
            "channels_last orders the memory by channels last",
            f"{call}, memory_format=torch.channels_last).permute(0, 2, 3, 1).is_contiguous()",
            "True",
            when="input.rank == 4",
        ),
    )
