"""Faults of the way back: the results keep their bits, and what autograd hands back, or is told of them, is wrong.

Only the check of gradients can see them: they show where an argument asks for a gradient, or where none are recorded,
and not under torch.func.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import torch

from tests.faults.kinds import Change, Kind, changed_values
from tests.faults.kit import Body, Clean, all_clean, changed, fault, fits, is_dense, row_major, tensors_in

CHECK = "gradients"

Hook = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""What makes a wrong gradient of an argument's gradient and the argument."""


def gradient_fault(operation: str, title: str, only: tuple[str, ...] = ()) -> Callable[[Body], Body]:
    """Register the body that follows as a fault of an operation's gradient."""
    return fault(operation, title, only, CHECK)


def plant_gradients(operation: str, *kinds: Kind, only: tuple[str, ...] = ()) -> None:
    """Register faults of gradients, each a (title, body), for an operation."""
    for title, body in kinds:
        gradient_fault(operation, title, only)(body)


# --- help for bodies ----------------------------------------------------------------------------------------------


def tracked(*arguments: Any) -> bool:
    """Whether a call with these arguments is recorded, for backward: not by torch.func, which other checks ask."""
    asking = [tensor for tensor in tensors_in(arguments) if tensor.requires_grad]
    return torch.is_grad_enabled() and any(not torch._C._functorch.is_functorch_wrapped_tensor(one) for one in asking)


