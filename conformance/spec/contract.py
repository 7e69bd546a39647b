"""What one operation promises, as data: the classes of which a spec is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from conformance.drawing.draw import Draw
from conformance.numeric.accuracy import EXACT, Accuracy, AccuracyKind, Bound
from conformance.numeric.dtypes import ALL
from conformance.samples.contents import holds_a_negated_view, holds_booleans_of_other_bytes
from conformance.samples.vocabulary import (
    CELL_DTYPE,
    LANDMARKS,
    VALUES,
    Landmark,
    SpecError,
    ValueKind,
    require_word,
    require_words,
)

# --- results ------------------------------------------------------------------------------------------------------

Returns = Literal["one tensor", "a tuple of tensors", "a Python value"]
ONE: Final = "one tensor"
SEVERAL: Final = "a tuple of tensors"
VALUE: Final = "a Python value"
"""A number, a string, or a list or tuple of them, which the oracle returns as it is promised, type included."""

PROMOTED: Final = "promoted"
"""The dtype that the tensor arguments promote to together."""

PROMOTED_FLOAT: Final = "promoted to a float"
"""`PROMOTED`, with torch's default float32 in place of bool and integers."""

DtypeRule = str | Callable[..., str]
"""`CELL_DTYPE`, `PROMOTED`, `PROMOTED_FLOAT`, the name of a dtype, or a function `dtype(promoted, **arguments)` that
returns one, where `promoted` is what the tensor arguments promote to."""


def _require_dtype_rule(place: str, rule: Any) -> None:
    if not callable(rule):
        require_word(place, "dtype", rule, (CELL_DTYPE, PROMOTED, PROMOTED_FLOAT, *ALL))


@dataclass(frozen=True)
class Output:
    """One result: its `name` in a named tuple, and its `dtype`."""

    name: str = "result"
    dtype: DtypeRule = CELL_DTYPE

    def __post_init__(self) -> None:
        _require_dtype_rule(f"output {self.name!r}: dtype", self.dtype)


# --- memory -------------------------------------------------------------------------------------------------------


MemoryOrder = Literal["row-major", "preserved", "dense"]


