"""The arguments of a sample written as Python that makes them again, bit for bit."""

from __future__ import annotations

import base64
import zlib

from conformance.execution.tensors import Operand
from conformance.numeric.dtypes import DTYPES, Array, real_of
from conformance.samples.contents import is_lazy, resolve_dtype
from conformance.samples.sample import Sample

MOST_NUMBERS = 2000
"""A storage of more elements than this is not written as numbers."""


class Code(str):
    """Python text whose repr is the text itself."""

    def __repr__(self) -> str:
        return str(self)


def argument_lines(sample: Sample, operands: list[Operand], subject: str) -> list[str]:
    """An assignment for each argument, in a cell of dtype `subject`. The names `inf` and `nan` must be defined."""

    def dtype_literal(role: str) -> Code:
        return Code(f"torch.{resolve_dtype(role, subject)}")

    arguments = sample.replace_tensors((Code(tensor_literal(operand)) for operand in operands), dtype_literal)
    return [f"{name} = {value!r}" for name, value in arguments.items()]


def tensor_literal(operand: Operand) -> str:
    """An operand as an expression: storage, shape, strides and offset."""
    layout = operand.sample.layout
    storage = _storage(operand.pristine, operand.dtype)
    text = f"torch.as_strided({storage}, {operand.sample.shape}, {layout.strides}, {layout.offset})"
    if not is_lazy(layout, operand.dtype):
        return text
    return f"{text}.conj()" if DTYPES[operand.dtype].kind == "complex" else f"torch._neg_view({text})"


def _storage(values: Array, dtype: str) -> str:
    """A flat tensor as an expression, bit for bit: as numbers, or compressed if there are too many."""
    if len(values) > MOST_NUMBERS:
        packed = base64.b85encode(zlib.compress(values.tobytes(), 9)).decode()
        content = f"bytearray(zlib.decompress(base64.b85decode({packed!r})))"
        return f"torch.frombuffer({content}, dtype=torch.{dtype}).to(device)"
    kind = DTYPES[dtype].kind
    if kind == "complex":
        part = real_of(dtype)
        return f"torch.complex({_storage(values.real, part)}, {_storage(values.imag, part)})"
    if kind == "float":
        numbers = " ".join(float(value).hex() for value in values)
        exact = f'[float.fromhex(x) for x in "{numbers}".split()]'
        return f"torch.tensor({exact}, dtype=torch.float64, device='cpu').to(torch.{dtype}).to(device)"
    return f"torch.tensor({values.tolist()}, dtype=torch.{dtype}, device=device)"
