"""What the compiled modes share: a new compilation of one call, and the proof that its code ran."""

from __future__ import annotations

from typing import Any

import torch

from conformance.checks.comparison import disagreement
from conformance.execution.broken import Broken
from conformance.execution.execution import Execution, flatten
from conformance.results.model import FailureKind
from conformance.spec.expressions import as_function


class _Counted:
    """A backend that counts how often its compiled code is called."""

    def __init__(self, name: str) -> None:
        from torch._dynamo.backends.registry import lookup_backend  # takes more than a second, so only where needed

        self._backend = lookup_backend(name)
        self.calls = 0

    def __call__(self, graph: Any, inputs: Any) -> Any:
        compiled = self._backend(graph, inputs)

        def counted(*arguments: Any) -> Any:
            self.calls += 1
            return compiled(*arguments)

        return counted


def require_same_when_compiled(execution: Execution, backend: str) -> None:
    """Compile the first form as one graph with dynamic shapes, run it, and compare. Raises `Broken`."""
    again = execution.again()
    names = again.promise.tensor_names
    torch.compiler.reset()
    counted = _Counted(backend)
    call = as_function(again.form.call, names, again.names)
    compiled = torch.compile(call, backend=counted, fullgraph=True, dynamic=True)
    try:
        result = compiled(*(again.names[name] for name in names))
    finally:
        torch.set_flush_denormal(False)  # loading inductor's code, built with fast-math, switches it on
    text = f"torch.compile of {again.form.call}, backend={backend!r}"
    if counted.calls != 1:
        raise Broken(
            FailureKind.NOT_COMPILED, f"the compiled code ran {counted.calls} times", text, "one run of compiled code"
        )
    difference = disagreement(execution, flatten(result, text))
    if difference is not None:
        raise Broken.differs(difference, text, "the results of the plain call")
    again.require_untouched()


def compiled_lines(backend: str, names: str) -> list[str]:
    """The lines that print the result of the compiled `call`."""
    return [f"print(torch.compile(call, backend={backend!r}, fullgraph=True, dynamic=True)({names}))"]
