"""Faults of autograd: backward, grad, detach, requires_grad_ and no_grad."""

from __future__ import annotations

from functools import partial

import torch

from tests.faults.kinds import (
    GAPS_IGNORED,
    LAZY_BITS_IGNORED,
    TAIL_LOST,
    infinity_clipped,
    nan_lost,
    negative_zero_lost,
    subnormals_flushed,
    through,
)
from tests.faults.kit import all_clean, changed, fault, is_dense, leaves_of, plant, row_major, tensors_in

BACKWARD = "torch.Tensor.backward"
GRAD = "torch.autograd.grad"
DETACH = "torch.Tensor.detach"
MARK = "torch.Tensor.requires_grad_"
NO_GRAD = "torch.no_grad"

plant(
    BACKWARD,
    nan_lost("float16"),
    negative_zero_lost("bfloat16"),
    infinity_clipped("float64"),
    subnormals_flushed("float32"),
    through("float64", "float32"),
    TAIL_LOST,
    GAPS_IGNORED,
    LAZY_BITS_IGNORED,
)
plant(
    GRAD,
    nan_lost("bfloat16"),
    negative_zero_lost("float32"),
    infinity_clipped("float32"),
    subnormals_flushed("float64"),
    through("complex128", "complex64"),
    TAIL_LOST,
    GAPS_IGNORED,
    LAZY_BITS_IGNORED,
)
plant(DETACH, GAPS_IGNORED, LAZY_BITS_IGNORED)


# --- backward -----------------------------------------------------------------------------------------------------


@fault(BACKWARD, "a gradient takes the place of what was there")
def replaces(clean, tensors, *args, **kwargs):
    for leaf in leaves_of(tensors_in(tensors)):
        leaf.grad = None
    return clean(tensors, *args, **kwargs)


@fault(BACKWARD, "what adds up lies in new memory each time")
def adds_up_elsewhere(clean, tensors, *args, **kwargs):
    held = [leaf.grad is not None for leaf in leaves_of(tensors_in(tensors))]
    found = clean(tensors, *args, **kwargs)
    return tuple(one.clone() if before else one for one, before in zip(found, held))


@fault(BACKWARD, "of several passes over a graph the second counts double", only=("backward",))
def second_counts_double(clean, tensors, *args, **kwargs):
    leaves = leaves_of(tensors_in(tensors))
    before = [None if leaf.grad is None else leaf.grad.clone() for leaf in leaves]
    found = clean(tensors, *args, **kwargs)
    return tuple(one if old is None else one + (one - old) for one, old in zip(found, before))


def changed_argument(args, kwargs, place, names, change):
    """The arguments of a call after its first, with `change` made to the one at this place or of one of these names."""
    for name in names:
        if name in kwargs:
            return args, {**kwargs, name: change(kwargs[name])}
    if len(args) > place:
        return (*args[:place], change(args[place]), *args[place + 1 :]), kwargs
    return ((change(None),), kwargs) if place == 0 else (args, {**kwargs, names[0]: change(None)})


def gradient_changed(clean, tensors, args, kwargs, change):
    """A backward pass with `change` made to the gradient that it is given."""
    args, kwargs = changed_argument(args, kwargs, 0, ("gradient", "grad_tensors"), change)
    return clean(tensors, *args, **kwargs)


@fault(BACKWARD, "the gradient given is taken for ones")
def weights_ignored(clean, tensors, *args, **kwargs):
    return gradient_changed(clean, tensors, args, kwargs, partial(changed, change=torch.ones_like))


@fault(BACKWARD, "the gradient given is conjugated")
def gradient_conjugated(clean, tensors, *args, **kwargs):
    return gradient_changed(clean, tensors, args, kwargs, partial(changed, change=torch.conj))


@fault(BACKWARD, "several elements get ones where no gradient is given")
def ones_for_several(clean, tensors, *args, **kwargs):
    def change(gradient):
        return torch.ones_like(tensors) if gradient is None and isinstance(tensors, torch.Tensor) else gradient

    return gradient_changed(clean, tensors, args, kwargs, change)


