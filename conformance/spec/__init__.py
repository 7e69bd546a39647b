"""The vocabulary a spec file is written in.

A spec file assigns one `Spec` to the name `spec`. Calls are written as the Python expressions that a user of torch
would type, with the names of the spec's arguments in them; NumPy functions say what should come back. A spec imports
this module and NumPy, and never torch.
"""

from conformance.drawing.draw import Draw
from conformance.drawing.layouts import WRITABLE
from conformance.numeric.accuracy import EXACT, ROUNDED, Accuracy, Sums, rounded, ulps
from conformance.numeric.dtypes import (
    ALL,
    BOOL,
    COMPLEXES,
    FLOATS,
    INTEGERS,
    WIDE_UNSIGNED,
    ascending,
    category,
    itemsize,
    promote_operands,
    real_of,
)
from conformance.numeric.ranking import Positions, Ranked
from conformance.samples.contents import contents, mixes_real_and_complex
from conformance.samples.sample import DTypeSample, SliceSample, TensorSample, dense
from conformance.samples.strides import broadcast_strides, contiguous_strides, view_strides
from conformance.samples.values import FINITE
from conformance.samples.vocabulary import CELL_DTYPE, LANDMARKS, LAYOUTS, VALUES, SpecError
from conformance.spec.contract import (
    AMBIGUOUS,
    AT_MOST,
    COMPILED_MODES,
    CONVERTED,
    DATA_MOVEMENT,
    DENSE,
    EQUAL,
    FRESH,
    ONE,
    OUTDATED,
    PRESERVED,
    PROMOTED,
    PROMOTED_FLOAT,
    REFUTED,
    SEVERAL,
    UPHELD,
    WITHIN,
    Claim,
    Cost,
    Form,
    Gradient,
    Law,
    Memory,
    Output,
    Refusal,
    Spec,
    TermsWithMagnitude,
    UnsupportedMode,
    View,
    views,
)

__all__ = [
    "ALL", "AMBIGUOUS", "AT_MOST", "Accuracy", "BOOL", "CELL_DTYPE", "COMPLEXES", "COMPILED_MODES", "CONVERTED",
    "Claim", "Cost", "DATA_MOVEMENT", "DENSE", "DTypeSample", "Draw", "EQUAL", "EXACT", "FINITE", "FLOATS", "FRESH",
    "Form", "Gradient", "INTEGERS", "LANDMARKS", "LAYOUTS", "Law", "Memory", "ONE", "OUTDATED", "Output", "PRESERVED",
    "PROMOTED", "PROMOTED_FLOAT", "Positions", "REFUTED", "ROUNDED", "Ranked", "Refusal", "SEVERAL", "Spec",
    "SliceSample", "SpecError", "Sums", "TensorSample", "TermsWithMagnitude", "UPHELD", "UnsupportedMode", "VALUES",
    "View", "WIDE_UNSIGNED", "WITHIN", "WRITABLE", "ascending", "broadcast_strides", "category", "contents",
    "contiguous_strides", "dense", "itemsize", "mixes_real_and_complex", "promote_operands", "real_of", "rounded",
    "ulps", "view_strides", "views",
]  # fmt: skip
