"""What the compiled modes share: calls that are compiled as one graph, and for each call the proof that its code ran.

A compiled mode is a module with the name of a BACKEND of torch.compile. `require_agreement` compiles one call alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import torch

from conformance.checks.comparison import disagreement
from conformance.checks.modes.compiled_gradients import CompiledGradients
from conformance.checks.modes.ways import form_of, has_dynamic_shapes, way_of_execution
from conformance.checks.modes.writes import require_same_when_written
from conformance.execution import devices
from conformance.execution.broken import Broken
from conformance.execution.execution import Execution, attempt, flatten
from conformance.execution.gc_paused import gc_paused
from conformance.execution.half_written import remove_half_written
from conformance.execution.tensors import layout_of, storage_address, to_array
from conformance.results.model import FailureKind
from conformance.samples.strides import same_strides
from conformance.spec.contract import ONE, Refusal
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


class _Call:
    """One call of a graph on new memory, beside its plain call."""

    def __init__(self, plain: Execution, number: int) -> None:
        self.plain, self.number, self.way = plain, number, way_of_execution(plain)
        self.form = form_of(plain, self.way)
        self.copy = plain.again()
        if self.form.takes_out:
            self.copy.names["out"] = _out(plain)
        names = (*self.copy.promise.tensor_names, *(("out",) if self.form.takes_out else ()))
        self.arguments = [self.copy.names[name] for name in names]
        self.function = as_function(self.form.call, names, self.copy.names, file=_CALL.format(number=number))
        self.is_made_inside = [self.way.is_made_inside and name != "out" for name in names]
        self.gradients = CompiledGradients(plain, self.copy) if self.way.has_gradients else None

    def results(self, returned: Any) -> list[Any]:
        """What the call gives: what it wrote to if it writes, else what it returned."""
        if self.form.takes_out:
            return flatten(self.copy.names["out"], self.form.call)
        if self.form.writes and not self.way.is_made_inside:
            return [self.copy.names[self.form.writes]]
        return flatten(returned, self.form.call)

    def broken(self, returned: Any, runs: int, backend: str) -> Broken | None:
        """What is broken in the call, whose compiled code ran so often."""
        text = compile_text(self.plain, backend)
        try:
            self._require_agreement(returned, runs, text)
        except Broken as broken:
            return broken
        return None

    def _require_agreement(self, returned: Any, runs: int, text: str) -> None:
        if runs != 1:
            message = f"the compiled code ran {runs} times"
            raise Broken(FailureKind.NOT_COMPILED, message, text, "one run of compiled code")
        results = self.results(returned)
        difference = disagreement(self.plain, results, by_other_code=True)
        if difference is not None:
            raise Broken.differs(difference, text, "the results of the plain call")
        if not (self.form.writes or self.form.takes_out or self.way.is_made_inside):
            _require_same_memory(self.plain, self.copy, results, text)
        self.copy.require_untouched(but="" if self.way.is_made_inside else self.form.writes)
        if self.gradients is not None:
            self.gradients.require_agreement(text)


def _out(execution: Execution) -> Any:
    """Memory for the results, without their values: row-major, since torch.compile refuses any other `out`."""
    outs = tuple(torch.zeros(one.shape, dtype=one.dtype, device=one.device) for one in execution.tensors)
    return outs[0] if execution.spec.returns == ONE else outs


def broken_when_compiled(executions: Sequence[Execution], backend: str) -> list[Broken | None]:
    """Compile several executions as one graph, each in its own way, run it once, and compare each with its plain call.
    A misuse must be alone, and so must a write through a view.

    Returns what is broken for each execution. The ways must be alike in their shapes, and in whether they have
    gradients. Raises whatever the compiler or the compiled code raises.
    """
    first = way_of_execution(executions[0])
    remove_half_written()
    torch.compiler.reset()
    if first.refusal is not None:
        return [_broken_refusal(executions[0], first.refusal, backend)]
    if first.writes:
        return [_broken_write(executions[0], backend)]
    calls = [_Call(execution, number) for number, execution in enumerate(executions)]
    proof = _Proof(backend)
    try:
        with gc_paused():  # a compiler makes many objects and few cycles: one second in fifteen
            returned = torch.compile(_graph(calls), backend=proof, fullgraph=True, dynamic=first.is_dynamic)(
                [call.arguments for call in calls]
            )
            gradients = [call.gradients for call in calls if call.gradients is not None]
            CompiledGradients.take(
                gradients, [flatten(part, call.form.call) for call, part in zip(calls, returned) if call.gradients]
            )
    finally:
        torch.set_flush_denormal(False)  # loading inductor's code, built with fast-math, switches it on
    return [call.broken(part, proof.runs(call.number), backend) for call, part in zip(calls, returned)]


def _graph(calls: Sequence[_Call]) -> Callable[[list[list[Any]]], list[Any]]:
    """The function that is compiled: it makes all calls."""
    parts = [(call.function, call.is_made_inside) for call in calls]

    def graph(arguments: list[list[Any]]) -> list[Any]:
        results = []
        for (call, made_inside), given in zip(parts, arguments):
            results.append(call(*[_copied(one) if inside else one for one, inside in zip(given, made_inside)]))
        return results

    return graph


def _copied(argument: Any) -> Any:
    if isinstance(argument, tuple):
        return tuple(_copied(part) for part in argument)
    return argument.clone() if isinstance(argument, torch.Tensor) else argument


def _require_same_memory(plain: Execution, compiled: Execution, results: Sequence[Any], text: str) -> None:
    """Raise `Broken` unless a result is a view of an argument if that of the plain call is one, at the same place, and
    only then. On a device without addresses nothing is asked."""
    for result, wanted in zip(results, plain.tensors if devices.has_addresses(plain.device) else ()):
        of = [storage_address(one.tensor) == storage_address(wanted) for one in plain.operands]
        found = [storage_address(one.tensor) == storage_address(result) for one in compiled.operands]
        if result.numel() and found != of:
            message = "a result does not share memory with the arguments as the plain call's does"
            raise Broken(FailureKind.SHARING, message, text, "a view" if any(of) else "new memory")
        shape, strides, offset = layout_of(result)
        if result.numel() and any(of) and not _lies_at(layout_of(wanted), shape, strides, offset):
            raise Broken(FailureKind.STRIDES, f"strides are {strides}, offset {offset}", text, "the plain call's")


def _lies_at(
    place: tuple[tuple[int, ...], tuple[int, ...], int], shape: tuple[int, ...], strides: tuple[int, ...], offset: int
) -> bool:
    """Whether a layout is that of a place. The stride of a dimension without a second element does not count."""
    return (shape, offset) == (place[0], place[2]) and same_strides(shape, strides, place[1])


def _broken_refusal(execution: Execution, refusal: Refusal, backend: str) -> Broken | None:
    """What is broken if a misuse is compiled. It must raise, and leave the arguments and `out` as they were."""
    again, text = execution.again(), compile_text(execution, backend)
    out: Any = torch.full((3,), 7, dtype=getattr(torch, execution.dtype), device=execution.device)
    before = to_array(out).tobytes()
    names = (*again.promise.tensor_names, "out")
    function = as_function(refusal.call, names, {**again.names, "out": out})
    call = torch.compile(function, backend=backend, fullgraph=True, dynamic=way_of_execution(execution).is_dynamic)
    _, error = attempt(lambda: call(*(again.names[name] for name in names[:-1]), out))
    try:
        if not isinstance(error, Exception):
            raise Broken.not_refused(error, text, "an exception", about=refusal.title)
        again.require_untouched()
        if tuple(out.shape) != (3,) or to_array(out).tobytes() != before:
            message = "out was changed by the refused call"
            raise Broken(FailureKind.ARGUMENT_CHANGED, message, text, "out left as it was", about=refusal.title)
    except Broken as broken:
        return broken
    return None


def _broken_write(execution: Execution, backend: str) -> Broken | None:
    """What is broken if a view is written to in compiled code."""

    def run(again: Execution, expression: str) -> Any:
        names = again.promise.tensor_names
        function = as_function(expression, names, again.names)
        call = torch.compile(function, backend=backend, fullgraph=True, dynamic=has_dynamic_shapes(again.sample))
        return call(*(again.names[name] for name in names))

    try:
        require_same_when_written(execution, compile_text(execution, backend), run)
    except Broken as broken:
        return broken
    return None


def compile_text(execution: Execution, backend: str) -> str:
    """How a call is compiled, for a reader."""
    way = way_of_execution(execution)
    call = way.refusal.call if way.refusal is not None else form_of(execution, way).name
    inside = " of copies made inside" if way.is_made_inside else ""
    gradients = ", with gradients" if way.has_gradients else ""
    return f"torch.compile of {call}{inside}{gradients}, backend={backend!r}, dynamic={way.is_dynamic}"


def require_same_when_compiled(execution: Execution, backend: str) -> None:
    """Compile one call alone, run it, and compare. Raises `Broken`."""
    (broken,) = broken_when_compiled([execution], backend)
    if broken is not None:
        raise broken