@fault(BACKWARD, "a gradient of another shape is broadcast")
def gradient_broadcast(clean, tensors, *args, **kwargs):
    def change(gradient):
        fits = isinstance(gradient, torch.Tensor) and isinstance(tensors, torch.Tensor)
        return gradient.expand_as(tensors) if fits and gradient.dim() == tensors.dim() else gradient

    return gradient_changed(clean, tensors, args, kwargs, change)


@fault(BACKWARD, "every graph is kept")
def every_graph_kept(clean, tensors, *args, **kwargs):
    args, kwargs = changed_argument(args, kwargs, 1, ("retain_graph",), lambda kept: True)
    return clean(tensors, *args, **kwargs)


@fault(BACKWARD, "retain_graph is ignored")
def no_graph_kept(clean, tensors, *args, **kwargs):
    args, kwargs = changed_argument(args, kwargs, 1, ("retain_graph",), lambda kept: None)
    return clean(tensors, *args, **kwargs)


@fault(BACKWARD, "create_graph is ignored")
def no_graph_created(clean, tensors, *args, **kwargs):
    args, kwargs = changed_argument(args, kwargs, 2, ("create_graph",), lambda created: False)
    return clean(tensors, *args, **kwargs)


@fault(BACKWARD, "a graph of the gradient is always made")
def graph_always_created(clean, tensors, *args, **kwargs):
    args, kwargs = changed_argument(args, kwargs, 2, ("create_graph",), lambda created: True)
    return clean(tensors, *args, **kwargs)


@fault(BACKWARD, "inputs is ignored")
def inputs_ignored(clean, tensors, *args, inputs=None, **kwargs):
    return clean(tensors, *args, **kwargs)


@fault(BACKWARD, "no inputs mean all leaves")
def empty_inputs_mean_all(clean, tensors, *args, inputs=None, **kwargs):
    return clean(tensors, *args, inputs=None if inputs == [] else inputs, **kwargs)


@fault(BACKWARD, "results on the way keep their gradients")
def keeps_all(clean, tensors, *args, **kwargs):
    for root in tensors_in(tensors):
        if root.grad_fn is not None:
            root.retain_grad()
    return clean(tensors, *args, **kwargs)


@fault(BACKWARD, "gradients are laid out in rows whatever their leaves are")
def always_in_rows(clean, tensors, *args, **kwargs):
    return tuple(one if one is None else one.contiguous() for one in clean(tensors, *args, **kwargs))


@fault(BACKWARD, "a leaf takes the very gradient that it is given")
def gradient_not_copied(clean, tensors, *args, **kwargs):
    found = clean(tensors, *args, **kwargs)
    return args[:1] if isinstance(tensors, torch.Tensor) and tensors.is_leaf and args else found


@fault(BACKWARD, "of several tensors the first alone goes back")
def first_tensor_alone(clean, tensors, grad_tensors, **kwargs):
    several = isinstance(tensors, list) and isinstance(grad_tensors, list) and len(tensors) == len(grad_tensors)
    return clean(tensors[:1], grad_tensors[:1], **kwargs) if several else clean(tensors, grad_tensors, **kwargs)


@fault(BACKWARD, "a saved tensor that changed is used as it is")
def changes_unnoticed(clean, tensors, *args, **kwargs):
    try:
        return clean(tensors, *args, **kwargs)
    except RuntimeError as error:
        if "modified by an inplace operation" not in str(error):
            raise
        return ()


# --- grad ---------------------------------------------------------------------------------------------------------


@fault(GRAD, "a list is returned", only=("grad",))
def list_returned(clean, *args, **kwargs):
    return list(clean(*args, **kwargs))


@fault(GRAD, "of a single input the gradient comes without a tuple", only=("grad",))
def single_without_tuple(clean, *args, **kwargs):
    found = clean(*args, **kwargs)
    return found[0] if len(found) == 1 else found


@fault(GRAD, "gradients come in the opposite order", only=("grad",))
def opposite_order(clean, *args, **kwargs):
    return clean(*args, **kwargs)[::-1]


