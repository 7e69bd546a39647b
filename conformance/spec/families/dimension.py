"""What operations along one dimension refuse. In a call that is asked for, `{dim}` stands where the dimension goes."""

from __future__ import annotations

from conformance.spec.contract import Refusal


def dims_out_of_range(call: str, when: str = "") -> tuple[Refusal, ...]:
    """Dimensions that the input does not have, counted from the start and from the end."""
    return (
        Refusal("a dim past the last dimension", call.format(dim="max(input.dim(), 1)"), IndexError, when=when),
        Refusal("a dim before the first dimension", call.format(dim="-max(input.dim(), 1) - 1"), IndexError, when=when),
    )


def dims_out_of_range_with_out(call: str, when: str = "") -> tuple[Refusal, ...]:
    """A dimension that the input does not have, in a call that names an out."""
    return (
        Refusal(
            "a dim past the last dimension, with out=", call.format(dim="max(input.dim(), 1)"), IndexError, when=when
        ),
    )


def dims_of_another_type(call: str) -> tuple[Refusal, ...]:
    """A dimension that is no whole number."""
    return (Refusal("a dim that is no whole number", call.format(dim="0.0"), TypeError),)


def no_tensor(call: str) -> tuple[Refusal, ...]:
    """A list where the tensor goes. In the call it is written as `{input}`."""
    return (Refusal("a list in place of the tensor", call.format(input="[1.0, 2.0]"), TypeError),)
