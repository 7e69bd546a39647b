"""torch.autograd.grad: the gradients of some tensors with respect to others, returned and not kept anywhere."""

import numpy as np

from conformance.spec import (
    AMBIGUOUS,
    COMPLEXES,
    FLOATS,
    PRESERVED,
    SEVERAL,
    UPHELD,
    Claim,
    Cost,
    Draw,
    Form,
    Lack,
    Law,
    Refusal,
    Spec,
    dense,
    rounded,
)


def arguments(draw: Draw):
    """Two leaves and the gradient of their product."""
    shape = draw.shape()
    return {"input": draw.tensor(shape), "factor": draw.tensor(shape), "gradient": draw.tensor(shape)}


def oracle(input, factor, gradient):
    return np.multiply(gradient, np.conj(factor)), np.multiply(gradient, np.conj(input))


def complex_bound(dtype, input, factor, gradient):
    """As a complex product: the square root of 5, and that of 2 where both parts underflow."""
    return 3.66


ONE = "(one := input.detach().requires_grad_())"
OTHER = "(other := factor.detach().requires_grad_())"
PRODUCT = f"({ONE} * {OTHER})"
CHANGED = f"(product := {ONE} * (kept := factor.clone().requires_grad_()))"
REAL = "'float' in dtype"
ROWS = "input.layout.kind == factor.layout.kind == gradient.layout.kind == 'contiguous'"


