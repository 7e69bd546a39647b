"""A run that is ended from outside: once by Ctrl-C or SIGTERM, and what is known is still told."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType
from typing import Any

import pytest

SIGNALS: dict[signal.Signals, Any] = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
"""The signals that end a run, and the handlers that are replaced: those that nobody has changed."""

if sys.platform != "win32":
    SIGNALS[signal.SIGHUP] = signal.SIG_DFL  # the terminal was closed


class Interruption:
    """The plugin of pytest that ends a run at the first signal, and lets nothing disturb how it ends.

    A second signal would leave the results without an end and the run without a report. What remains to be done takes
    seconds; SIGKILL ends that, too.
    """

    def __init__(self) -> None:
        self._ending = self._interrupted = False
        self._replaced: dict[signal.Signals, Any] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return  # only the main thread may change handlers
        for number, handler in SIGNALS.items():
            if signal.getsignal(number) == handler:
                self._replaced[number] = signal.signal(number, self._interrupt)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._ending:
            print("\nthe run is ending: its results and report are being written", file=sys.__stderr__)
            return
        self._ending = self._interrupted = True
        raise KeyboardInterrupt(signal.Signals(number).name)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self) -> None:
        """End the run before the next item, too: C code into which an interruption happens to fall may swallow it."""
        if self._interrupted:
            raise KeyboardInterrupt

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self) -> Any:
        self._ending = True
        return (yield)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        for number, handler in self._replaced.items():
            # After an interruption the process ends, and its exit status must not be that of another signal.
            signal.signal(number, signal.SIG_IGN if self._interrupted else handler)
        self._replaced.clear()