@dataclass(frozen=True)
class View:
    """Where one result must lie in the storage of an argument: shape, strides and offset in elements."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int


@dataclass(frozen=True)
class Memory:
    """Whose memory the results use.

    `of` names the argument that the results are views of, and `geometry(**arguments)` says where each one lies: a list
    of `View`, or None where a copy is promised for these arguments. Where `of` names a sequence of tensors, each result
    is a view of the tensor at its own place. With `of` empty the results are always new.
    New results are row-major, or with `strides` PRESERVED laid out densely like their inputs, or DENSE in any order of
    dimensions, save that tensors that are all channels-last give such a result. They keep no more storage than they
    have elements.
    """

    of: str = ""
    geometry: Callable[..., list[View] | None] | None = None
    strides: MemoryOrder = "row-major"

    def __post_init__(self) -> None:
        require_word("memory: strides", "memory order", self.strides, get_args(MemoryOrder))


FRESH = Memory()
PRESERVED = Memory(strides="preserved")
DENSE = Memory(strides="dense")


def views(of: str, geometry: Callable[..., list[View] | None]) -> Memory:
    """The results are views of the argument `of`, lying where `geometry(**arguments)` says."""
    return Memory(of, geometry)


# --- calls --------------------------------------------------------------------------------------------------------


OutRule = Literal["may be cast to", "its own", "computed in", "converted to"]


@dataclass(frozen=True)
class OutDtype:
    """Which dtype an `out=` may have, by one of four rules.

    By "may be cast to" it is any to which torch casts that of the result (`torch.can_cast`), by "its own" that of the
    result alone. By "computed in" it is one of `dtypes`, to which the arguments are converted before anything is
    computed, and by "converted to" one of `dtypes`, to which the result is converted. An out of another dtype must be
    refused and left as it was, unless the arguments have no elements and nothing is computed.
    """

    rule: OutRule
    dtypes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require_word("out dtype: rule", "rule", self.rule, get_args(OutRule))
        require_words("out dtype: dtypes", "dtype", self.dtypes, ALL, may_be_empty=not self.takes_named)

    @property
    def takes_named(self) -> bool:
        """Whether the rule names the dtypes that are taken."""
        return self.rule in ("computed in", "converted to")


CASTABLE = OutDtype("may be cast to")
"""An out of any dtype to which torch casts that of the result; what element-wise operations take."""

ITS_OWN = OutDtype("its own")
"""An out of the dtype of the result, and of no other."""


def computed_in(dtypes: tuple[str, ...]) -> OutDtype:
    """An out of one of these dtypes, in which the operation then computes."""
    return OutDtype("computed in", dtypes)


def converted_to(dtypes: tuple[str, ...]) -> OutDtype:
    """An out of one of these dtypes, to which the result is converted."""
    return OutDtype("converted to", dtypes)


@dataclass(frozen=True)
class Form:
    """One public way to reach the operation, as a call: an expression, or statements and then one expression. The first
    form of a spec is the one that every check uses, so it must fit every sample.

    `title`: what a call of several statements is called where forms are named.
    `when`: a condition on the sample (shapes and plain arguments, `dtype`); empty means always.
    `out=out` in the call makes it an `out=` form. `writes` names the argument that an in-place form changes. If the
    results are views of that argument, the form gives it the sizes and the strides of the result, and its memory stays.
    `out_dtype` says which dtypes that out may have. `differentiable` is False where autograd has no derivative of a
    form, though it has that of the first one. `same_bits` is False for a form that does the same mathematics by another
    path: its result is held to the oracle by the accuracy of the spec, and not to the bits of the first form, and may
    lie otherwise in memory.
    """

    call: str
    when: str = ""
    writes: str = ""
    differentiable: bool = True
    out_dtype: OutDtype = CASTABLE
    same_bits: bool = True
    title: str = ""

    @property
    def name(self) -> str:
        """The title, or the call itself."""
        return self.title or self.call.strip()

    @property
    def takes_out(self) -> bool:
        return "out=out" in self.call.replace(" ", "")


Raises = type[Exception] | tuple[type[Exception], ...]


def _require_exceptions(place: str, raises: Any) -> None:
    classes = raises if isinstance(raises, tuple) else (raises,)
    if not classes or not all(isinstance(kind, type) and issubclass(kind, Exception) for kind in classes):
        raise SpecError(f"{place}: raises must be an exception class or a tuple of them, and not {raises!r}")


@dataclass(frozen=True)
class Refusal:
    """A misuse, as an expression over the arguments of a valid sample, that must raise one of `raises`, and leave
    the arguments (and `out`, if the call names it) as they were.

    One that `poisons` names a place outside a tensor. Devices that work on their own find that out late, raise a
    RuntimeError, and are lost to the process; there it is asked in a process of its own.
    `devices` are the kinds of devices of which the refusal is promised; empty means all.
    """

    title: str
    call: str
    raises: Raises
    when: str = ""
    poisons: bool = False
    devices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require_exceptions(f"refusal {self.title!r}", self.raises)

    @property
    def classes(self) -> tuple[type[Exception], ...]:
        return self.raises if isinstance(self.raises, tuple) else (self.raises,)


Relation = Literal["equal", "within", "at most"]
EQUAL: Final = "equal"
"""Bit for bit the same; NaN for NaN."""
WITHIN: Final = "within"
"""No further apart than the law's bound."""
AT_MOST: Final = "at most"
"""Not above, save by the law's bound."""


@dataclass(frozen=True)
class Law:
    """A relation between calls that holds for every sample: `left` and `right` are expressions over the arguments, in
    which `array(tensor)` is the tensor as a NumPy array.

    `bound(dtype, **arguments)`: the ULPs that WITHIN and AT_MOST allow, at the size of `right`, or at that which
    `magnitude(dtype, **arguments)` gives as an array that broadcasts to `right`: the sum of the absolute values, where
    terms may cancel. With a magnitude zeros of either sign are equal, and so are NaN and infinity; anything is accepted
    where the magnitude overflows, and whole numbers must be the same.
    """

    title: str
    left: str
    right: str
    relation: Relation = EQUAL
    when: str = ""
    bound: Bound | None = None
    magnitude: Callable[..., Any] | None = None

    def __post_init__(self) -> None:
        require_word(f"law {self.title!r}: relation", "relation", self.relation, get_args(Relation))


# --- gradients ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TermsWithMagnitude:
    """Terms of a gradient whose errors count at `magnitude`, which is larger than the terms where parts cancel."""

    terms: Any
    magnitude: Any


