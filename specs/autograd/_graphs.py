"""What the specs of autograd have in common: leaves, products of them, and the modes in which there are no leaves."""

from conformance.spec import UnsupportedMode, dense, rounded

LEAF = "(leaf := input.detach().requires_grad_())"
OWN_LEAF = "(leaf := input.clone().requires_grad_())"
REAL = "'float' in dtype"

NO_LEAVES_INSIDE = (
    UnsupportedMode("vmap", RuntimeError, "leaves cannot be made inside a transformed function"),
    UnsupportedMode("functionalize", RuntimeError, "leaves cannot be made inside a transformed function"),
)


def complex_bound(dtype, **arguments):
    """As a complex product: the square root of 5, and that of 2 where both parts underflow."""
    return 3.66


ACCURACY_OF_PRODUCTS = rounded(
    complex_bound,
    "Brent, Percival & Zimmermann, Error bounds on complex floating-point multiplication, 2007, theorem 2",
)


def factors_and_gradient(draw):
    """Two factors, and the gradient of their product."""
    shape = draw.shape()
    return {"input": draw.tensor(shape), "factor": draw.tensor(shape), "gradient": draw.tensor(shape)}


def workload_of_products(size):
    shape = (size // 64, 64)
    return {"input": dense(shape), "factor": dense(shape), "gradient": dense(shape)}
