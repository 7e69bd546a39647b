"""refusals: does every misuse raise the promised class and leave the arguments as they were?"""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import torch

from conformance.checks.literals import arguments_text
from conformance.checks.parts import part_of_check
from conformance.checks.steps import Lines, arguments, assigned, held, left_alone, refusal_held, remembered
from conformance.execution.broken import Broken
from conformance.execution.devices import synchronize
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution, attempt
from conformance.execution.promise import fits
from conformance.execution.tensors import to_array
from conformance.results.model import Cell, Failure, FailureKind
from conformance.samples.sample import Sample
from conformance.spec.contract import Refusal, Spec
from conformance.spec.expressions import evaluate, names_in

NAME = "refusals"

ON_TWO_DEVICES = "tensors on two devices"
"""The misuse that is asked of every operation on a device other than the CPU."""


def conditions(spec: Spec) -> tuple[str, ...]:
    """The conditions on samples of what is asked; empty ones always hold."""
    return tuple(refusal.when for refusal in spec.refusals)


def parts(spec: Spec, sample: Sample, dtype: str) -> tuple[str, ...]:
    """The refusals that fit a sample."""
    return tuple(refusal.title for refusal in spec.refusals if fits(sample, dtype, refusal.when))


def examine(execution: Execution, evidence: EvidenceBuilder) -> None:
    """Try each refusal that fits the sample, and note the class of the exception."""
    for refusal in execution.spec.refusals:
        if execution.promise.fits(refusal.when) and not (refusal.poisons and execution.device != "cpu"):
            with part_of_check(execution, evidence):
                try:
                    _try(execution, refusal, evidence)
                except Broken:
                    execution.restore()
                    raise
    if execution.device != "cpu":
        _mixed_devices(execution, evidence)


def _try(execution: Execution, refusal: Refusal, evidence: EvidenceBuilder) -> None:
    out: Any = torch.full((3,), 7, dtype=getattr(torch, execution.dtype), device=execution.device)
    before = to_array(out).tobytes()
    _, error = attempt(lambda: execution.call(refusal.call, out=out))
    error = _require_refused(error, refusal, refusal.classes)
    execution.require_untouched(call=refusal.call, about=refusal.title)
    if tuple(out.shape) != (3,) or to_array(out).tobytes() != before:
        raise Broken(
            FailureKind.ARGUMENT_CHANGED,
            "out was changed by the refused call",
            refusal.call,
            "out left as it was",
            about=refusal.title,
        )
    evidence.refused_with(refusal.title, error)
    evidence.compared(execution.sample, part=refusal.title)


def _require_refused(error: BaseException | None, refusal: Refusal, classes: tuple[type[Exception], ...]) -> Exception:
    """The exception that a misuse raised. Raises `Broken` unless it is one of `classes`."""
    if isinstance(error, classes):
        return error
    promised = " or ".join(one.__name__ for one in classes)
    raise Broken.not_refused(error, refusal.call, promised, about=refusal.title)


def _mixed_devices(execution: Execution, evidence: EvidenceBuilder) -> None:
    """If one of several tensors is on the CPU, the call must be refused. 0-d tensors and views are exceptions."""
    if execution.spec.memory.of:
        return
    shaped = [place for place, operand in enumerate(execution.operands) if operand.sample.rank]
    if len(shaped) < 2:
        return
    place = shaped[execution.sample.pick("operand on the CPU", len(shaped))]
    tensors = [operand.tensor for operand in execution.operands]
    tensors[place] = tensors[place].cpu()
    _, error = attempt(lambda: execution.results_with(tensors))
    if not isinstance(error, RuntimeError):
        where = f"{execution.promise.operand_names[place]} on the CPU beside {execution.device}"
        raise Broken.not_refused(error, execution.form.call, "RuntimeError", about=ON_TWO_DEVICES, where=where)
    evidence.refused_with(ON_TWO_DEVICES, error)
    evidence.compared(execution.sample)


def try_in_isolation(execution: Execution, refusal: Refusal) -> None:
    """Try a refusal that the process may not survive. A device that finds the misuse late raises RuntimeError.
    Raises `Broken`."""
    out = torch.full((3,), 7, dtype=getattr(torch, execution.dtype), device=execution.device)

    def call() -> None:
        with torch.device(execution.device):  # that the device is lost with an exception is no more than was expected
            evaluate(refusal.call, {**execution.names, "out": out})
        synchronize(execution.device)

    _, error = attempt(call)
    _require_refused(error, refusal, tuple(dict.fromkeys((*refusal.classes, RuntimeError))))


def reproduce(execution: Execution, cell: Cell, failure: Failure) -> Lines:
    """The steps that make the misuse, which must be refused, and hold the arguments and `out` to what they held."""
    if failure.about == ON_TWO_DEVICES:
        return _reproduce_two_devices(execution)
    refusals = execution.spec.refusals
    named = [refusal for refusal in refusals if refusal.title == failure.about]
    called = [refusal for refusal in refusals if dedent(refusal.call).strip() == failure.call]
    chosen = named or called or [one for one in refusals if execution.promise.fits(one.when)]
    lines = arguments(execution)
    if failure.kind is FailureKind.ARGUMENT_CHANGED and not (named or called):
        lines += [*remembered(execution), *assigned(execution.form.call), *left_alone(execution)]
    for refusal in chosen:
        lines += _refusal_held(execution, refusal, failure)
    return lines


def _refusal_held(execution: Execution, refusal: Refusal, failure: Failure) -> Lines:
    changed = failure.kind is FailureKind.ARGUMENT_CHANGED
    return [
        *(["out = torch.full((3,), 7, dtype=dtype)"] if takes_out(refusal.call) else []),
        *(remembered(execution) if changed else []),
        *refusal_held(refusal.call, refusal.classes),
        *(left_alone(execution) if changed else []),
        *(held("out", "out.tolist()", "torch.full((3,), 7, dtype=dtype).tolist()") if takes_out(refusal.call) else []),
    ]


def takes_out(call: str) -> bool:
    """Whether a misuse names `out`."""
    return "out" in names_in(call)


def _reproduce_two_devices(execution: Execution) -> Lines:
    shaped = [place for place, operand in enumerate(execution.operands) if operand.sample.rank]
    place = shaped[execution.sample.pick("operand on the CPU", len(shaped))]
    names = [f"{name}.cpu()" if at == place else name for at, name in enumerate(execution.promise.operand_names)]
    moved = arguments_text(execution.sample, names, execution.dtype, execution.promise.tensor_names)
    return [*arguments(execution), *moved, *refusal_held(execution.form.call, (RuntimeError,))]
