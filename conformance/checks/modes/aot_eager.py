"""torch.compile without code generation: the call is traced, functionalised and decomposed, then run by torch's own
kernels."""

from __future__ import annotations

from conformance.numeric.dtypes import ALL

BACKEND = "aot_eager"
DTYPES_IN_ROTATION = ALL
