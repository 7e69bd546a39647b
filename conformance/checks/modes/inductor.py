"""torch.compile with its own code generator, inductor, which needs a C++ compiler on the CPU."""

from __future__ import annotations

from conformance.numeric.dtypes import ALL

BACKEND = "inductor"
GENERATES_CODE = True
DTYPES_IN_ROTATION = ("float32", "int64", "float64", "bfloat16", "int32", "float16", "complex64", *ALL)
