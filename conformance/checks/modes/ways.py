"""How a sample is asked in a mode: by which form, and in the compiled modes in which way.

The sample decides, so that a sample that was kept shows the same again.
"""

from __future__ import annotations

from dataclasses import dataclass

from conformance.checks.modes.writes import can_be_written
from conformance.checks.other_forms import keeps_tensors
from conformance.drawing.layouts import WRITABLE
from conformance.execution.execution import Execution
from conformance.execution.promise import fits
from conformance.numeric.dtypes import DTYPES
from conformance.samples.sample import Sample
from conformance.samples.vocabulary import CELL_DTYPE
from conformance.spec.contract import COMPILED_MODES, Form, Refusal, Spec

_ONE_IN = 8
"""One sample in this many is compiled with gradients. For as many others the tensors are made inside, a misuse is
asked, or a view is written to. Calls are chosen so that each of these has its turn."""


@dataclass(frozen=True)
class Way:
    """The way in which a sample is compiled."""

    form: Form
    is_dynamic: bool
    """whether it is compiled with dynamic shapes. The others are compiled with static ones"""
    is_made_inside: bool = False
    """whether the tensors are made inside the compiled function, as copies of the arguments"""
    has_gradients: bool = False
    """whether the compiled backward pass is asked too"""
    refusal: Refusal | None = None
    """the misuse that is compiled in place of the call"""
    writes: bool = False
    """whether the call is followed by a write to its result, a view"""

    @property
    def kind(self) -> str:
        """What sets the way apart from a plain call; empty if nothing does."""
        if self.refusal is not None:
            return "misuse"
        if self.writes:
            return "write through a view"
        return "gradients" if self.has_gradients else "made inside" if self.is_made_inside else ""

    @property
    def is_alone(self) -> bool:
        """Whether the call may have to be refused, so that it needs a graph of its own."""
        return self.refusal is not None or self.writes

    @property
    def features(self) -> frozenset[str]:
        """The way in words."""
        if self.refusal is not None:
            return frozenset({f"refusal: {self.refusal.title}"})
        made = "tensors made inside" if self.is_made_inside else "tensors from outside"
        return frozenset({f"form: {self.form.name}", made, *(("gradients",) if self.has_gradients else ())})


def way_of(spec: Spec, sample: Sample, dtype: str) -> Way:
    """The way in which a sample is compiled. A call that must not compile is asked in the plainest way."""
    is_dynamic = has_dynamic_shapes(sample)
    if any(lack.mode in COMPILED_MODES and not lack.when for lack in spec.unsupported_modes):
        return Way(spec.forms[0], is_dynamic)
    if sample.pick("refusal when compiled", _ONE_IN) == 0 and (refusals := _refusals(spec, sample, dtype)):
        refusal = refusals[sample.pick("which refusal when compiled", len(refusals))]
        return Way(spec.forms[0], is_dynamic, refusal=refusal)
    if sample.pick("write when compiled", _ONE_IN) == 0 and can_be_written(spec, sample):
        return Way(spec.forms[0], is_dynamic, writes=True)
    others = (form for form in spec.forms[1:] if keeps_tensors(form) and fits(sample, dtype, form.when))
    forms = [spec.forms[0], *others]
    form = forms[sample.pick("form when compiled", len(forms))]
    return Way(
        form,
        is_dynamic,
        # torch.compile does not trace a call that changes the sizes of a tensor from outside.
        is_made_inside=sample.pick("tensors made inside", _ONE_IN) == 0 or spec.reshapes(form),
        has_gradients=sample.pick("gradients when compiled", _ONE_IN) == 0
        and not (form.writes or form.takes_out)
        and form.differentiable
        and _has_gradient(spec, sample, dtype),
    )


def way_of_execution(execution: Execution) -> Way:
    """The way in which an execution is compiled."""
    return way_of(execution.spec, execution.sample, execution.dtype)


def has_dynamic_shapes(sample: Sample) -> bool:
    """Whether a sample is compiled with dynamic shapes. The others are compiled with static ones."""
    return sample.pick("dynamic shapes", 2) == 1


def form_of(execution: Execution, way: Way) -> Form:
    """The form that is compiled: the first one where that of the way cannot write its result in place."""
    form = way.form
    if not form.writes:
        return form
    layout = execution.sample.by_name[form.writes].layout
    layouts = ("contiguous", "offset") if "out=" in form.call else WRITABLE  # any other `out` is not compiled
    return form if layout.kind in layouts and execution.writes_in_place(form) else execution.form


def _has_gradient(spec: Spec, sample: Sample, dtype: str) -> bool:
    # A view of elements that share memory is made anew from the memory, in which torch counts them as one.
    has_leaves = DTYPES[dtype].inexact and any(tensor.dtype == CELL_DTYPE for tensor in sample.tensors)
    has_leaves &= "overlapping" not in sample.layouts
    return spec.gradient is not None and has_leaves and fits(sample, dtype, spec.gradient.when)


def _refusals(spec: Spec, sample: Sample, dtype: str) -> list[Refusal]:
    """The misuses that fit. Arguments of the wrong type are refused before anything is traced, and places outside a
    tensor are asked elsewhere."""
    return [
        refusal
        for refusal in spec.refusals
        if refusal.classes != (TypeError,) and not refusal.poisons and fits(sample, dtype, refusal.when)
    ]
