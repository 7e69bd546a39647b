"""A spec as a person reads it."""

from __future__ import annotations

import textwrap

from conformance.numeric.accuracy import Accuracy
from conformance.spec.contract import Claim, Law, Refusal, Spec, UnsupportedMode


def spec_text(spec: Spec) -> str:
    """A spec as text: what it does, how it is reached, what it promises, what is said of it."""
    head = "\n  ".join(line for line in (f"{spec.operation}\n", spec.summary, spec.documentation) if line)
    parts = [head, *(_promises(spec) if spec.has_calls else []), _section("Claims", _claim_lines(spec))]
    return "\n\n".join(part for part in parts if part)


def _promises(spec: Spec) -> list[str]:
    return [
        _section("Forms", [_when(_call(form.title, form.call), form.when) for form in spec.forms]),
        _section("Dtypes", [", ".join(spec.dtypes)]),
        _section("Accuracy", [accuracy_text(spec.accuracy)]),
        _section("Memory", [_memory_text(spec)]),
        _section("Refuses", [_refusal(refusal) for refusal in spec.refusals]),
        _section("Laws", [_law(law) for law in spec.laws]),
        _section("Gradient", _gradient_lines(spec)),
        _section("Modes", [_modes_text(spec), *(_when(_refused(mode), mode.when) for mode in spec.unsupported_modes)]),
    ]


def _claim_lines(spec: Spec) -> list[str]:
    """Every claim that names the operation, and of those whose cell is elsewhere, where."""
    own = [_claim(claim) for claim in spec.claims]
    return own + [f"{_claim(claim)}; asked of {owner}" for owner, claim in spec.claims_elsewhere]


def _claim(claim: Claim) -> str:
    note = f": {claim.note}" if claim.note else ""
    return f"[{claim.verdict}] {claim.statement} ({claim.source}){note}"


def _section(title: str, lines: list[str]) -> str:
    return f"{title}\n" + "\n".join(f"  {line}" for line in lines) if lines else ""


def _when(text: str, condition: str) -> str:
    return f"{text}   when {condition}" if condition else text


def _call(title: str, call: str) -> str:
    """A call in one line, or with its lines below its title."""
    lines = textwrap.dedent(call).strip().splitlines()
    return "\n      ".join([f"{title}:", *lines]) if len(lines) > 1 else ": ".join(filter(None, (title, *lines)))


def _refusal(refusal: Refusal) -> str:
    raises = f"raises {_classes(refusal)}"
    lines = refusal.call.strip().count("\n")
    return _when(f"{_call(refusal.title, refusal.call)}{f'{chr(10)}    ' if lines else ' '}{raises}", refusal.when)


def _law(law: Law) -> str:
    return _when(f"{_call(law.title, law.left)} is {law.relation} {law.right}", law.when)


def _classes(refusal: Refusal | UnsupportedMode) -> str:
    return " or ".join(kind.__name__ for kind in refusal.classes)


def _gradient_lines(spec: Spec) -> list[str]:
    """How the gradient goes, and how accurate it is, in the words of the spec."""
    gradient = spec.gradient
    if gradient is None:
        return []
    if gradient.terms is None:
        return ["data is moved: it goes back to where each element came from, and adds up"]
    said = (" ".join((part.__doc__ or "").split()) for part in (gradient.terms, gradient.bound) if part is not None)
    return [line for line in said if line] or ["a closed form"]


def _modes_text(spec: Spec) -> str:
    return ", ".join(spec.asked_modes) or "none"


def _refused(unsupported: UnsupportedMode) -> str:
    return f"{unsupported.mode} is refused with {_classes(unsupported)}: {unsupported.reason}"


def _memory_text(spec: Spec) -> str:
    memory = spec.memory
    if memory.of:
        reason = " ".join(((memory.geometry.__doc__ if memory.geometry else "") or "").split())
        return f"views of {memory.of}. {reason}".strip()
    return f"new memory, {memory.strides}, no more storage than elements"


def accuracy_text(accuracy: Accuracy) -> str:
    """An accuracy contract in words."""
    if accuracy.kind == "exact":
        return "exact, bit for bit"
    if accuracy.kind == "rounded":
        return f"correctly rounded ({accuracy.source})"
    reason = " ".join((accuracy.bound.__doc__ or "").split()) if accuracy.bound else ""
    return f"within a bound in ULP: {reason} ({accuracy.source})"