@dataclass(frozen=True, kw_only=True)
class Gradient:
    """How the gradient of the first form goes back to the floating and complex tensors among its arguments.

    `terms(incoming, results, **arguments)` gives a dict: by the name of each argument the terms of its gradient, an
    array (or `TermsWithMagnitude`) of the argument's shape, or of one that it broadcasts to and over which the terms
    are then added up.
    `incoming` is the gradient of each floating result (None for a result of whole numbers) and `results` what torch
    returned; both are lists, and the arguments are arrays in higher precision. For complex numbers a gradient is
    the conjugate Wirtinger derivative, as torch has it.

    With no `terms` the operation moves data: each element of a result is one of an argument's, and its gradient goes
    back there, where those of several copies add up.

    `bound(dtype, **arguments)`: the ULPs that each term may be off, one number or an array; infinite where nothing is
    promised. Adding up costs one more for each addition.
    `kinds` and `landmarks` are what the incoming gradients are filled with. `has_differences` is False for a step
    function, of which finite differences say nothing. `above_zero` is True for a function that has no value at real
    numbers below 0, such as a root: derivatives are compared with each other at numbers above 0.
    """

    terms: Callable[..., dict[str, Any]] | None = None
    bound: Bound | None = None
    source: str = ""
    when: str = ""
    kinds: tuple[ValueKind, ...] = ("few", "constant", "normal")
    landmarks: tuple[Landmark, ...] = ("0", "1", "-1", "-0.0", "next_after_one")
    has_differences: bool = True
    above_zero: bool = False

    def __post_init__(self) -> None:
        require_words("gradient: kinds", "kind of values", self.kinds, VALUES)
        require_words("gradient: landmarks", "landmark", self.landmarks, LANDMARKS)


DATA_MOVEMENT = Gradient(
    kinds=("few", "constant", "normal", "counting"),
    landmarks=("nan", "inf", "-inf", "0", "-0.0", "1", "-1", "subnormal", "tiny", "next_after_one"),
)
"""Gradients of operations that move data."""


