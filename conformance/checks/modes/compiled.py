"""What the compiled modes share: calls that are compiled as one graph, and for each call the proof that its code ran.

A compiled mode is a module with the name of a BACKEND of torch.compile. `require_agreement` compiles one call alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import torch

from conformance.checks.comparison import disagreement
from conformance.execution.broken import Broken
from conformance.execution.execution import Execution, flatten
from conformance.execution.gc_paused import gc_paused
from conformance.results.model import FailureKind
from conformance.samples.sample import Sample
from conformance.spec.expressions import as_function

_CALL = "<call {number}>"
"""The file that the code of a call seems to come from. torch writes it to every node that it traces from that code."""

TOGETHER = "only in a graph with other calls"
"""What is broken where a call alone is right."""

_TRACED_FROM = re.compile(r'File "<call (\d+)>"')
_OPERATIONS = ("call_function", "call_method", "call_module")


class _Proof:
    """A backend that notes which calls have nodes in the graph that it compiles, and how often its code runs."""

    def __init__(self, backend: str) -> None:
        from torch._dynamo.backends.registry import lookup_backend  # takes more than a second, so only where needed

        self.__name__ = backend  # torch's messages name it
        self._backend = lookup_backend(backend)
        self._runs = 0
        self._traced: set[int] = set()

    def __call__(self, graph: Any, inputs: Any) -> Any:
        for node in graph.graph.nodes:
            if node.op in _OPERATIONS:
                self._traced |= {int(number) for number in _TRACED_FROM.findall(node.stack_trace or "")}
        compiled = self._backend(graph, inputs)

        def counted(*arguments: Any) -> Any:
            self._runs += 1
            return compiled(*arguments)

        return counted

    def runs(self, number: int) -> int:
        """How often compiled code of call `number` ran."""
        return self._runs if number in self._traced else 0


def has_dynamic_shapes(sample: Sample) -> bool:
    """Whether a sample is compiled with dynamic shapes. The others are compiled with static ones."""
    return sample.pick("dynamic shapes", 2) == 1


def broken_when_compiled(executions: Sequence[Execution], backend: str) -> list[Broken | None]:
    """Compile the first forms of several executions as one graph, run it once, and compare each with its plain call.

    Returns what is broken for each execution. The samples must be alike in `has_dynamic_shapes`. Raises whatever the
    compiler or the compiled code raises.
    """
    copies = [execution.again() for execution in executions]
    calls = [_function(copy, number) for number, copy in enumerate(copies)]
    arguments = [[copy.names[name] for name in copy.promise.tensor_names] for copy in copies]

    def graph(arguments: list[list[Any]]) -> list[Any]:
        results = []
        for call, given in zip(calls, arguments):
            results.append(call(*given))
        return results

    torch.compiler.reset()
    proof = _Proof(backend)
    dynamic = has_dynamic_shapes(executions[0].sample)
    try:
        with gc_paused():  # a compiler makes many objects and few cycles: one second in fifteen
            results = torch.compile(graph, backend=proof, fullgraph=True, dynamic=dynamic)(arguments)
    finally:
        torch.set_flush_denormal(False)  # loading inductor's code, built with fast-math, switches it on
    return [
        _broken(execution, copy, result, proof.runs(number), backend)
        for number, (execution, copy, result) in enumerate(zip(executions, copies, results))
    ]


def _function(execution: Execution, number: int) -> Callable[..., Any]:
    expression, names = execution.form.call, execution.promise.tensor_names
    return as_function(expression, names, execution.names, file=_CALL.format(number=number))


def _broken(plain: Execution, compiled: Execution, result: Any, runs: int, backend: str) -> Broken | None:
    text = compile_text(plain, backend)
    try:
        if runs != 1:
            message = f"the compiled code ran {runs} times"
            raise Broken(FailureKind.NOT_COMPILED, message, text, "one run of compiled code")
        difference = disagreement(plain, flatten(result, text))
        if difference is not None:
            raise Broken.differs(difference, text, "the results of the plain call")
        compiled.require_untouched()
    except Broken as broken:
        return broken
    return None


def compile_text(execution: Execution, backend: str) -> str:
    """How a call is compiled, for a reader."""
    dynamic = has_dynamic_shapes(execution.sample)
    return f"torch.compile of {execution.form.call}, backend={backend!r}, dynamic={dynamic}"


def require_same_when_compiled(execution: Execution, backend: str) -> None:
    """Compile the first form alone, run it, and compare. Raises `Broken`."""
    (broken,) = broken_when_compiled([execution], backend)
    if broken is not None:
        raise broken


def compiled_lines(execution: Execution, backend: str, names: str) -> list[str]:
    """The lines that print the result of the compiled `call`."""
    dynamic = has_dynamic_shapes(execution.sample)
    return [f"print(torch.compile(call, backend={backend!r}, fullgraph=True, dynamic={dynamic})({names}))"]
