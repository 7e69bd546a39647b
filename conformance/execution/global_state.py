"""The global state of a process that a call must leave as it was: torch's defaults and modes, random numbers, and what
belongs to the process, such as the working directory."""

from __future__ import annotations

import ctypes
import operator
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch._tensor_str import PRINT_OPTS

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
    differs: Callable[[Any, Any], bool] = operator.ne
    """whether the state, of which the second value was read before, is no longer what it was"""


@dataclass(frozen=True)
class Unreadable:
    """Stands for a state that raises an exception when it is read."""

    error: str
    """the class of the exception"""

    def __str__(self) -> str:
        return f"raises {self.error}"


@dataclass(frozen=True)
class Left:
    """A part of the global state that was left changed."""

    watched: Watched
    before: Any
    after: Any
    lasts: bool
    """whether it could not be restored"""

    def __str__(self) -> str:
        return f"{self.watched.name} {self._values}".strip()

    @property
    def _values(self) -> str:
        before, after = str(self.before), str(self.after)
        short = max(len(before), len(after)) < 60 and not isinstance(self.before, bytes)
        return f"({after} instead of {before})" if short else ""


def _function_modes() -> int:
    return int(torch._C._len_torch_function_stack())


def _restore_function_modes(count: int) -> None:
    while _function_modes() > count:
        torch._C._pop_torch_function_stack()


def _dispatch_modes() -> int:
    return int(torch._C._len_torch_dispatch_stack())


def _restore_dispatch_modes(count: int) -> None:
    while _dispatch_modes() > count:
        torch._C._pop_torch_dispatch_stack(None)


def _default_device() -> Any:
    return torch.empty(0).device


def _restore_default_device(_: Any) -> None:
    torch.set_default_device(None)


def _random_of_torch() -> bytes:
    state: bytes = torch.default_generator.get_state().numpy().tobytes()
    return state


def _restore_random_of_torch(state: bytes) -> None:
    torch.default_generator.set_state(torch.frombuffer(bytearray(state), dtype=torch.uint8))


def _autocast() -> tuple[bool, ...]:
    return tuple(torch.is_autocast_enabled(kind) for kind in _AUTOCAST)


_guards: list[Any] = []
"""What keeps inference mode as it was where a call left it otherwise; without its guard it would be so again."""


def _restore_inference_mode(enabled: bool) -> None:
    _guards.append(torch._C._InferenceMode(enabled))


def _modes_of_autograd() -> tuple[bool, bool]:
    return torch._C._is_fwd_grad_enabled(), torch._C._is_multithreading_enabled()


def _restore_modes_of_autograd(modes: tuple[bool, bool]) -> None:
    torch._C._set_fwd_grad_enabled(modes[0])
    torch._C._set_multithreading_enabled(modes[1])


def _deterministic() -> tuple[bool, bool]:
    return torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()


def _restore_deterministic(state: tuple[bool, bool]) -> None:
    torch.use_deterministic_algorithms(state[0], warn_only=state[1])


_BACKENDS = tuple(
    (getattr(torch._C, f"_get_{name}"), getattr(torch._C, f"_set_{name}"))
    for name in ("mkldnn_enabled", "cudnn_enabled", "cudnn_benchmark", "cudnn_deterministic")
)
"""What reads and sets the flags of the libraries that torch calls."""


def _backends() -> tuple[bool, ...]:
    return tuple(get() for get, _ in _BACKENDS)


def _restore_backends(flags: tuple[bool, ...]) -> None:
    for (_, put), flag in zip(_BACKENDS, flags):
        put(flag)


def _print_options() -> dict[str, Any]:
    return dict(vars(PRINT_OPTS))


def _restore_print_options(options: dict[str, Any]) -> None:
    vars(PRINT_OPTS).update(options)


def _restore_print_options_of_numpy(options: dict[str, Any]) -> None:
    np.set_printoptions(**options)


def _restore_autocast(enabled: tuple[bool, ...]) -> None:
    for kind, value in zip(_AUTOCAST, enabled):
        torch.set_autocast_enabled(kind, value)


def _kinds_of_autocast() -> tuple[str, ...]:
    """The kinds of devices of which torch tells whether autocast is on; none before torch 2.4."""
    try:
        torch.is_autocast_enabled("cpu")
    except TypeError:
        return ()
    return ("cpu", "cuda")


_AUTOCAST = _kinds_of_autocast()


def _saved_tensors_hooks() -> bool:
    return bool(torch._C._autograd._saved_tensors_hooks_is_enabled())


def _restore_saved_tensors_hooks(enabled: bool) -> None:
    if enabled:
        torch._C._autograd._saved_tensors_hooks_enable()


def _cannot_restore(_: Any) -> None:
    """The process is replaced after the sweep."""


