"""Faults in a call on one tensor, each of which hangs on something else, and how small a sample is that shows it."""

from __future__ import annotations

from typing import NamedTuple

from conformance.samples.sample import Sample


class Most(NamedTuple):
    """The most that one tensor of a sample may have."""

    elements: int
    rank: int
    landmarks: int
    unusual: int
    """1 if it may have another layout than contiguous"""

    def exceeded_by(self, sample: Sample) -> list[str]:
        """What is larger in a sample."""
        return [
            f"{name} {given} > {most}"
            for tensor in sample.tensors
            for name, given, most in zip(
                self._fields,
                (tensor.numel, tensor.rank, len(tensor.values.edits), int(tensor.layout.kind != "contiguous")),
                self,
            )
            if given > most
        ]


class Fault(NamedTuple):
    call: str
    most: Most


FAULTS = {
    "everything": Fault("torch.neg(input) + 1", Most(1, 0, 0, 0)),
    "a value": Fault("torch.where(input.isnan(), torch.ones_like(input), torch.neg(input))", Most(1, 0, 1, 0)),
    "a stride": Fault("torch.neg(input) - 1.0 * (not input.is_contiguous())", Most(4, 2, 0, 1)),
    "a size": Fault("torch.neg(input) - 1.0 * (input.numel() > 32)", Most(65, 2, 0, 0)),
    "a rank": Fault("torch.neg(input) - 1.0 * (input.dim() > 1)", Most(1, 2, 0, 0)),
}