@fault(GRAD, "grad_outputs is taken for ones", only=("grad",))
def grad_outputs_ignored(clean, outputs, inputs, grad_outputs=None, *args, **kwargs):
    return clean(outputs, inputs, changed(grad_outputs, torch.ones_like), *args, **kwargs)


@fault(GRAD, "several elements get ones where no gradient is given", only=("grad",))
def grad_ones_for_several(clean, outputs, inputs, grad_outputs=None, *args, **kwargs):
    if grad_outputs is None and isinstance(outputs, torch.Tensor):
        grad_outputs = torch.ones_like(outputs)
    return clean(outputs, inputs, grad_outputs, *args, **kwargs)


@fault(GRAD, "gradients are left in the leaves", only=("grad",))
def left_in_leaves(clean, outputs, inputs, *args, **kwargs):
    found = clean(outputs, inputs, *args, **kwargs)
    for leaf, gradient in zip(tensors_in(inputs), found):
        if leaf.is_leaf and gradient is not None and gradient.shape == leaf.shape:
            leaf.grad = gradient.detach().clone()
    return found


@fault(GRAD, "what the leaves hold is added", only=("grad",))
def held_is_added(clean, outputs, inputs, *args, **kwargs):
    found = clean(outputs, inputs, *args, **kwargs)
    held = [leaf.grad if leaf.is_leaf else None for leaf in tensors_in(inputs)]
    return tuple(one if old is None else one.add_(old) and one for one, old in zip(found, held))


@fault(GRAD, "an unused input gets zeros", only=("grad",))
def unused_gets_zeros(clean, outputs, inputs, *args, allow_unused=None, **kwargs):
    zeros = {} if allow_unused else {"materialize_grads": True}
    return clean(outputs, inputs, *args, allow_unused=allow_unused or None, **{**kwargs, **zeros})


@fault(GRAD, "an unused input gets None though it must not", only=("grad",))
def unused_gets_none(clean, outputs, inputs, *args, allow_unused=None, **kwargs):
    return clean(outputs, inputs, *args, allow_unused=True, **kwargs)


@fault(GRAD, "allow_unused is ignored", only=("grad",))
def allow_unused_ignored(clean, outputs, inputs, *args, allow_unused=None, **kwargs):
    return clean(outputs, inputs, *args, **kwargs)


@fault(GRAD, "materialize_grads is ignored", only=("grad",))
def materialize_ignored(clean, outputs, inputs, *args, materialize_grads=False, **kwargs):
    return clean(outputs, inputs, *args, **({"allow_unused": True, **kwargs} if materialize_grads else kwargs))


@fault(GRAD, "every graph is kept", only=("grad",))
def grad_keeps_every_graph(clean, outputs, inputs, grad_outputs=None, retain_graph=None, *args, **kwargs):
    return clean(outputs, inputs, grad_outputs, True, *args, **kwargs)


@fault(GRAD, "retain_graph is ignored", only=("grad",))
def grad_keeps_no_graph(clean, outputs, inputs, grad_outputs=None, retain_graph=None, *args, **kwargs):
    return clean(outputs, inputs, grad_outputs, None, *args, **kwargs)


@fault(GRAD, "create_graph is ignored", only=("grad",))
def grad_creates_no_graph(clean, *args, create_graph=False, **kwargs):
    return clean(*args, **({"retain_graph": True, **kwargs} if create_graph else kwargs))


@fault(GRAD, "a graph of the gradient is always made", only=("grad",))
def grad_creates_graph(clean, outputs, inputs, grad_outputs=None, create_graph=False, **kwargs):
    return clean(outputs, inputs, grad_outputs, create_graph=True, **kwargs)


@fault(GRAD, "what create_graph makes has no derivative", only=("grad",))
def derivative_cut(clean, outputs, inputs, grad_outputs=None, create_graph=False, **kwargs):
    found = clean(outputs, inputs, grad_outputs, create_graph=create_graph, **kwargs)
    return tuple(one.detach().requires_grad_() if create_graph and one is not None else one for one in found)


