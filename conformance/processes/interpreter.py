"""Child processes by way of execnet: of this interpreter, or of another one with a torch of its own.

Another interpreter needs torch, NumPy, ml_dtypes and msgspec for its Python version; the engine itself is lent to it.
"""

from __future__ import annotations

import importlib.util
import shlex
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import execnet

LENT = ("conformance", "packaging", "ml_dtypes", "msgspec")
"""Top-level packages that another interpreter takes from here where it has none of its own."""

_BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
"""The first code of a child, sent as text: the parent never imports it."""

KEEPING_MEMORY = ("/usr/bin/env", f"MALLOC_MMAP_THRESHOLD_={32 << 20}", f"MALLOC_TRIM_THRESHOLD_={(1 << 31) - 1}")
"""Starts a process whose malloc, if it is glibc's, keeps what is freed. Otherwise the history of a process decides
whether every call has its pages made anew, which takes five times as long. Both are the most that every glibc takes.
Source: mallopt(3)."""


@dataclass(frozen=True)
class Interpreter:
    """A Python to run children of: its path, empty for this one, what their environment holds besides, and the command
    under which they run, if any."""

    python: str = ""
    environment: tuple[tuple[str, str], ...] = ()
    under: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.python or sys.executable

    @property
    def to_be_timed(self) -> Interpreter:
        """The same one, for children whose times are to be alike from process to process."""
        return replace(self, under=KEEPING_MEMORY) if sys.platform == "linux" else self

    def start(self) -> tuple[Any, Any]:
        """A new child, as execnet's gateway and the channel on which it answers."""
        environment = (f"env:{key}={value}" for key, value in self.environment)
        command = shlex.join((*self.under, self.name))
        gateway = execnet.Group().makegateway("//".join(["popen", f"python={command}", *environment]))
        channel = gateway.remote_exec(_BOOTSTRAP.read_text(encoding="utf-8"))
        channel.send(([], _lent()) if self.python else ([entry for entry in sys.path if entry], {}))
        return gateway, channel


def _lent() -> dict[str, str]:
    """The folder in which each lent package lies here."""
    found = {name: importlib.util.find_spec(name) for name in LENT}
    return {name: str(Path(spec.origin).parents[1]) for name, spec in found.items() if spec is not None and spec.origin}
