"""torch.manual_seed: seeds the generators, so that they give the same numbers again; and the streams of generators."""

from conformance.spec import COMPLEXES, FLOATS, Cost, Distribution, Draw, Form, Law, Refusal, Spec

from ._streams import GENERATOR, MODES, NOT_COMPILED, PLACE, drawn_twice, of_unit_interval, reads, seeds, uniform


def arguments(draw: Draw):
    (count,) = draw.shape(min_rank=1, max_rank=1)
    return {"n": count, "seed": seeds(draw)}


def oracle(n, seed):
    return uniform((n,))


def probability(values, dtype, n, seed):
    return of_unit_interval(values, dtype)


def in_a_fork(*lines, value="drawn"):
    """Statements that leave the global generator as it was, and then a value."""
    indented = "".join(f"    {line}\n" for line in lines)
    return f"with torch.random.fork_rng(devices=()):\n{indented}{value}"


def with_a_generator(*lines):
    """Statements with a generator of its own, and the numbers that it gives then."""
    return "\n".join([f"generator = {GENERATOR}", *lines, f"torch.rand(n, generator=generator, {KEYWORDS})"])


KEYWORDS = "dtype=dtype, device=device"
DRAWN = f"torch.rand(n, {KEYWORDS})"
EQUAL_SEED = f"torch.Generator({PLACE}).manual_seed(seed % 2**64)"

spec = Spec(
    operation="torch.manual_seed",
    summary="Seeds the generators: equal seeds, and equal states, give equal numbers.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.manual_seed.html",
    arguments=arguments,
    forms=(
        Form(f"torch.rand(n, generator={GENERATOR}, {KEYWORDS})"),
        Form(in_a_fork("torch.manual_seed(seed)", f"drawn = {DRAWN}"), title="the global generator"),
        Form(in_a_fork("torch.manual_seed(seed=seed)", f"drawn = {DRAWN}"), title="the seed by its name"),
        Form(in_a_fork("torch.random.manual_seed(seed)", f"drawn = {DRAWN}"), title="torch.random.manual_seed"),
        Form(
            in_a_fork("torch.manual_seed(0)", "torch.rand(7)", "torch.manual_seed(seed)", f"drawn = {DRAWN}"),
            title="the global generator, seeded anew",
        ),
        Form(f"torch.rand(n, generator={EQUAL_SEED}, {KEYWORDS})"),
        Form(
            with_a_generator("torch.rand(7, generator=generator)", "generator.manual_seed(seed)"), title="seeded anew"
        ),
        Form(with_a_generator("generator = generator.clone_state()"), title="a clone of the generator"),
        Form(
            with_a_generator(
                "state = generator.get_state()", "torch.randn(7, generator=generator)", "generator.set_state(state)"
            ),
            title="a generator that is put back",
        ),
        Form(
            with_a_generator(
                "state = generator.get_state()",
                f"generator = torch.Generator(device={PLACE})",
                "torch.rand(5, generator=generator)",
                "generator.set_state(state)",
            ),
            title="a generator that takes on the state of another",
        ),
    ),
    dtypes=FLOATS + COMPLEXES,
    oracle=oracle,
    refusals=(
        Refusal("a seed of more than 64 bits", "torch.manual_seed(2**64)", ValueError),
        Refusal("a negative seed of more than 64 bits", "torch.manual_seed(-(2**63) - 1)", ValueError),
        Refusal("a seed of more than 64 bits for a generator", "torch.Generator().manual_seed(2**64)", ValueError),
        Refusal("a word as seed", "torch.manual_seed('seed')", ValueError),
        Refusal("None as seed", "torch.manual_seed(None)", TypeError),
        Refusal("a fraction as seed of a generator", "torch.Generator().manual_seed(1.5)", (RuntimeError, TypeError)),
        Refusal("a device that there is none of", "torch.Generator('nowhere')", RuntimeError),
        Refusal("a state of floats", "torch.Generator().set_state(torch.ones(5056))", TypeError),
        Refusal(
            "a state that is too short", "torch.Generator().set_state(torch.zeros(9, dtype=torch.uint8))", RuntimeError
        ),
        Refusal("None as state", "torch.Generator().set_state(None)", TypeError),
    ),
    laws=(
        Law("a generator names its seed, modulo 2**64", f"{GENERATOR}.initial_seed()", "seed % 2**64"),
        Law(
            "the global generator names its seed, modulo 2**64",
            in_a_fork("torch.manual_seed(seed)", "named = torch.initial_seed()", value="named"),
            "seed % 2**64",
        ),
        Law(
            "manual_seed returns the global generator",
            in_a_fork("same = torch.manual_seed(seed) is torch.default_generator", value="same"),
            "True",
        ),
        Law(
            "the seed is named still after numbers were drawn",
            f"generator = {GENERATOR}\ntorch.rand(9, generator=generator, {KEYWORDS})\ngenerator.initial_seed()",
            "seed % 2**64",
        ),
        Law(
            "a fork leaves the global generator as it was",
            "before = torch.get_rng_state()\n"
            + in_a_fork("torch.manual_seed(seed)", "torch.rand(n)", value="torch.equal(torch.get_rng_state(), before)"),
            "True",
        ),
        Law(
            "a fork that is not enabled keeps what was drawn",
            in_a_fork(
                "torch.manual_seed(seed)",
                "before = torch.get_rng_state()",
                "with torch.random.fork_rng(devices=(), enabled=False):",
                "    torch.rand(9)",
                "changed = not torch.equal(torch.get_rng_state(), before)",
                value="changed",
            ),
            "True",
        ),
        Law(
            "the state of the global generator gives its numbers again",
            in_a_fork(
                "torch.manual_seed(seed)",
                "torch.randn(3)",
                "state = torch.get_rng_state()",
                "first = torch.randn(20)",
                "torch.set_rng_state(state)",
                "again = torch.randn(20)",
                value="again",
            ),
            in_a_fork("torch.manual_seed(seed)", "torch.randn(3)", "first = torch.randn(20)", value="first"),
        ),
        Law(
            "a state that was read does not change with the generator",
            f"generator = {GENERATOR}\nstate = generator.get_state()\n"
            f"torch.rand(9, generator=generator, {KEYWORDS})\nstate",
            f"{GENERATOR}.get_state()",
        ),
        Law(
            "a clone goes its own way",
            f"generator = {GENERATOR}\nother = generator.clone_state()\n"
            f"torch.rand(9, generator=other, {KEYWORDS})\ntorch.rand(n, generator=generator, {KEYWORDS})",
            f"torch.rand(n, generator={GENERATOR}, {KEYWORDS})",
        ),
        Law(
            "a generator does not give the same numbers twice",
            drawn_twice(f"torch.rand(99, generator=generator, {KEYWORDS})"),
            "False",
        ),
        Law(
            "the next seed gives other numbers",
            f"generator = torch.Generator(device).manual_seed((seed + 1) % 2**64)\n"
            f"torch.equal(torch.rand(99, generator=generator, {KEYWORDS}),"
            f" torch.rand(99, generator={GENERATOR}, {KEYWORDS}))",
            "False",
        ),
        Law(
            "torch.seed chooses another seed each time",
            in_a_fork("seeds = {torch.seed() for one in range(4)}", value="len(seeds)"),
            "4",
        ),
    ),
    distribution=Distribution(
        call=reads(f"torch.rand(count, generator={GENERATOR}, {KEYWORDS})"), probability=probability
    ),
    cost=Cost(dtypes=()),
    modes=MODES,
    unsupported_modes=NOT_COMPILED,
)