# --- distributions ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """How random numbers are distributed.

    `call` gives a tensor of `count` independent numbers, by a generator that is seeded with `seed`, over the arguments
    of a sample. `probability(values, dtype, **arguments)` gives two arrays for an array of values, in float64 or in a
    dtype of whole numbers: the probabilities of a number at most as large as each, and of one less than it, after
    rounding to the dtype.
    """

    call: str
    probability: Callable[..., tuple[Any, Any]]
    when: str = ""


# --- cost ---------------------------------------------------------------------------------------------------------


def no_scratch(dtype: str, **arguments: Any) -> tuple[int, ...] | None:
    """Nothing but the results is allocated."""
    return ()


Reference = Literal["copy", "view", "elementwise", "exponential", "reduction", "sort", "matmul", "backward"]
REFERENCES: tuple[Reference, ...] = get_args(Reference)
"""Kinds of work, each with a plain call of torch that does it: `conformance/timing/references.py` says which."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What calls of the first form cost.

    Views allocate nothing. New results are allocated once each, and besides them what `scratch(dtype, **arguments)`
    says: the bytes of each further allocation of a call in that dtype, or None where nothing is promised of these
    arguments. Nothing is promised where an argument must first be converted: to another dtype, or from a lazy layout.
    `dtypes` are those of which anything is promised, all of the spec's where none are named.

    What is timed: `workload(size)` gives the arguments, by name, of a call on about `size` elements, row-major, and
    `strided_workload(size)` those of one in another layout (None: the same, transposed in memory), `row_workload(size)`
    those of one on a single row, for operations that work along rows (None: it is not timed). `reference` is the
    kind of work that a call does, and `strided_reference` that of the strided one where it is another; times.toml says
    how many times as long a call may take. Time grows with the size to the power of `growth_exponent`, over calls with
    the arguments of `growth_workload(size)` (None: `workload`).
    """

    scratch: Callable[..., tuple[int, ...] | None] = no_scratch
    dtypes: tuple[str, ...] | None = None
    workload: Callable[[int], dict[str, Any]] | None = None
    reference: Reference = "copy"
    strided_workload: Callable[[int], dict[str, Any]] | None = None
    strided_reference: Reference | None = None
    row_workload: Callable[[int], dict[str, Any]] | None = None
    growth_exponent: float = 1.0
    growth_workload: Callable[[int], dict[str, Any]] | None = None

    def __post_init__(self) -> None:
        if self.dtypes is not None:
            require_words("cost: dtypes", "dtype", self.dtypes, ALL, may_be_empty=True)
        for place, word in (("reference", self.reference), ("strided_reference", self.strided_reference)):
            if word is not None:
                require_word(f"cost: {place}", "kind of work", word, REFERENCES)


# --- modes --------------------------------------------------------------------------------------------------------


Mode = Literal["vmap", "forward", "meta", "fake", "functionalize", "aot_eager", "inductor"]
MODES: tuple[Mode, ...] = get_args(Mode)
"""Ways to run an operation other than plainly."""

COMPILED_MODES: tuple[Mode, ...] = ("aot_eager", "inductor")
"""Those that compile the call. Their names are those of modules in `conformance/checks/modes/` that have a BACKEND.
Where the profile of a device names a backend, it takes the place of inductor."""


@dataclass(frozen=True)
class UnsupportedMode:
    """One of `MODES` that the operation does not have: a call in it must raise one of `raises`, and `reason` says why.
    `when` it is lacking: a condition on the sample, in which `batched` is the name of the argument that vmap batches,
    `form` is the call of the form that is asked, `made_inside` says whether the tensors are made in the compiled
    function, and `gradients` whether the compiled backward pass is asked; empty means always."""

    mode: Mode
    raises: Raises
    reason: str
    when: str = ""

    def __post_init__(self) -> None:
        require_word("unsupported mode", "mode", self.mode, MODES)
        _require_exceptions(f"unsupported mode {self.mode!r}", self.raises)

    @property
    def classes(self) -> tuple[type[Exception], ...]:
        return self.raises if isinstance(self.raises, tuple) else (self.raises,)


# --- claims -------------------------------------------------------------------------------------------------------

ClaimVerdict = Literal["upheld", "refuted", "outdated", "ambiguous"]
UPHELD: Final = "upheld"
REFUTED: Final = "refuted"
OUTDATED: Final = "outdated"
AMBIGUOUS: Final = "ambiguous"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What a source document says, in general or of some operations.

    `check` is Python: statements, then one expression that is true exactly if torch does as the statement says. It may
    use torch, nn, F, np, math, raises(call, *classes), close(a, b), shares(a, b) and allocated(call), the bytes that a
    call allocates on the CPU. `verdict` is what the certified torch gives: UPHELD and AMBIGUOUS claims come out true,
    REFUTED and OUTDATED ones false.
    `contradicts` names another claim that cannot hold together with this one. `source` is the title of the document and
    the section. The full names of the `operations` that it is about come in the order in which their specs are asked
    for it.
    """

    name: str
    source: str
    statement: str
    verdict: ClaimVerdict
    check: str
    note: str = ""
    contradicts: str = ""
    operations: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require_word(f"claim {self.name!r}: verdict", "verdict", self.verdict, get_args(ClaimVerdict))


# --- global state -------------------------------------------------------------------------------------------------

StateName = Literal[
    "default dtype", "default device", "modes of torch functions", "modes of dispatch", "gradient mode",
    "inference mode", "modes of autograd", "autocast", "hooks of saved tensors", "subnormal numbers", "anomaly mode",
    "deterministic mode", "precision of products", "backends", "repeated warnings", "print options",
    "print options of NumPy", "number of threads", "random numbers of torch", "random numbers of NumPy",
    "random numbers of Python", "error handling of NumPy", "threads of Python", "timers", "warning filters",
    "working directory", "environment variables", "module search path",
]  # fmt: skip
"""The parts of the global state that a call must leave as they were, unless its spec says otherwise."""


# --- the spec -----------------------------------------------------------------------------------------------------


def _require_tuple(name: str, parts: Any, kind: type) -> None:
    """A single part in brackets is not a tuple of one: the comma is easily forgotten."""
    if not isinstance(parts, tuple) or not all(isinstance(part, kind) for part in parts):
        raise SpecError(f"{name}: needs a tuple such as ({kind.__name__}(…),), and got {str(parts)[:80]}")


