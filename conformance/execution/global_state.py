"""The global state of a process that a call must leave as it was: torch's defaults and modes, random numbers, and what
belongs to the process, such as the working directory."""

from __future__ import annotations

import ctypes
import os
import random
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from conformance.spec.contract import StateName


@dataclass(frozen=True)
class Watched:
    """One part of the global state. `code` is Python that shows it, for a script. A part is `slow` if reading it takes
    longer than reading all the others."""

    name: StateName
    read: Callable[[], Any]
    restore: Callable[[Any], Any]
    code: str
    slow: bool = False


@dataclass(frozen=True)
class Left:
    """A part of the global state that was left changed."""

    watched: Watched
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{self.watched.name} {self._values}".strip()

    @property
    def _values(self) -> str:
        before, after = str(self.before), str(self.after)
        short = max(len(before), len(after)) < 60 and not isinstance(self.before, bytes)
        return f"({after} instead of {before})" if short else ""


def _default_device() -> Any:
    return torch.empty(0).device


def _restore_default_device(_: Any) -> None:
    torch.set_default_device(None)


def _random_of_torch() -> bytes:
    state: bytes = torch.default_generator.get_state().numpy().tobytes()
    return state


def _restore_random_of_torch(state: bytes) -> None:
    torch.default_generator.set_state(torch.frombuffer(bytearray(state), dtype=torch.uint8))


_NUMPY_STATE = np.random.mtrand._rand._bit_generator.ctypes.state_address
"""The address of NumPy's global Mersenne Twister. Its public functions take 30 microseconds, too many for every ask."""

_NUMPY_BYTES = 625 * 4
"""624 words and the position in them."""


def _random_of_numpy() -> bytes:
    return ctypes.string_at(_NUMPY_STATE, _NUMPY_BYTES)


def _restore_random_of_numpy(state: bytes) -> None:
    ctypes.memmove(_NUMPY_STATE, state, _NUMPY_BYTES)


def _filters() -> list[Any]:
    return list(warnings.filters)


def _restore_filters(filters: list[Any]) -> None:
    warnings.filters[:] = filters  # type: ignore[index]


def _environment() -> dict[Any, Any]:
    # As the system encodes it: to decode it takes 20 microseconds.
    return dict(os.environ._data)  # type: ignore[attr-defined]


def _restore_environment(variables: dict[Any, Any]) -> None:
    decode, decode_value = os.environ.decodekey, os.environ.decodevalue
    for name in _environment().keys() - variables.keys():
        del os.environ[decode(name)]
    os.environ.update({decode(name): decode_value(value) for name, value in variables.items()})


def _search_path() -> list[str]:
    return list(sys.path)


def _restore_search_path(path: list[str]) -> None:
    sys.path[:] = path


WATCHED = (
    Watched("default dtype", torch.get_default_dtype, torch.set_default_dtype, "torch.get_default_dtype()"),
    Watched("default device", _default_device, _restore_default_device, "torch.empty(0).device"),
    Watched("gradient mode", torch.is_grad_enabled, torch.set_grad_enabled, "torch.is_grad_enabled()"),
    Watched("anomaly mode", torch.is_anomaly_enabled, torch.set_anomaly_enabled, "torch.is_anomaly_enabled()"),
    Watched(
        "deterministic mode",
        torch.are_deterministic_algorithms_enabled,
        torch.use_deterministic_algorithms,
        "torch.are_deterministic_algorithms_enabled()",
    ),
    Watched(
        "precision of products",
        torch.get_float32_matmul_precision,
        torch.set_float32_matmul_precision,
        "torch.get_float32_matmul_precision()",
    ),
    Watched("number of threads", torch.get_num_threads, torch.set_num_threads, "torch.get_num_threads()"),
    Watched(
        "random numbers of torch", _random_of_torch, _restore_random_of_torch, "torch.get_rng_state().sum().item()"
    ),
    Watched("random numbers of NumPy", _random_of_numpy, _restore_random_of_numpy, "np.random.get_state()[1].sum()"),
    Watched(
        "random numbers of Python",
        random.getstate,
        random.setstate,
        "hash(__import__('random').getstate())",
        slow=True,
    ),
    Watched("warning filters", _filters, _restore_filters, "__import__('warnings').filters"),
    Watched("working directory", os.getcwd, os.chdir, "os.getcwd()"),
    Watched("environment variables", _environment, _restore_environment, "dict(os.environ)"),
    Watched("module search path", _search_path, _restore_search_path, "__import__('sys').path"),
)


class GlobalState:
    """The global state at the time when this object is made."""

    def __init__(self) -> None:
        self._before = [watched.read() for watched in WATCHED]

    def restored(self, slow: bool = True) -> list[Left]:
        """Restore what has changed since, and return it. Without `slow`, what is slow to read is left out."""
        found = []
        for watched, before in zip(WATCHED, self._before):
            if watched.slow and not slow:
                continue
            after = watched.read()
            if after != before:
                watched.restore(before)
                found.append(Left(watched, before, after))
        return found
