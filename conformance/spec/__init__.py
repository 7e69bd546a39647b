"""The vocabulary a spec file is written in.

A spec file assigns one `Spec` to the name `spec`. Calls are written as the Python expressions that a user of torch
would type, with the names of the spec's arguments in them; NumPy functions say what should come back. A spec imports
this module and NumPy, and never torch.
"""

from conformance.drawing.draw import Draw
from conformance.drawing.layouts import WRITABLE
from conformance.numeric.accuracy import EXACT, ROUNDED, Accuracy, Sums, rounded, ulps
from conformance.numeric.allowed import Allowed, Open
from conformance.numeric.dtypes import (
    ALL,
    BOOL,
    COMPLEXES,
    FLOATS,
    INTEGERS,
    NUMBER_KINDS,
    REAL_KINDS,
    WIDE_UNSIGNED,
    accumulator_of,
    accumulator_ulp,
    ascending,
    category,
    itemsize,
    promote_operands,
    real_of,
    wide,
)
from conformance.numeric.ranking import Positions, Ranked
from conformance.numeric.running import Running, exact
from conformance.samples.contents import contents, mixes_real_and_complex
from conformance.samples.sample import DTypeSample, SliceSample, TensorSample, dense
from conformance.samples.strides import broadcast_strides, contiguous_strides, view_strides
from conformance.samples.values import FINITE
from conformance.samples.vocabulary import CELL_DTYPE, LANDMARKS, LAYOUTS, VALUES, SpecError
from conformance.spec.contract import (
    AT_MOST,
    CASTABLE,
    COMPILED_MODES,
    DATA_MOVEMENT,
    DENSE,
    EQUAL,
    FRESH,
    ITS_OWN,
    ONE,
    PRESERVED,
    PROMOTED,
    PROMOTED_FLOAT,
    SEVERAL,
    VALUE,
    WITHIN,
    Cost,
    Distribution,
    Form,
    Gradient,
    Law,
    Memory,
    OutDtype,
    Output,
    Refusal,
    Spec,
    TermsWithMagnitude,
    UnsupportedMode,
    View,
    computed_in,
    converted_to,
    views,
)

__all__ = [
    "accumulator_of", "accumulator_ulp", "Accuracy", "ALL", "Allowed", "ascending", "AT_MOST", "BOOL",
    "broadcast_strides", "CASTABLE", "category", "CELL_DTYPE", "COMPILED_MODES", "COMPLEXES", "computed_in", "contents",
    "contiguous_strides", "converted_to", "Cost", "DATA_MOVEMENT", "DENSE", "dense", "Distribution",
    "Draw", "DTypeSample", "EQUAL", "EXACT", "exact", "FINITE", "FLOATS", "Form", "FRESH", "Gradient", "INTEGERS",
    "itemsize", "ITS_OWN", "LANDMARKS", "Law", "LAYOUTS", "Memory", "mixes_real_and_complex", "NUMBER_KINDS", "ONE",
    "Open", "OutDtype", "Output", "Positions", "PRESERVED", "promote_operands", "PROMOTED", "PROMOTED_FLOAT",
    "Ranked", "REAL_KINDS", "real_of", "Refusal", "ROUNDED", "rounded", "Running", "SEVERAL",
    "SliceSample", "Spec", "SpecError", "Sums", "TensorSample", "TermsWithMagnitude", "ulps", "UnsupportedMode",
    "VALUE", "VALUES", "View", "view_strides", "views", "wide", "WIDE_UNSIGNED", "WITHIN", "WRITABLE",
]  # fmt: skip