_SUBNORMAL = torch.full((1,), 1e-310, dtype=torch.float64)


def _subnormals() -> bool:
    return bool(_SUBNORMAL.mul(1).item())


def _restore_subnormals(kept: bool) -> None:
    torch.set_flush_denormal(not kept)


def _restore_error_handling(handling: dict[str, Any]) -> None:
    np.seterr(**handling)


def _has_more(after: Any, before: Any) -> bool:
    """Whether there are more threads. One that ends may be another's, such as a compiler's that waited for work."""
    return isinstance(after, Unreadable) or bool(after > before)


def _timers() -> bool:
    return hasattr(signal, "getitimer") and signal.getitimer(signal.ITIMER_REAL) != (0.0, 0.0)


def _restore_timers(_: bool) -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)


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
    warnings.filters = list(filters)


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
    Watched(
        "modes of torch functions",
        _function_modes,
        _restore_function_modes,
        "torch._C._len_torch_function_stack()",
    ),
    Watched("modes of dispatch", _dispatch_modes, _restore_dispatch_modes, "torch._C._len_torch_dispatch_stack()"),
    Watched(
        "inference mode",
        torch.is_inference_mode_enabled,
        _restore_inference_mode,
        "torch.is_inference_mode_enabled()",
    ),
    # After inference mode, which changes them.
    Watched("gradient mode", torch.is_grad_enabled, torch.set_grad_enabled, "torch.is_grad_enabled()"),
    Watched(
        "modes of autograd",
        _modes_of_autograd,
        _restore_modes_of_autograd,
        "(torch._C._is_fwd_grad_enabled(), torch._C._is_multithreading_enabled())",
    ),
    Watched("autocast", _autocast, _restore_autocast, "torch.is_autocast_enabled('cpu')"),
    Watched(
        "hooks of saved tensors",
        _saved_tensors_hooks,
        _restore_saved_tensors_hooks,
        "torch._C._autograd._saved_tensors_hooks_is_enabled()",
    ),
    Watched("subnormal numbers", _subnormals, _restore_subnormals, "torch.full((1,), 1e-40).mul(1)"),
    Watched("anomaly mode", torch.is_anomaly_enabled, torch.set_anomaly_enabled, "torch.is_anomaly_enabled()"),
    Watched(
        "deterministic mode",
        _deterministic,
        _restore_deterministic,
        "(torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled())",
    ),
    Watched(
        "precision of products",
        torch.get_float32_matmul_precision,
        torch.set_float32_matmul_precision,
        "torch.get_float32_matmul_precision()",
    ),
    Watched("backends", _backends, _restore_backends, "(torch.backends.mkldnn.enabled, torch.backends.cudnn.enabled)"),
    Watched("repeated warnings", torch.is_warn_always_enabled, torch.set_warn_always, "torch.is_warn_always_enabled()"),
    Watched("print options", _print_options, _restore_print_options, "vars(torch._tensor_str.PRINT_OPTS)"),
    Watched(
        "print options of NumPy",
        np.get_printoptions,
        _restore_print_options_of_numpy,
        "np.get_printoptions()",
        slow=True,
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
    Watched("error handling of NumPy", np.geterr, _restore_error_handling, "np.geterr()"),
    Watched(
        "threads of Python",
        threading.active_count,
        _cannot_restore,
        "__import__('threading').active_count()",
        differs=_has_more,
    ),
    Watched("timers", _timers, _restore_timers, "__import__('signal').getitimer(0)"),
    Watched("warning filters", _filters, _restore_filters, "__import__('warnings').filters"),
    Watched("working directory", os.getcwd, os.chdir, "os.getcwd()"),
    Watched("environment variables", _environment, _restore_environment, "dict(os.environ)"),
    Watched("module search path", _search_path, _restore_search_path, "__import__('sys').path"),
)


class GlobalState:
    """The global state at the time when this object is made."""

    def __init__(self) -> None:
        self._before = [_read(watched) for watched in WATCHED]

    def restored(self, slow: bool = True) -> list[Left]:
        """Restore what has changed since, and return it. Without `slow`, what is slow to read is left out."""
        found = []
        for watched, before in zip(WATCHED, self._before):
            if watched.slow and not slow:
                continue
            after = _read(watched)
            if watched.differs(after, before):
                found.append(Left(watched, before, after, lasts=not _restored(watched, before)))
        return found


def _read(watched: Watched) -> Any:
    try:
        return watched.read()
    except Exception as error:
        return Unreadable(type(error).__name__)


def _restored(watched: Watched, before: Any) -> bool:
    """Restore a part. Returns whether it is as it was."""
    try:
        watched.restore(before)
    except Exception:
        return False
    return bool(_read(watched) == before)