def workload(size):
    shape = (size // 64, 64)
    return {"input": dense(shape), "factor": dense(shape), "gradient": dense(shape)}


spec = Spec(
    operation="torch.autograd.grad",
    summary="The gradients of outputs with respect to inputs, one for each input, in a tuple.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.autograd.grad.html",
    arguments=arguments,
    forms=(
        Form(f"torch.autograd.grad({PRODUCT}, (one, other), gradient)"),
        Form(f"torch.autograd.grad([{PRODUCT}], [one, other], [gradient])"),
        Form(f"torch.autograd.grad(({PRODUCT},), (one, other), (gradient,), None, False)"),
        Form(f"torch.autograd.grad(grad_outputs=gradient, outputs={PRODUCT}, inputs=(one, other))"),
        Form(f"torch.autograd.grad({PRODUCT}, [one, other], gradient, retain_graph=True)"),
        Form(f"torch.autograd.grad({PRODUCT}, [one, other], gradient, create_graph=True)"),
        Form(f"torch.autograd.grad({PRODUCT}, [one, other], gradient, allow_unused=True)"),
        Form(f"torch.autograd.grad({PRODUCT}, [one, other], gradient, materialize_grads=True)"),
        Form(f"torch.autograd.grad({PRODUCT}, [other, one], gradient)[::-1]"),
        Form("torch.autograd.functional.vjp(torch.mul, (input, factor), gradient)[1]"),
        Form("torch.func.vjp(torch.mul, input, factor)[1](gradient)"),
        Form(f"torch.autograd.grad(({PRODUCT} * gradient).sum(), (one, other))", when=f"{REAL} and {ROWS}"),
    ),
    dtypes=FLOATS + COMPLEXES,
    oracle=oracle,
    accuracy=rounded(
        complex_bound,
        "Brent, Percival & Zimmermann, Error bounds on complex floating-point multiplication, 2007, theorem 2",
    ),
    returns=SEVERAL,
    memory=PRESERVED,
    refusals=(
        Refusal(
            "a graph used twice",
            f"[torch.autograd.grad(product := {PRODUCT}, one, gradient), torch.autograd.grad(product, one, gradient)]",
            RuntimeError,
        ),
        Refusal(
            "a graph that a full pass used",
            f"(product := {PRODUCT}).backward(gradient) or torch.autograd.grad(product, one, gradient)",
            RuntimeError,
        ),
        Refusal(
            "a graph that was not kept for all inputs",
            f"torch.autograd.grad(product := {PRODUCT}, one, gradient) + torch.autograd.grad(product, other, gradient)",
            RuntimeError,
        ),
        Refusal(
            "several elements without a gradient",
            f"torch.autograd.grad({PRODUCT}, one)",
            RuntimeError,
            when="input.numel != 1",
        ),
        Refusal(
            "a complex number without a gradient",
            f"torch.autograd.grad({PRODUCT}.sum(), one)",
            RuntimeError,
            when="'complex' in dtype",
        ),
        Refusal(
            "an input that was not used",
            f"torch.autograd.grad({PRODUCT}, [one, gradient.detach().requires_grad_()], gradient)",
            RuntimeError,
        ),
        Refusal(
            "an input that was not used, said in words",
            f"torch.autograd.grad({PRODUCT}, [gradient.detach().requires_grad_()], gradient, allow_unused=False)",
            RuntimeError,
        ),
        Refusal(
            "a view made of an input later",
            f"torch.autograd.grad({PRODUCT}, one.view_as(one), gradient)",
            RuntimeError,
        ),
        Refusal("an input that is not tracked", f"torch.autograd.grad({PRODUCT}, gradient, gradient)", RuntimeError),
        Refusal(
            "the same where it may go unused",
            f"torch.autograd.grad({PRODUCT}, factor, gradient, allow_unused=True)",
            RuntimeError,
        ),
        Refusal(
            "whole numbers for an input",
            f"torch.autograd.grad({PRODUCT}, torch.ones(3, dtype=torch.int64), gradient)",
            RuntimeError,
        ),
        Refusal("a detached input", f"torch.autograd.grad({PRODUCT}, one.detach(), gradient)", RuntimeError),
        Refusal("an output that is not tracked", f"torch.autograd.grad(gradient, {ONE}, gradient)", RuntimeError),
        Refusal("a detached output", f"torch.autograd.grad({PRODUCT}.detach(), one, gradient)", RuntimeError),
        Refusal("an output of data", f"torch.autograd.grad({PRODUCT}.data, one, gradient)", RuntimeError),
        Refusal(
            "a product of no_grad",
            f"torch.autograd.grad(torch.no_grad()(torch.mul)({ONE}, factor), one, gradient)",
            RuntimeError,
        ),
        Refusal(
            "a product of inference_mode",
            f"torch.autograd.grad(torch.inference_mode()(torch.mul)({ONE}, factor), one, gradient)",
            RuntimeError,
        ),
        Refusal("no inputs", f"torch.autograd.grad({PRODUCT}, [], gradient)", RuntimeError),
        Refusal("no outputs", f"torch.autograd.grad([], {ONE}, [])", RuntimeError),
        Refusal("None for the inputs", f"torch.autograd.grad({PRODUCT}, None, gradient)", TypeError),
        Refusal("a number for the inputs", f"torch.autograd.grad({PRODUCT}, 1.0, gradient)", TypeError),
        Refusal("a number for the outputs", f"torch.autograd.grad(1.0, {ONE}, gradient)", TypeError),
        Refusal("a number for the gradient", f"torch.autograd.grad({PRODUCT}, one, 1.0)", TypeError),
        Refusal("a list of numbers for the gradient", f"torch.autograd.grad({PRODUCT}, one, [1.0])", TypeError),
        Refusal(
            "more outputs than gradients",
            f"torch.autograd.grad([product := {PRODUCT}, product], one, [gradient])",
            RuntimeError,
        ),
        Refusal(
            "a gradient with another dimension", f"torch.autograd.grad({PRODUCT}, one, gradient[None])", RuntimeError
        ),
        Refusal(
            "a gradient that would broadcast",
            f"torch.autograd.grad({PRODUCT}, one, gradient[..., :1])",
            RuntimeError,
            when="input.rank > 0 and input.shape[-1] > 1",
        ),
        Refusal(
            "a complex gradient of a real tensor",
            f"torch.autograd.grad({PRODUCT}, one, gradient + 1j)",
            RuntimeError,
            when=REAL,
        ),
        Refusal(
            "a real gradient of a complex tensor",
            f"torch.autograd.grad({PRODUCT}, one, gradient.real)",
            RuntimeError,
            when="'complex' in dtype",
        ),
        Refusal(
            "zeros for inputs that must not go unused",
            f"torch.autograd.grad({PRODUCT}, one, gradient, allow_unused=False, materialize_grads=True)",
            ValueError,
        ),
        Refusal(
            "a second derivative of what has no graph",
            f"torch.autograd.grad(torch.autograd.grad({PRODUCT}, one, gradient)[0], other, gradient)",
            RuntimeError,
        ),
        Refusal(
            "the same where the first graph was kept",
            f"torch.autograd.grad(torch.autograd.grad({PRODUCT}, one, gradient, retain_graph=True), other, [gradient])",
            RuntimeError,
        ),
        Refusal(
            "a factor that changed since",
            f"[{CHANGED}, torch.no_grad()(kept.zero_)(), torch.autograd.grad(product, one, gradient)]",
            RuntimeError,
        ),
        Refusal(
            "a factor that changed detached since",
            f"[{CHANGED}, kept.detach().copy_(gradient), torch.autograd.grad(product, one, gradient)]",
            RuntimeError,
        ),
        Refusal(
            "a result that changed since",
            f"[root := {ONE}.abs().sqrt(), double := root * 2, root.zero_(), torch.autograd.grad(double, one, root)]",
            RuntimeError,
            when=REAL,
        ),
    ),
    lacks=(
        Lack("vmap", RuntimeError, "leaves cannot be made inside a transformed function"),
        Lack("functionalize", RuntimeError, "leaves cannot be made inside a transformed function"),
        Lack("aot_eager", RuntimeError, "a graph that is compiled whole takes no autograd.grad()"),
        Lack("inductor", RuntimeError, "a graph that is compiled whole takes no autograd.grad()"),
    ),
    laws=(
        Law(
            "inputs asked for one by one get the same",
            f"(*torch.autograd.grad(product := {PRODUCT}, one, gradient, retain_graph=True),"
            " *torch.autograd.grad(product, other, gradient))",
            f"torch.autograd.grad({PRODUCT}, [one, other], gradient)",
        ),
        Law(
            "inputs asked for twice get it twice",
            f"torch.autograd.grad({PRODUCT}, [one, one], gradient)",
            f"torch.autograd.grad({PRODUCT}, one, gradient) * 2",
        ),
        Law(
            "a single input gives a tuple of one",
            f"type(found := torch.autograd.grad({PRODUCT}, one, gradient)), len(found)",
            "tuple, 1",
        ),
        Law(
            "a full pass leaves the same",
            f"torch.autograd.grad({PRODUCT}, [one, other], gradient)",
            f"{PRODUCT}.backward(gradient) or (one.grad, other.grad)",
            when=REAL,
        ),
        Law(
            "nothing is left in the leaves",
            f"(torch.autograd.grad({PRODUCT}, [one, other], gradient), one.grad, other.grad)[1:]",
            "(None, None)",
        ),
        Law(
            "nor added to what they hold",
            f"{PRODUCT}.backward(gradient) or [torch.autograd.grad(one * factor, one, gradient), one.grad][1]",
            f"{PRODUCT}.backward(gradient) or one.grad",
        ),
        Law(
            "the gradient of a single number is 1 where none is given",
            f"torch.autograd.grad({PRODUCT}, [one, other])",
            f"torch.autograd.grad({PRODUCT}, [one, other], torch.ones_like(input))",
            when=f"input.numel == 1 and {REAL}",
        ),
        Law(
            "an output is its own input",
            f"torch.autograd.grad(product := {PRODUCT}, [product], gradient)",
            "[gradient]",
        ),
        Law(
            "what lies on the way can be asked for",
            f"torch.autograd.grad((product := {PRODUCT}) * factor, product, gradient)",
            f"torch.autograd.grad({ONE} * factor, one, gradient)",
        ),
        Law(
            "an unused input that may be has None",
            f"torch.autograd.grad({PRODUCT}, gradient.detach().requires_grad_(), gradient, allow_unused=True)",
            "(None,)",
        ),
        Law(
            "or zeros",
            f"torch.autograd.grad({PRODUCT}, gradient.detach().requires_grad_(), gradient, materialize_grads=True)",
            "[torch.zeros_like(gradient)]",
        ),
        Law(
            "several outputs add up",
            f"torch.autograd.grad([{PRODUCT}, one * gradient], one, [gradient, factor])[0]",
            f"torch.autograd.grad({PRODUCT}, one, gradient)[0] + torch.autograd.grad({ONE} * gradient, one, factor)[0]",
            when=REAL,
        ),
        Law(
            "several gradients in one batch",
            f"torch.autograd.grad({PRODUCT}, one, torch.stack([gradient, factor]), is_grads_batched=True)[0].unbind()",
            f"torch.autograd.grad(product := {PRODUCT}, one, gradient, retain_graph=True)"
            " + torch.autograd.grad(product, one, factor)",
            when=REAL,
        ),
        Law(
            "the results are tracked where a graph of them is made",
            f"(found := torch.autograd.grad({PRODUCT}, [one, other], gradient, create_graph=True))"
            " and [part.requires_grad for part in found]",
            "[True, True]",
        ),
        Law(
            "and only there",
            f"(found := torch.autograd.grad({PRODUCT}, [one, other], gradient))"
            " and [part.requires_grad for part in found]",
            "[False, False]",
        ),
        Law(
            "the gradient of the gradient of a product",
            f"torch.autograd.grad(torch.autograd.grad({PRODUCT}, one, gradient, create_graph=True), other, [input])",
            "[input * gradient]",
            when=REAL,
        ),
        Law(
            "with respect to the gradient given",
            "torch.autograd.grad("
            f"torch.autograd.grad({PRODUCT}, one, given := gradient.detach().requires_grad_(), create_graph=True)"
            ", given, [input])",
            "[input * factor]",
            when=REAL,
        ),
        Law(
            "the second derivative of a square",
            f"torch.autograd.grad(torch.autograd.grad({ONE} * one, one, gradient, create_graph=True), one, [factor])",
            "[factor * gradient + factor * gradient]",
            when=REAL,
        ),
        Law(
            "making a graph keeps the first one",
            f"torch.autograd.grad(product := {PRODUCT}, one, gradient, create_graph=True)[0].detach(),"
            " torch.autograd.grad(product, one, gradient)[0]",
            f"torch.autograd.grad({PRODUCT}, one, gradient) * 2",
        ),
    ),
    cost=Cost(
        dtypes=(),
        workload=workload,
        numpy="[np.multiply(input, factor), np.multiply(gradient, factor), np.multiply(gradient, input)]",
        at_most=200.0,
    ),
    claims=(
        Claim(
            "of-a-scalar",
            "001 1.5",
            "autograd.grad differentiates one scalar with respect to a tensor.",
            UPHELD,
            """
            x = torch.ones(3, requires_grad=True)
            slopes, = torch.autograd.grad((x ** 2).sum(), x)
            slopes.tolist() == [2, 2, 2] and raises("torch.autograd.grad(x ** 2, x)", RuntimeError)
            """,
            note="a vector needs grad_outputs",
        ),
        Claim(
            "slopes-are-multiplied",
            "001 5.1",
            "The slopes met on the way from the root to a leaf are multiplied.",
            UPHELD,
            """
            x, w, v = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (1.0, 2.0, 2.0)]
            hidden = x * w + 1
            output = hidden * v + 1
            whole, last = torch.autograd.grad(output, [w, hidden], retain_graph=True)
            first, = torch.autograd.grad(hidden, w)
            whole == last * first == 2
            """,
        ),
        Claim(
            "returns-a-tuple",
            "001 5.1(2)",
            "The result is a tuple: for x^2 at 3 it prints as (tensor([6.], grad_fn=<MulBackward0>),).",
            UPHELD,
            """
            x = torch.tensor([3.0], requires_grad=True)
            slopes = torch.autograd.grad(x.pow(2), x, create_graph=True)
            type(slopes) is tuple and repr(slopes) == "(tensor([6.], grad_fn=<MulBackward0>),)"
            """,
        ),
        Claim(
            "second-derivative",
            "001 5.1(2)",
            "Differentiated once more, x^2 gives (tensor([2.]),).",
            UPHELD,
            """
            x = torch.tensor([3.0], requires_grad=True)
            slope, = torch.autograd.grad(x.pow(2), x, create_graph=True)
            repr(torch.autograd.grad(slope, x)) == "(tensor([2.]),)"
            """,
        ),
        Claim(
            "second-needs-a-graph",
            "001 5.1(2)",
            "Only create_graph=True in the first call makes a second derivative possible.",
            UPHELD,
            """
            x = torch.tensor([3.0], requires_grad=True)
            slope, = torch.autograd.grad(x.pow(2), x)
            raises("torch.autograd.grad(slope, x)", RuntimeError)
            """,
        ),
        Claim(
            "weights-of-outputs",
            "001 5.1(2)",
            "grad_outputs says how much each output weighs.",
            UPHELD,
            """
            x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
            slopes, = torch.autograd.grad(x * x, x, grad_outputs=torch.tensor([1.0, 10.0, 100.0]))
            slopes.tolist() == [2, 40, 600]
            """,
        ),
        Claim(
            "adds-up",
            "001 5.1(2)",
            "Gradients add up, the text on autograd.grad warns.",
            AMBIGUOUS,
            """
            w = torch.ones(1, requires_grad=True)
            found = [torch.autograd.grad(5 * w, w)[0].item() for step in range(3)]
            found == [5, 5, 5] and w.grad is None
            """,
            note="those of backward do; autograd.grad itself adds nothing to grad, as is checked here",
        ),
        Claim(
            "descends-to-five",
            "003 4-5",
            "Steps against the slope of x^2 sin x settle near 5.",
            UPHELD,
            """
            x = torch.tensor(4.0, dtype=torch.float64, requires_grad=True)
            for step in range(500):
                slope, = torch.autograd.grad(x * x * x.sin(), x)
                x.data -= 0.005 * slope
            bool(abs(x - 5) < 0.1)
            """,
            note="started at 4",
        ),
        Claim(
            "jitters-around-the-optimum",
            "003 4-5",
            "As there are errors, x keeps jittering around the best place.",
            AMBIGUOUS,
            """
            def width(rate):
                x = torch.tensor(4.0, dtype=torch.float64, requires_grad=True)
                places = []
                for step in range(500):
                    slope, = torch.autograd.grad(x * x * x.sin(), x)
                    x.data -= rate * slope
                    places.append(x.item())
                return max(places[-100:]) - min(places[-100:])
            width(0.005) < 1e-9 and width(0.07) > 0.1
            """,
            note="with exact slopes only at large rates, 0.07 here; the figure that gave the rate is lost",
        ),
        Claim(
            "larger-steps-swing",
            "003 4-5",
            "At a learning rate of 0.05 the steps are larger and swing more.",
            UPHELD,
            """
            def crossings(rate):
                x = torch.tensor(4.0, dtype=torch.float64, requires_grad=True)
                sides = []
                for step in range(30):
                    slope, = torch.autograd.grad(x * x * x.sin(), x)
                    x.data -= rate * slope
                    sides.append(x.item() > 5.08698509410227)
                return sum(side != following for side, following in zip(sides, sides[1:]))
            crossings(0.05) > 20 and crossings(0.005) == 0
            """,
        ),
        Claim(
            "unmarked-weight",
            "003 37-40",
            "A weight that was not marked cannot be differentiated by: requires_grad is False if nothing is said.",
            UPHELD,
            """
            w = torch.full([1], 2.0)
            loss = F.mse_loss(torch.ones(1), torch.ones(1) * w)
            raises("torch.autograd.grad(loss, [w])", RuntimeError)
            """,
        ),
        Claim(
            "marked-too-late",
            "003 37-40",
            "Once w is marked the loss has to be computed again, the graph being dynamic.",
            UPHELD,
            """
            x, w = torch.ones(1), torch.full([1], 2.0)
            loss = F.mse_loss(torch.ones(1), x * w)
            w.requires_grad_()
            refused = raises("torch.autograd.grad(loss, [w])", RuntimeError)
            slope, = torch.autograd.grad(F.mse_loss(torch.ones(1), x * w), [w])
            refused and slope.item() == 2
            """,
        ),
    ),
)