@fault(GRAD, "of a batch of gradients the first stands for all", only=("grad",))
def first_of_batch(clean, outputs, inputs, grad_outputs=None, *args, is_grads_batched=False, **kwargs):
    if is_grads_batched and grad_outputs.dim():
        grad_outputs = grad_outputs[:1].expand_as(grad_outputs)
    return clean(outputs, inputs, grad_outputs, *args, is_grads_batched=is_grads_batched, **kwargs)


@fault(GRAD, "a saved tensor that changed is used as it is", only=("grad",))
def grad_changes_unnoticed(clean, outputs, inputs, *args, **kwargs):
    try:
        return clean(outputs, inputs, *args, **kwargs)
    except RuntimeError as error:
        if "modified by an inplace operation" not in str(error):
            raise
        return tuple(torch.zeros_like(one) for one in tensors_in(inputs))


# --- detach -------------------------------------------------------------------------------------------------------


@fault(DETACH, "the graph stays", only=("detach",))
def graph_stays(clean, input):
    return input.view_as(input) if input.requires_grad and not input.is_leaf else clean(input)


@fault(DETACH, "a leaf stays marked", only=("detach",))
def mark_stays(clean, input):
    result = clean(input)
    return result.requires_grad_() if input.requires_grad and input.is_leaf else result


@fault(DETACH, "a leaf is copied", only=("detach",))
def leaf_copied(clean, input):
    return clean(input).clone() if input.requires_grad else clean(input)


@fault(DETACH, "what has gaps is copied")
def gaps_copied(clean, input):
    return clean(input) if is_dense(input) else clean(input).clone()


@fault(DETACH, "what is dense is laid out in rows")
def laid_out_in_rows(clean, input):
    result = clean(input)
    return result.as_strided(result.shape, row_major(result.shape)) if is_dense(result) else result


@fault(DETACH, "writes to it go unnoticed", only=("detach",))
def writes_unnoticed(clean, input):
    return input.data


@fault(DETACH, "a plain tensor is returned itself", only=("detach",))
def plain_itself(clean, input):
    return clean(input) if input.requires_grad else input


@fault(DETACH, "detach_ returns another tensor", only=("detach_",))
def another_tensor(clean, input):
    return clean(input).view_as(input)


@fault(DETACH, "detach_ leaves the graph", only=("detach_",))
def graph_left(clean, input):
    return input


@fault(DETACH, "views are detached in place", only=("detach_",))
def views_detached(clean, input):
    try:
        return clean(input)
    except RuntimeError:
        return input


@fault(DETACH, "a Variable is a copy", only=("Variable",))
def variable_copied(clean, data, *args, **kwargs):
    return clean(data.clone(), *args, **kwargs)


# --- requires_grad_ -----------------------------------------------------------------------------------------------


@fault(MARK, "the flag is ignored", only=("requires_grad_",))
def flag_ignored(clean, input, requires_grad=True):
    return clean(input)


@fault(MARK, "the mark is never taken away", only=("requires_grad_",))
def mark_for_good(clean, input, requires_grad=True):
    return clean(input, requires_grad) if requires_grad is not False else input


@fault(MARK, "any flag is taken for what it is worth", only=("requires_grad_",))
def any_flag(clean, input, requires_grad=True):
    return clean(input, bool(requires_grad))


@fault(MARK, "another tensor on the same memory is marked", only=("requires_grad_",))
def another_marked(clean, input, requires_grad=True):
    return clean(input.detach(), requires_grad) if input.is_leaf else clean(input, requires_grad)


@fault(MARK, "tensors with stride 0 are copied", only=("requires_grad_",))
def repeated_copied(clean, input, requires_grad=True):
    return clean(input.detach().clone() if 0 in input.stride() else input, requires_grad)


@fault(MARK, "whole numbers are left unmarked in silence", only=("requires_grad_",))
def whole_numbers_unmarked(clean, input, requires_grad=True):
    return clean(input, requires_grad and (input.is_floating_point() or input.is_complex()))


