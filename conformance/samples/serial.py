"""Samples as text for a reader, and as plain data that JSON can hold."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from conformance.results.model import SampleText
from conformance.samples.sample import DTypeSample, Layout, Sample, SliceSample, TensorSample, Values
from conformance.samples.vocabulary import CELL_DTYPE, Partner, require_tensor_dtype

_CLASSES: dict[str, Any] = {
    kind.__name__: kind for kind in (DTypeSample, Layout, Partner, Sample, SliceSample, TensorSample, Values)
}


def describe(argument: Any, indent: str = "") -> str:
    """A sample or an argument as text for a reader, one line per argument."""
    if isinstance(argument, Sample):
        return "\n".join(f"{indent}{name} = {describe(value)}" for name, value in argument.arguments)
    if isinstance(argument, TensorSample):
        return _describe_tensor(argument)
    if isinstance(argument, tuple):
        return "(" + ", ".join(describe(part) for part in argument) + ("," if len(argument) == 1 else "") + ")"
    if isinstance(argument, DTypeSample):
        return "the cell's dtype" if argument.dtype == CELL_DTYPE else argument.dtype
    return repr(argument.live if isinstance(argument, SliceSample) else argument)


def _describe_tensor(tensor: TensorSample) -> str:
    values, layout = tensor.values, tensor.layout
    parts = [f"tensor{tensor.shape}", values.kind]
    if layout.kind != "contiguous":
        parts.append(f"{layout.kind} strides={layout.strides} offset={layout.offset}")
    if tensor.dtype != CELL_DTYPE:
        parts.append(str(tensor.dtype))
    if values.edits:
        parts.append("with " + ", ".join(f"{landmark} at {position}" for position, landmark in values.edits))
    return "<" + ", ".join(parts) + ">"


def to_data(value: Any) -> Any:
    """A sample, or a part of one, as plain lists, dicts and numbers that JSON can hold."""
    if is_dataclass(value) and not isinstance(value, type):
        return {"type": type(value).__name__, **{f.name: to_data(getattr(value, f.name)) for f in fields(value)}}
    if isinstance(value, tuple):
        return [to_data(part) for part in value]
    if isinstance(value, float):
        return {"type": "float", "hex": value.hex()}
    if isinstance(value, complex):
        return {"type": "complex", "hex": [value.real.hex(), value.imag.hex()]}
    return {"type": "ellipsis"} if value is ... else value


def from_data(data: Any) -> Any:
    """The inverse of `to_data`. Raises `ValueError` for a dtype that there is none of, as older samples have."""
    if isinstance(data, list):
        return tuple(from_data(part) for part in data)
    if not isinstance(data, dict):
        return data
    fields_of = {name: value for name, value in data.items() if name != "type"}
    if data["type"] == "float":
        return float.fromhex(data["hex"])
    if data["type"] == "ellipsis":
        return ...
    if data["type"] == "complex":
        return complex(*(float.fromhex(part) for part in data["hex"]))
    made = _CLASSES[data["type"]](**{name: from_data(value) for name, value in fields_of.items()})
    if isinstance(made, (TensorSample, DTypeSample)):
        require_tensor_dtype("the dtype of a sample that was read", made.dtype)
    return made


def sample_text(sample: Sample | None) -> SampleText | None:
    """A sample as a record holds it: as text and as data."""
    return None if sample is None else SampleText(text=describe(sample), data=to_data(sample))
