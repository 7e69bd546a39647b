"""Faults of the products of matrices and vectors."""

from __future__ import annotations

import torch

from tests.faults import gradients
from tests.faults.gradients import plant_gradients
from tests.faults.kinds import FLOATS_TAIL_LOST, GAPS_IGNORED, INPUT_TAIL_LOST, infinity_clipped, nan_lost, through
from tests.faults.kit import fault, plant

PRODUCTS = ("torch.mm", "torch.bmm", "torch.matmul", "torch.dot", "torch.mv", "torch.addmm")

for operation in PRODUCTS:
    plant(
        operation,
        nan_lost("float32"),
        infinity_clipped("float64"),
        through("float64", "float32"),
        through("int64", "float32"),
        INPUT_TAIL_LOST,
        FLOATS_TAIL_LOST,
        GAPS_IGNORED,
    )
    plant_gradients(
        operation,
        gradients.INCOMING_TAKEN_FOR_ONES,
        gradients.OTHER_WHEN_TRACKED,
        gradients.lost("the gradient is lost"),
    )


def of_first_terms(clean, input, other, **rest):
    """The last of more than 8 terms is left out."""
    if input.shape[-1:] <= (8,) or not input.dim():
        return clean(input, other, **rest)
    axis = 0 if other.dim() == 1 else -2
    size = min(input.shape[-1], other.shape[axis]) - 1
    return clean(input.narrow(-1, 0, size), other.narrow(axis, 0, size), **rest)


def with_small_whole_numbers(clean, input, other, **rest):
    """Products of int8 stop at the largest number."""
    result = clean(input, other, **rest)
    if input.dtype != torch.int8 or other.dtype != torch.int8 or rest:
        return result
    return result.copy_(clean(input.int(), other.int()).clamp(-128, 127))


def in_halves(clean, input, other, **rest):
    """Halves are added up in float16."""
    result = clean(input, other, **rest)
    if input.dtype != torch.float16 or rest or input.shape[-1] < 3 or result.requires_grad:
        return result
    half = input.shape[-1] // 2
    axis = 0 if other.dim() == 1 else -2
    parts = [
        clean(input.narrow(-1, start, count), other.narrow(axis, start, count))
        for start, count in ((0, half), (half, input.shape[-1] - half))
    ]
    return result.copy_(parts[0] + parts[1])


def of_no_terms(clean, input, other, **rest):
    """A product over no terms is 1."""
    result = clean(input, other, **rest)
    return result.fill_(1) if input.dim() and not input.shape[-1] and result.numel() else result


def conjugated(clean, input, other, **rest):
    """The first operand is conjugated."""
    return clean(input.conj(), other, **rest)


for operation in PRODUCTS[:-1]:
    fault(operation, "the last of more than 8 terms is left out")(of_first_terms)
    fault(operation, "products of int8 do not wrap")(with_small_whole_numbers)
    fault(operation, "halves are added up in two parts, in float16")(in_halves)
    fault(operation, "a product over no terms is 1")(of_no_terms)
    fault(operation, "the first operand is conjugated")(conjugated)


@fault("torch.mm", "the product of the transposes is returned for square matrices")
def mm_of_transposes(clean, input, other, **rest):
    square = input.shape == other.shape and input.dim() == 2 and input.shape[0] == input.shape[1]
    return clean(input.t(), other.t(), **rest) if square else clean(input, other, **rest)


@fault("torch.mm", "einsum drops the last column", only=("einsum",))
def mm_by_einsum(clean, equation, input, other):
    result = clean(equation, input, other)
    return torch.cat([result[:, :-1], torch.zeros_like(result[:, -1:])], 1) if result.shape[1:] > (1,) else result


@fault("torch.mm", "matmul multiplies by 1.001 in float32", only=("matmul",))
def mm_by_matmul(clean, input, other, **rest):
    result = clean(input, other, **rest)
    return result * 1.001 if result.dtype == torch.float32 and not rest else result


@fault("torch.bmm", "every product is that with the first matrix of the second batch")
def bmm_with_first(clean, input, other, **rest):
    return clean(input, other[:1].expand(other.shape) if other.dim() == 3 else other, **rest)


@fault("torch.matmul", "batches that broadcast are refused")
def matmul_without_broadcast(clean, input, other, **rest):
    if input.dim() > 2 and other.dim() > 2 and input.shape[:-2] != other.shape[:-2]:
        raise RuntimeError("batches must have one shape")
    return clean(input, other, **rest)


@fault("torch.matmul", "a vector before a batch keeps its dimension")
def matmul_keeps_row(clean, input, other, **rest):
    kept = input.dim() == 1 and other.dim() > 2 and not rest
    return clean(input[None], other) if kept else clean(input, other, **rest)


@fault("torch.addmm", "NaN in the input counts with beta 0")
def addmm_with_nan(clean, input, *matrices, beta=1, alpha=1, **rest):
    result = clean(input, *matrices, beta=beta, alpha=alpha, **rest)
    if beta != 0 or rest or clean.in_place or not result.is_floating_point() or result.requires_grad:
        return result
    return result.copy_(result + input * 0)


@fault("torch.addmm", "alpha is ignored")
def addmm_without_alpha(clean, input, *matrices, beta=1, alpha=1, **rest):
    return clean(input, *matrices, beta=beta, **rest)


@fault("torch.addmm", "beta multiplies the product")
def addmm_beta_everywhere(clean, input, *matrices, beta=1, alpha=1, **rest):
    return clean(input, *matrices, beta=beta, alpha=alpha * beta, **rest)


@fault("torch.addmm", "an input of one row counts for the first row alone")
def addmm_input_once(clean, input, *matrices, beta=1, alpha=1, **rest):
    result = clean(input, *matrices, beta=beta, alpha=alpha, **rest)
    if clean.in_place or rest or result.dim() != 2 or result.shape[0] < 2 or input.dim() > 1 or result.requires_grad:
        return result
    result[1:] = clean(torch.zeros_like(input), *matrices, beta=beta, alpha=alpha)[1:]
    return result


@fault("torch.addmm", "a fraction as alpha is rounded to float16")
def addmm_with_half_alpha(clean, input, *matrices, beta=1, alpha=1, **rest):
    rounded = torch.tensor(alpha).half().item() if isinstance(alpha, float) else alpha
    return clean(input, *matrices, beta=beta, alpha=rounded, **rest)