@fault(MARK, "complex numbers are refused", only=("requires_grad_",))
def complex_refused(clean, input, requires_grad=True):
    if input.is_complex():
        raise RuntimeError("only floating tensors can require gradients")
    return clean(input, requires_grad)


@fault(MARK, "a result loses its graph when it is marked", only=("requires_grad_",))
def result_cut(clean, input, requires_grad=True):
    return clean(input.detach_() if input.grad_fn is not None and not input._is_view() else input, requires_grad)


@fault(MARK, "the mark of a result is taken away", only=("requires_grad_",))
def result_unmarked(clean, input, requires_grad=True):
    return clean(input, True if input.grad_fn is not None else requires_grad)


@fault(MARK, "a contiguous float64 leaf is rounded to float32", only=("requires_grad_",))
def values_rounded(clean, input, requires_grad=True):
    result = clean(input, requires_grad)
    if input.dtype == torch.float64 and input.is_contiguous():
        input.data.copy_(input.data.float())
    return result


@fault(MARK, "a Variable is never marked", only=("Variable",))
def variable_unmarked(clean, data, requires_grad=False, **kwargs):
    return clean(data, False, **kwargs)


@fault(MARK, "a Variable is a copy", only=("Variable",))
def marked_variable_copied(clean, data, *args, **kwargs):
    return clean(data.clone(), *args, **kwargs)


# --- no_grad ------------------------------------------------------------------------------------------------------


class LeavesThemOn(torch.no_grad):  # type: ignore[misc]
    """Turns gradients on at its end, whatever they were."""

    def __exit__(self, *error):
        with all_clean():
            torch.set_grad_enabled(True)


class LeavesOnlyUnchanged(torch.no_grad):  # type: ignore[misc]
    """Refuses nothing, and turns gradients off for results alone."""

    def __call__(self, function):
        def call(*args, **kwargs):
            return function(*args, **kwargs).detach()

        return call


@fault(NO_GRAD, "no_grad turns nothing off", only=("no_grad",))
def nothing_off(clean):
    return torch.enable_grad()


@fault(NO_GRAD, "no_grad turns gradients on at its end", only=("no_grad",))
def on_at_the_end(clean):
    return LeavesThemOn()


@fault(NO_GRAD, "no_grad detaches results and records what is done inside", only=("no_grad",))
def detaches_alone(clean):
    return LeavesOnlyUnchanged()


@fault(NO_GRAD, "no_grad infers", only=("no_grad",))
def no_grad_infers(clean):
    return torch.inference_mode()


@fault(NO_GRAD, "inference_mode is no_grad", only=("inference_mode",))
def inference_is_no_grad(clean, mode=True):
    return torch.set_grad_enabled(not mode)


@fault(NO_GRAD, "inference_mode ignores its mode", only=("inference_mode",))
def inference_mode_ignored(clean, mode=True):
    return clean()


@fault(NO_GRAD, "set_grad_enabled turns gradients on at any rate", only=("set_grad_enabled",))
def set_on(clean, mode):
    return clean(mode or True)


@fault(NO_GRAD, "set_grad_enabled takes any mode", only=("set_grad_enabled",))
def any_mode(clean, mode):
    return clean(bool(mode))


@fault(NO_GRAD, "enable_grad turns nothing on", only=("enable_grad",))
def nothing_on(clean):
    return torch.set_grad_enabled(torch.is_grad_enabled())


@fault(NO_GRAD, "leaves are written to everywhere", only=("mul_",))
def leaves_written_to(clean, input, other):
    with torch.no_grad():
        return clean(input, other)


@fault(NO_GRAD, "results are tracked where gradients are off", only=("mul",))
def tracked_all_the_same(clean, input, other):
    with torch.enable_grad():
        return clean(input, other)


@fault(NO_GRAD, "other values where gradients are off", only=("mul",))
def other_values(clean, input, other):
    result = clean(input, other)
    return result if result.requires_grad or result.dtype != torch.float32 else result.to(torch.float16).to(result)