@dataclass(frozen=True)
class Spec:
    """Everything that one tensor operation promises."""

    operation: str
    summary: str
    documentation: str
    """address of torch's own page on the operation"""
    arguments: Callable[[Draw], dict[str, Any]]
    """`arguments(draw)`: one valid call's arguments by name, as data"""
    forms: tuple[Form, ...]
    dtypes: tuple[str, ...]
    """the dtypes that the operation takes; every other one it must refuse"""
    oracle: Callable[..., Any]
    """`oracle(**arguments)`: the promised results from NumPy arrays; see `accuracy` for their dtype"""
    accuracy: Accuracy = EXACT
    outputs: tuple[Output, ...] = (Output(),)
    common_dtype: DtypeRule | None = None
    """the dtype in which the operands meet: they are converted to it before anything is computed. With None it is the
    promoted dtype of the results, and where no result is promoted each operand keeps its own"""
    returns: Returns = ONE
    memory: Memory = FRESH
    refusals: tuple[Refusal, ...] = ()
    laws: tuple[Law, ...] = ()
    gradient: Gradient | None = None
    distribution: Distribution | None = None
    cost: Cost = Cost()
    modes: tuple[Mode, ...] = MODES
    unsupported_modes: tuple[UnsupportedMode, ...] = ()
    pointwise: bool = False
    """whether each element of the result is made of the elements at its place alone, the arguments being broadcast"""
    changes: tuple[StateName, ...] = ()
    """the global state that a call changes for good; all other state it must leave as it was"""
    sample_share: float = 1.0
    """the share of a profile's samples that are asked, more than 0 and at most 1: less for calls that cost much"""
    takes: Callable[..., bool] | None = None
    """`takes(dtype, **arguments)`: whether a sample is a valid call in a dtype, where that depends on the dtype. It is
    asked in no other dtype; with None every sample is asked in each"""
    predicates: tuple[Callable[..., bool], ...] = field(default=())
    """regions of samples that a known deviation may name: `predicate(dtype, **arguments)`"""
    explanations: tuple[Callable[..., Any], ...] = ()
    """wrong values that a known deviation may name: `explanation(dtype, got, promised, **arguments)` says of each wrong
    element whether the deviation gives it. `got` and `promised` are the wrong elements in a row, or the number of
    elements of a wrong storage"""
    lacking: tuple[str, ...] = ()
    """dtypes of the spec for which the device has no kernel; never set in a spec file (see `spec/gaps.py`)"""
    claims: tuple[Claim, ...] = ()
    """the claims that have their cell here; never set in a spec file (see `spec/claims.py`)"""
    claims_elsewhere: tuple[tuple[str, Claim], ...] = ()
    """other claims that name the operation, each after the operation whose spec has its cell"""

    def __post_init__(self) -> None:
        require_words("dtypes", "dtype", self.dtypes, ALL, may_be_empty=not self.has_calls)
        require_words("modes", "mode", self.modes, MODES, may_be_empty=True)
        require_words("changes", "global state", self.changes, get_args(StateName), may_be_empty=True)
        if not 0 < self.sample_share <= 1:
            raise SpecError(f"sample_share: needs a number above 0 and up to 1, and got {self.sample_share!r}")
        require_word("returns", "kind of results", self.returns, get_args(Returns))
        if self.common_dtype is not None:
            _require_dtype_rule("common_dtype", self.common_dtype)
        require_word("accuracy", "kind of accuracy", self.accuracy.kind, get_args(AccuracyKind))
        parts = {"forms": Form, "outputs": Output, "refusals": Refusal, "laws": Law, "claims": Claim}
        for name, kind in {**parts, "unsupported_modes": UnsupportedMode}.items():
            _require_tuple(name, getattr(self, name), kind)

    @property
    def has_calls(self) -> bool:
        """Whether there are calls to ask, and not the claims of a section alone."""
        return bool(self.forms)

    def reshapes(self, form: Form) -> bool:
        """Whether an in-place form changes how its argument lies, and not what its memory holds: results are views of
        that argument."""
        return bool(form.writes) and form.writes == self.memory.of

    def output_at(self, place: int) -> Output:
        """The output that describes the result at a place: the last one stands for all that follow."""
        return self.outputs[min(place, len(self.outputs) - 1)]

    @property
    def asked_modes(self) -> tuple[str, ...]:
        """The modes that are asked: forward-mode differentiation only where there is a gradient."""
        return tuple(mode for mode in self.modes if mode != "forward" or self.gradient)

    def explanation(self, name: str) -> Callable[..., Any] | None:
        """The explanation of that name; None if there is none."""
        return next((function for function in self.explanations if function.__name__ == name), None)

    def predicate(self, name: str) -> Callable[..., bool] | None:
        """The predicate of that name, the spec's own or one that every spec has; None if there is none."""
        known = (*self.predicates, holds_a_negated_view, holds_booleans_of_other_bytes)
        return next((function for function in known if function.__name__ == name), None)
