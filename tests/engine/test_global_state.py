"""The global state that a call must leave as it was."""

from __future__ import annotations

import threading

from conformance.execution.global_state import GlobalState


def test_a_thread_that_ends_is_no_change_and_one_that_begins_is():
    end = threading.Event()
    waiting = threading.Thread(target=end.wait)
    waiting.start()
    state = GlobalState()
    end.set()
    waiting.join()
    assert not [left for left in state.restored() if left.watched.name == "threads of Python"]
    again = GlobalState()
    more = threading.Event()
    begun = threading.Thread(target=more.wait)
    begun.start()
    found = [left.watched.name for left in again.restored()]
    more.set()
    begun.join()
    assert "threads of Python" in found
