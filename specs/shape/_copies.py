"""What a copy in row-major order costs."""

from math import prod

from conformance.spec import itemsize

BLOCK, BLOCK_OF_BYTES, LEAST = 60, 120, 3600


def scratch_of_copy(dtype, input):
    """A matrix that lies column by column is copied through a square block of elements.

    Source: copy_transpose_valid and copy_same_type_transpose_ in aten/src/ATen/native/Copy.cpp.
    """
    rows = input.shape[0] if input.rank == 2 else 0
    if input.rank != 2 or input.strides != (1, rows) or prod(input.shape) < LEAST:
        return ()
    block = BLOCK_OF_BYTES if dtype == "uint8" else BLOCK
    return (block * block * itemsize(dtype),)
