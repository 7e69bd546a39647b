"""Expressions that ask where tensors lie, which a device without addresses or strides cannot say."""

from __future__ import annotations

import re

from conformance.execution.devices import has_addresses, has_strides

_ADDRESSES = re.compile(r"\b(?:data_ptr|untyped_storage)\(")
_STRIDES = re.compile(r"\b(?:stride|is_contiguous|storage_offset)\(")


def cannot_say(expression: str, device: str) -> str:
    """Why a device cannot answer an expression, in words; empty if it can."""
    if _ADDRESSES.search(expression) and not has_addresses(device):
        return f"{device} has no addresses"
    if _STRIDES.search(expression) and not has_strides(device):
        return f"{device} has no strides"
    return ""
