"""Arithmetic of strides. They are in elements, outermost dimension first."""

from __future__ import annotations


def contiguous_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Row-major strides as torch reports them. A dimension of size 0 counts as one of size 1."""
    strides, step = [], 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))


def view_strides(shape: tuple[int, ...], strides: tuple[int, ...], wanted: tuple[int, ...]) -> tuple[int, ...] | None:
    """The strides of a view of a tensor in the `wanted` shape, or None if there is no such view.

    Adjacent dimensions can be split and merged if each stride is the next stride times the next size.
    Source: torch.Tensor.view's documentation, its condition on compatible strides.
    """
    if 0 in shape:
        return contiguous_strides(wanted)
    runs = _runs(shape, strides)
    result: list[int] = []
    size, step = runs.pop()
    for want in reversed(wanted):
        if want == 1:
            result.append(step)
            continue
        while size == 1 and runs:
            size, step = runs.pop()
        if size % want:
            return None
        result.append(step)
        size, step = size // want, step * want
    return tuple(reversed(result)) if size == 1 and not runs else None


def broadcast_strides(shape: tuple[int, ...], strides: tuple[int, ...], wanted: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of a tensor broadcast to the `wanted` shape. A dimension that repeats has stride 0."""
    new = len(wanted) - len(shape)
    kept = (stride if have == want else 0 for have, stride, want in zip(shape, strides, wanted[new:]))
    return (0,) * new + tuple(kept)


def _runs(shape: tuple[int, ...], strides: tuple[int, ...]) -> list[tuple[int, int]]:
    """(size, innermost stride) of each maximal run of dimensions that can be merged, outermost first."""
    runs: list[tuple[int, int]] = []
    for size, stride in zip(shape, strides):
        if size == 1:
            continue
        if runs and runs[-1][1] == size * stride:
            runs[-1] = (runs[-1][0] * size, stride)
        else:
            runs.append((size, stride))
    return runs or [(1, 1)]


def is_dense(shape: tuple[int, ...], strides: tuple[int, ...]) -> bool:
    """Whether the elements fill their memory without gaps and overlaps, with the dimensions in any order."""
    expected = 1
    for stride, size in sorted((stride, size) for stride, size in zip(strides, shape) if size > 1):
        if stride != expected:
            return False
        expected *= size
    return True


def channels_last_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Dense strides of four or five dimensions, the second of which is innermost."""
    strides, step = [0] * len(shape), 1
    for place in (1, *reversed(range(2, len(shape))), 0):
        strides[place] = step
        step *= max(shape[place], 1)
    return tuple(strides)


def is_channels_last(shape: tuple[int, ...], strides: tuple[int, ...]) -> bool:
    """Whether strides are channels-last and nothing else: there are several channels and several places."""
    several = len(shape) in (4, 5) and shape[1] > 1 and any(size > 1 for size in shape[2:]) and 0 not in shape
    return several and strides == channels_last_strides(shape)


def same_strides(shape: tuple[int, ...], strides: tuple[int, ...], promised: tuple[int, ...] | None) -> bool:
    """Whether strides are as promised in each dimension of more than one element. With no promise: whether they are
    dense."""
    if promised is None:
        return is_dense(shape, strides)
    return all(size == 1 or actual == wanted for size, actual, wanted in zip(shape, strides, promised))
