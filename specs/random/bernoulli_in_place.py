"""torch.Tensor.bernoulli_: fills a tensor with 1 at one probability, and 0 otherwise."""

import numpy as np

from conformance.spec import BOOL, FLOATS, INTEGERS, Allowed, Cost, Distribution, Draw, Form, Law, Refusal, Spec

from ._streams import (
    DEFAULT,
    GENERATOR,
    MODES,
    NOT_COMPILED,
    SEEDED,
    by_global_generator,
    drawn_twice,
    of_ones,
    seeded_anew,
    shapes,
)


def arguments(draw: Draw):
    """The default, a probability of many digits, or one at which nothing is left to chance."""
    return {**shapes(draw), "p": draw.choice((0.5, draw.integer(0, 2**52) / 2**52, 0.0, 1.0, 1e-3))}


def oracle(size, seed, p):
    def can_come(array):
        numbers = array.astype(np.float64)
        return ((numbers == 0) & (p < 1)) | ((numbers == 1) & (p > 0))

    return Allowed(size, can_come, "0 and 1, and where the probability is 0 or 1 that number")


def probability(values, dtype, size, seed, p):
    return of_ones(values, p)


def workload(size):
    return {"size": (size // 64, 64), "seed": 0, "p": 0.3}


EMPTY = "torch.empty(size, dtype=dtype, device=device)"
BY_GENERATOR = f"{EMPTY}.bernoulli_(p, generator=generator)"

spec = Spec(
    operation="torch.Tensor.bernoulli_",
    summary="Fills a tensor with 1 at a probability, and 0 otherwise.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.bernoulli_.html",
    arguments=arguments,
    forms=(
        Form(f"{EMPTY}.bernoulli_(p, generator={GENERATOR})"),
        Form(f"{EMPTY}.bernoulli_(p=p, generator={GENERATOR})"),
        Form(f"{EMPTY}.bernoulli_(generator={GENERATOR})", when="p == 0.5"),
        Form(by_global_generator(f"{EMPTY}.bernoulli_(p)"), title=SEEDED),
        Form(by_global_generator(f"{EMPTY}.bernoulli_()"), title=DEFAULT, when="p == 0.5"),
    ),
    dtypes=BOOL + INTEGERS + FLOATS,
    oracle=oracle,
    refusals=(
        Refusal("a probability above 1", f"{EMPTY}.bernoulli_(1.5)", RuntimeError),
        Refusal("a probability below 0", f"{EMPTY}.bernoulli_(-0.5)", RuntimeError),
        Refusal("a probability that is NaN", f"{EMPTY}.bernoulli_(float('nan'))", RuntimeError),
        Refusal("a string as probability", f"{EMPTY}.bernoulli_('1')", TypeError),
        Refusal("complex numbers", "torch.ones(3, dtype=torch.complex64).bernoulli_()", RuntimeError),
        Refusal("a seed in place of the generator", f"{EMPTY}.bernoulli_(p, generator=0)", TypeError),
        Refusal("elements that share memory", "torch.ones(1, dtype=dtype).expand(3).bernoulli_()", RuntimeError),
    ),
    laws=(
        Law(
            "a generator does not give the same numbers twice",
            drawn_twice(f"{EMPTY}.bernoulli_(0.5, generator=generator)"),
            "False",
            when="math.prod(size) >= 200",
        ),
        Law(
            "a generator that is seeded anew gives its first numbers",
            seeded_anew(BY_GENERATOR),
            f"{EMPTY}.bernoulli_(p, generator={GENERATOR})",
        ),
        Law(
            "elements beside those of a slice are left as they were",
            f"whole = torch.zeros(40, 3, dtype=dtype, device=device)\n"
            f"whole[:, 1].bernoulli_(p, generator={GENERATOR})\nwhole[:, ::2]",
            "torch.zeros(40, 2, dtype=dtype, device=device)",
        ),
        Law(
            "the tensor itself is returned",
            f"filled = {EMPTY}\nfilled.bernoulli_(p, generator={GENERATOR}) is filled",
            "True",
        ),
    ),
    distribution=Distribution(
        call=f"{EMPTY.replace('(size', '(count')}.bernoulli_(p, generator={GENERATOR})", probability=probability
    ),
    cost=Cost(workload=workload),
    modes=MODES,
    unsupported_modes=NOT_COMPILED,
)
