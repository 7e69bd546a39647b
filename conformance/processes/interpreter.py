"""Child processes, started by execnet, of this interpreter or of another one with another torch.

Another interpreter needs torch and NumPy. It borrows the engine and other packages from this one. If its Python version
differs, it needs its own ml_dtypes and msgspec.
"""

from __future__ import annotations

import importlib.util
import shlex
import sys
import threading
from collections.abc import Callable
from concurrent import futures
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import execnet
from execnet import gateway_bootstrap, gateway_io

T = TypeVar("T")

BORROWED = ("conformance", "packaging", "ml_dtypes", "msgspec")
"""Top-level packages that another interpreter imports from this one if it does not have them."""

_BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
"""The first code of a child. It is sent as text, and the parent never imports it."""

ENV = "/usr/bin/env"
"""The command that starts another one with variables. execnet would set them when the interpreter runs already."""

KEEPING_MEMORY = (ENV, f"MALLOC_MMAP_THRESHOLD_={32 << 20}", f"MALLOC_TRIM_THRESHOLD_={(1 << 31) - 1}")
"""A command prefix that makes glibc's malloc keep freed memory. Otherwise the history of a process decides whether each
call maps new pages, which takes five times as long. Both values are the largest that every glibc accepts. Source:
mallopt(3)."""


@dataclass(frozen=True)
class Interpreter:
    """An interpreter for child processes."""

    python: str = ""
    """its path; empty for this interpreter"""
    environment: tuple[tuple[str, str], ...] = ()
    """additional environment variables"""
    under: tuple[str, ...] = ()
    """a command that runs the interpreter, such as valgrind with its options"""

    @property
    def name(self) -> str:
        return self.python or sys.executable

    @property
    def to_be_timed(self) -> Interpreter:
        """The same interpreter, started so that times vary less from process to process."""
        return replace(self, under=KEEPING_MEMORY) if sys.platform == "linux" else self

    def known_by(self, variable: str, value: str) -> Interpreter:
        """The same interpreter, started so that its process can be found by an environment variable (Linux)."""
        return replace(self, under=(ENV, f"{variable}={value}", *self.under)) if sys.platform == "linux" else self

    def start(self, patience: float, errors: Path) -> tuple[Any, Any]:
        """Start a child, which writes to the file `errors` what it would write to its standard error. Returns execnet's
        gateway, and the channel on which the child answers. Raises `OSError` if it is no Python, or if it does not
        begin to answer within `patience` seconds."""
        group = execnet.Group()
        spec = execnet.XSpec("popen//execmodel=thread")
        spec.python = shlex.join((*self.under, self.name))
        group.allocate_id(spec)
        io = gateway_io.create_io(spec, group.execmodel)

        def begin() -> tuple[Any, Any]:
            gateway = gateway_bootstrap.bootstrap(io, spec)
            group._register(gateway)
            channel = gateway.remote_exec(_BOOTSTRAP.read_text(encoding="utf-8"))
            path, borrowed = ([], _borrowed()) if self.python else ([entry for entry in sys.path if entry], {})
            channel.send((path, borrowed, dict(self.environment), str(errors)))
            return gateway, channel

        try:
            return _within(patience, begin)
        except futures.TimeoutError:
            problem = f"it did not answer within {patience:g} s"
        except AssertionError:
            problem = "it wrote something before Python started"
        except (EOFError, OSError):
            problem = "it ended before it answered"
        except RuntimeError as error:  # the system gives no further thread
            io.popen.kill()
            io.popen.wait()
            raise OSError(str(error)) from None
        io.popen.kill()
        status = io.popen.wait()
        raise OSError(f"{problem}{f', with status {status}' if status >= 0 else ''}; is it a Python?")


def _within(seconds: float, call: Callable[[], T]) -> T:
    """The result of a call that may take so long. Raises `futures.TimeoutError`: execnet cannot be told to give up, so
    that the call is left to a thread that nobody waits for."""
    done: futures.Future[T] = futures.Future()

    def run() -> None:
        try:
            done.set_result(call())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=run, name="conformance-start", daemon=True).start()
    return done.result(seconds)


def _borrowed() -> dict[str, str]:
    """The folder of each borrowed package."""
    found = {name: importlib.util.find_spec(name) for name in BORROWED}
    return {name: str(Path(spec.origin).parents[1]) for name, spec in found.items() if spec is not None and spec.origin}