def _values(kwargs: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(kwargs.values())


class _ValueOf(torch.autograd.Function):  # type: ignore[misc]
    """One tensor's value with another's gradient. The value comes in a tuple, where autograd does not look for it."""

    @staticmethod
    def forward(ctx: Any, way_back: torch.Tensor, value: tuple[torch.Tensor]) -> torch.Tensor:
        return value[0]

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        return gradient, None


def with_gradient_of(expression: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """`value` to the bit, whose gradient is that of `expression`, which has its shape."""
    return _ValueOf.apply(expression, (value.detach(),))


def spoiled(tensor: torch.Tensor, change: Change) -> torch.Tensor:
    """The same tensor, `change` being made to each gradient that reaches it."""

    def hook(gradient: torch.Tensor | None) -> torch.Tensor | None:
        with all_clean():
            return None if gradient is None else change(gradient)

    if tensor.requires_grad:
        tensor.register_hook(hook)
    return tensor


def watched(tensor: torch.Tensor, change: Hook) -> torch.Tensor:
    """A tensor for the call to take in the argument's place; `change` is made to the gradient that it gets."""
    if not tensor.requires_grad:
        return tensor
    return spoiled(tensor.view_as(tensor) if tensor.is_leaf else tensor, lambda gradient: change(gradient, tensor))


# --- what comes in, what goes out ---------------------------------------------------------------------------------


def handed_in(title: str, change: Change) -> Kind:
    """The way back sees `change` made to the incoming gradients."""

    def body(clean: Clean, *args: Any, **kwargs: Any) -> Any:
        result = clean(*args, **kwargs)
        if tracked(args, _values(kwargs)):
            for tensor in tensors_in(result):
                spoiled(tensor, change)
        return result

    return title, body


def handed_back(title: str, change: Hook) -> Kind:
    """The way back ends with `change` made to the gradient of each argument."""

    def body(clean: Clean, *args: Any, **kwargs: Any) -> Any:
        if not tracked(args, _values(kwargs)):
            return clean(*args, **kwargs)
        watch = functools.partial(watched, change=change)
        return clean(*changed(args, watch), **changed_values(kwargs, watch))

    return title, body


def instead(title: str, expression: Callable[..., torch.Tensor]) -> Kind:
    """The gradient is that of an expression of the call's arguments; in-place forms are left alone, and so are those
    whose arguments go by other names."""
    parameters = inspect.signature(expression)

    def body(clean: Clean, *args: Any, **kwargs: Any) -> Any:
        result = clean(*args, **kwargs)
        if clean.in_place or not tracked(args, _values(kwargs)) or not fits(parameters, args, kwargs):
            return result
        return with_gradient_of(expression(*args, **kwargs), result)

    return title, body


def _of(dtype: str, change: Change) -> Change:
    return lambda gradient: change(gradient) if gradient.dtype == getattr(torch, dtype) else gradient


def _as_if_contiguous(gradient: torch.Tensor) -> torch.Tensor:
    if gradient.is_contiguous() or not is_dense(gradient):
        return gradient
    return gradient.as_strided(gradient.shape, row_major(gradient.shape))


def _first_copy(gradient: torch.Tensor) -> torch.Tensor:
    """Where an expanded gradient repeats itself, all repeats but the first are 0."""
    mask = torch.ones(gradient.shape, dtype=torch.bool)
    for dim, stride in enumerate(gradient.stride()):
        if stride == 0 and gradient.shape[dim] > 1:
            mask.narrow(dim, 1, gradient.shape[dim] - 1).fill_(False)
    return torch.where(mask, gradient, torch.zeros_like(gradient))


def _used_up(gradient: torch.Tensor) -> torch.Tensor:
    kept = gradient.clone()
    if is_dense(gradient):
        gradient.detach().zero_()
    return kept


def _finite(gradient: torch.Tensor) -> torch.Tensor:
    return torch.where(gradient.isfinite(), gradient, torch.zeros_like(gradient))


def _without_end(start: int) -> Change:
    """Elements from position `start` on lose their gradient."""

    def change(gradient: torch.Tensor) -> torch.Tensor:
        kept = torch.arange(gradient.numel()).reshape(gradient.shape) < start
        return torch.where(kept, gradient, torch.zeros_like(gradient))

    return change


def _without_tail(gradient: torch.Tensor) -> torch.Tensor:
    count = gradient.numel()
    return _without_end(count - count % 8)(gradient) if count > 32 else gradient


def _through(lower: torch.dtype) -> Change:
    return lambda gradient: gradient.to(lower).to(gradient.dtype)


INCOMING_TAKEN_FOR_ONES = handed_in("the incoming gradient is taken for ones", torch.ones_like)
INCOMING_AS_IF_CONTIGUOUS = handed_in("a permuted incoming gradient is read as if contiguous", _as_if_contiguous)
INCOMING_READ_ONCE = handed_in("an expanded incoming gradient counts in its first place alone", _first_copy)
INCOMING_USED_UP = handed_in("the incoming gradient is overwritten", _used_up)
INCOMING_MADE_FINITE = handed_in("NaN and infinities in an incoming gradient become 0", _finite)
LARGE_LOST = handed_in("elements beyond the first 32768 have no gradient", _without_end(32768))
TAIL_LOST = handed_in("above 32 elements those after the last full vector of 8 have no gradient", _without_tail)


def rounded_to(lower: str, dtype: str) -> Kind:
    """Gradients of one dtype pass through another that cannot hold all of their values."""
    return handed_in(f"{dtype} gradients pass through {lower}", _of(dtype, _through(getattr(torch, lower))))


def conjugated(dtype: str) -> Kind:
    """Complex gradients come out conjugated, as of a derivative that is linear in them."""
    return handed_in(f"{dtype} gradients come back conjugated", _of(dtype, torch.Tensor.conj))


def _strides_swapped(gradient: torch.Tensor, argument: torch.Tensor) -> torch.Tensor:
    if argument.is_contiguous() or not is_dense(argument):
        return gradient
    return gradient.contiguous().as_strided(argument.shape, argument.stride())


STRIDES_SWAPPED = handed_back(
    "the gradient of a permuted argument is written as if it were contiguous", _strides_swapped
)

# --- broadcasting -------------------------------------------------------------------------------------------------


def _expanded_first(title: str, change: Hook) -> Kind:
    """Each argument is expanded before the call, and `change` made to the gradient of the expanded one."""

    def body(clean: Clean, *args: Any, **kwargs: Any) -> Any:
        if clean.in_place or not tracked(args, _values(kwargs)):
            return clean(*args, **kwargs)
        shape = torch.broadcast_shapes(*(tensor.shape for tensor in tensors_in((args, _values(kwargs)))))

        def expand(tensor: torch.Tensor) -> torch.Tensor:
            # One without dimensions stays as it is, for the dtype of the result depends on that.
            if not tensor.requires_grad or tensor.dim() == 0 or tensor.shape == shape:
                return tensor
            return spoiled(tensor.expand(shape), lambda gradient: change(gradient, tensor))

        return clean(*changed(args, expand), **changed_values(kwargs, expand))

    return title, body


def of_first_copy(gradient: torch.Tensor, argument: torch.Tensor) -> torch.Tensor:
    """The gradient of an expanded argument with only the first of its copies counted."""
    aligned = (1,) * (gradient.dim() - argument.dim()) + tuple(argument.shape)
    first = torch.zeros(gradient.shape, dtype=torch.bool)
    first[tuple(slice(0, size) for size in aligned)] = True
    return torch.where(first, gradient, torch.zeros_like(gradient))


def of_mean_copy(gradient: torch.Tensor, argument: torch.Tensor) -> torch.Tensor:
    """The gradient of an expanded argument with its copies averaged."""
    return gradient * (argument.numel() / max(gradient.numel(), 1))


COPIES_LOST = _expanded_first("an argument that broadcasts gets the gradient of its first copy alone", of_first_copy)
COPIES_AVERAGED = _expanded_first("an argument that broadcasts gets the mean of its copies' gradients", of_mean_copy)

# --- second derivatives -------------------------------------------------------------------------------------------


class _SecondDoubled(torch.autograd.Function):  # type: ignore[misc]
    @staticmethod
    def forward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
        return gradient.clone()

    @staticmethod
    def backward(ctx: Any, second: torch.Tensor) -> torch.Tensor:
        return 2 * second


class _Frozen(torch.autograd.Function):  # type: ignore[misc]
    """A call whose gradient is a function of the incoming one alone: what it has of the arguments is kept apart."""

    @staticmethod
    def forward(ctx: Any, call: Callable[..., torch.Tensor], *inputs: torch.Tensor) -> torch.Tensor:
        ctx.call, ctx.inputs = call, [tensor.detach() for tensor in inputs]
        return call(*inputs)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        with all_clean(), torch.enable_grad():
            inputs = [tensor.detach().requires_grad_() for tensor in ctx.inputs]
            found = torch.autograd.grad(ctx.call(*inputs), inputs, gradient, create_graph=True, materialize_grads=True)
        return None, *found


def _frozen(clean: Clean, *args: Any, **kwargs: Any) -> Any:
    inputs = [tensor for tensor in tensors_in((args, _values(kwargs))) if tensor.requires_grad]
    if clean.in_place or not tracked(inputs):
        return clean(*args, **kwargs)

    def call(*tensors: torch.Tensor) -> torch.Tensor:
        remaining = iter(tensors)

        def fill(tensor: torch.Tensor) -> torch.Tensor:
            return next(remaining) if any(tensor is one for one in inputs) else tensor

        result: torch.Tensor = clean(*changed(args, fill), **changed_values(kwargs, fill))
        return result

    return _Frozen.apply(call, *inputs)


SECOND_DOUBLED = handed_in("the gradient of the incoming gradient counts twice", _SecondDoubled.apply)
SECOND_LOST = handed_back("a gradient cannot be differentiated again", lambda gradient, _: gradient.detach())
SECOND_FROZEN = ("where a gradient is differentiated again the arguments count as constants", _frozen)

# --- requires_grad ------------------------------------------------------------------------------------------------


def lost(title: str, condition: Callable[[torch.Tensor], bool] = lambda result: True) -> Kind:
    """Results that meet a condition ask for no gradient."""

    def body(clean: Clean, *args: Any, **kwargs: Any) -> Any:
        if not tracked(args, _values(kwargs)):
            return clean(*args, **kwargs)
        if clean.in_place:
            with torch.no_grad():
                return clean(*args, **kwargs)
        return changed(clean(*args, **kwargs), lambda tensor: tensor.detach() if condition(tensor) else tensor)

    return title, body


LOST = lost("results ask for no gradient")


def lost_in(dtype: str) -> Kind:
    """Results of one dtype ask for no gradient."""
    return lost(f"{dtype} results ask for no gradient", lambda result: result.dtype == getattr(torch, dtype))


def _first_decides(clean: Clean, *args: Any, **kwargs: Any) -> Any:
    floating = [one for one in tensors_in((args, _values(kwargs))) if one.is_floating_point() or one.is_complex()]
    if not tracked(floating) or floating[0].requires_grad or clean.in_place:
        return clean(*args, **kwargs)
    return changed(clean(*args, **kwargs), torch.Tensor.detach)


FIRST_DECIDES = ("a result asks for a gradient only if the first argument does", _first_decides)

# --- values with and without gradients ----------------------------------------------------------------------------


def _zeros_if(condition: Callable[..., bool]) -> Body:
    """Floating and complex results are zeros under a condition."""

    def zeros(tensor: torch.Tensor) -> torch.Tensor:
        exact = not tensor.is_floating_point() and not tensor.is_complex()
        return tensor if exact else with_gradient_of(tensor, torch.zeros_like(tensor))

    def body(clean: Clean, *args: Any, **kwargs: Any) -> Any:
        result = clean(*args, **kwargs)
        return changed(result, zeros) if condition(args, _values(kwargs)) and not clean.in_place else result

    return body


def _under_no_grad(*_: Any) -> bool:
    return not torch.is_grad_enabled() and not torch.is_inference_mode_enabled()


def _under_inference_mode(*_: Any) -> bool:
    return bool(torch.is_inference_mode_enabled())


def _recorded_under_no_grad(clean: Clean, *args: Any, **kwargs: Any) -> Any:
    if not _under_no_grad():
        return clean(*args, **kwargs)
    with torch.enable_grad():
        return clean(*args, **kwargs)


OTHER_WHEN_TRACKED = ("values are others where a gradient is asked for", _zeros_if(tracked))
OTHER_UNDER_NO_GRAD = ("values are others under no_grad", _zeros_if(_under_no_grad))
OTHER_UNDER_INFERENCE = ("values are others under inference_mode", _zeros_if(_under_inference_mode))
RECORDED_UNDER_NO_GRAD = ("a call under no_grad is recorded", _recorded_under_no_grad)
