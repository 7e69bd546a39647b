"""torch.autograd.grad: the gradients of some tensors with respect to others, returned and not kept anywhere."""

import numpy as np

from conformance.spec import (
    COMPLEXES,
    FLOATS,
    PRESERVED,
    SEVERAL,
    Cost,
    Form,
    Law,
    Refusal,
    Spec,
    UnsupportedMode,
)

from ._graphs import ACCURACY_OF_PRODUCTS, NO_LEAVES_INSIDE, REAL, factors_and_gradient, workload_of_products


def oracle(input, factor, gradient):
    return np.multiply(gradient, np.conj(factor)), np.multiply(gradient, np.conj(input))


ONE = "(one := input.detach().requires_grad_())"
OTHER = "(other := factor.detach().requires_grad_())"
PRODUCT = f"({ONE} * {OTHER})"
CHANGED = f"(product := {ONE} * (kept := factor.clone().requires_grad_()))"
ROWS = "input.layout.kind == factor.layout.kind == gradient.layout.kind == 'contiguous'"


spec = Spec(
    operation="torch.autograd.grad",
    summary="The gradients of outputs with respect to inputs, one for each input, in a tuple.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.autograd.grad.html",
    arguments=factors_and_gradient,
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
    accuracy=ACCURACY_OF_PRODUCTS,
    returns=SEVERAL,
    memory=PRESERVED,
    refusals=(
        Refusal(
            "a second call on a graph that was not retained",
            f"[torch.autograd.grad(product := {PRODUCT}, one, gradient), torch.autograd.grad(product, one, gradient)]",
            RuntimeError,
        ),
        Refusal(
            "a call on a graph that backward() used up",
            f"(product := {PRODUCT}).backward(gradient) or torch.autograd.grad(product, one, gradient)",
            RuntimeError,
        ),
        Refusal(
            "a second call, for another input, on a graph that was not retained",
            f"torch.autograd.grad(product := {PRODUCT}, one, gradient) + torch.autograd.grad(product, other, gradient)",
            RuntimeError,
        ),
        Refusal(
            "a product of several elements without a gradient",
            f"torch.autograd.grad({PRODUCT}, one)",
            RuntimeError,
            when="input.numel != 1",
        ),
        Refusal(
            "a complex sum without a gradient",
            f"torch.autograd.grad({PRODUCT}.sum(), one)",
            RuntimeError,
            when="'complex' in dtype",
        ),
        Refusal(
            "an input that the output does not depend on",
            f"torch.autograd.grad({PRODUCT}, [one, gradient.detach().requires_grad_()], gradient)",
            RuntimeError,
        ),
        Refusal(
            "an input that the output does not depend on, with allow_unused=False",
            f"torch.autograd.grad({PRODUCT}, [gradient.detach().requires_grad_()], gradient, allow_unused=False)",
            RuntimeError,
        ),
        Refusal(
            "a view that was made of an input after the product",
            f"torch.autograd.grad({PRODUCT}, one.view_as(one), gradient)",
            RuntimeError,
        ),
        Refusal(
            "an input that requires no gradient", f"torch.autograd.grad({PRODUCT}, gradient, gradient)", RuntimeError
        ),
        Refusal(
            "an input that requires no gradient, with allow_unused=True",
            f"torch.autograd.grad({PRODUCT}, factor, gradient, allow_unused=True)",
            RuntimeError,
        ),
        Refusal(
            "an input of whole numbers",
            f"torch.autograd.grad({PRODUCT}, torch.ones(3, dtype=torch.int64), gradient)",
            RuntimeError,
        ),
        Refusal("a detached input", f"torch.autograd.grad({PRODUCT}, one.detach(), gradient)", RuntimeError),
        Refusal("an output that requires no gradient", f"torch.autograd.grad(gradient, {ONE}, gradient)", RuntimeError),
        Refusal("a detached output", f"torch.autograd.grad({PRODUCT}.detach(), one, gradient)", RuntimeError),
        Refusal(
            "the data of a product as the output", f"torch.autograd.grad({PRODUCT}.data, one, gradient)", RuntimeError
        ),
        Refusal(
            "a product that was computed in no_grad",
            f"torch.autograd.grad(torch.no_grad()(torch.mul)({ONE}, factor), one, gradient)",
            RuntimeError,
        ),
        Refusal(
            "a product that was computed in inference_mode",
            f"torch.autograd.grad(torch.inference_mode()(torch.mul)({ONE}, factor), one, gradient)",
            RuntimeError,
        ),
        Refusal("an empty list of inputs", f"torch.autograd.grad({PRODUCT}, [], gradient)", RuntimeError),
        Refusal("an empty list of outputs", f"torch.autograd.grad([], {ONE}, [])", RuntimeError),
        Refusal("None as the inputs", f"torch.autograd.grad({PRODUCT}, None, gradient)", TypeError),
        Refusal("a number as the inputs", f"torch.autograd.grad({PRODUCT}, 1.0, gradient)", TypeError),
        Refusal("a number as the outputs", f"torch.autograd.grad(1.0, {ONE}, gradient)", TypeError),
        Refusal("a number as the incoming gradient", f"torch.autograd.grad({PRODUCT}, one, 1.0)", TypeError),
        Refusal("a list of numbers as the incoming gradient", f"torch.autograd.grad({PRODUCT}, one, [1.0])", TypeError),
        Refusal(
            "more outputs than incoming gradients",
            f"torch.autograd.grad([product := {PRODUCT}, product], one, [gradient])",
            RuntimeError,
        ),
        Refusal(
            "an incoming gradient with one more dimension",
            f"torch.autograd.grad({PRODUCT}, one, gradient[None])",
            RuntimeError,
        ),
        Refusal(
            "an incoming gradient that would have to broadcast",
            f"torch.autograd.grad({PRODUCT}, one, gradient[..., :1])",
            RuntimeError,
            when="input.rank > 0 and input.shape[-1] > 1",
        ),
        Refusal(
            "a complex incoming gradient of a real tensor",
            f"torch.autograd.grad({PRODUCT}, one, gradient + 1j)",
            RuntimeError,
            when=REAL,
        ),
        Refusal(
            "a real incoming gradient of a complex tensor",
            f"torch.autograd.grad({PRODUCT}, one, gradient.real)",
            RuntimeError,
            when="'complex' in dtype",
        ),
        Refusal(
            "materialize_grads=True with allow_unused=False",
            f"torch.autograd.grad({PRODUCT}, one, gradient, allow_unused=False, materialize_grads=True)",
            ValueError,
        ),
        Refusal(
            "a second derivative without create_graph",
            f"torch.autograd.grad(torch.autograd.grad({PRODUCT}, one, gradient)[0], other, gradient)",
            RuntimeError,
        ),
        Refusal(
            "a second derivative with retain_graph in place of create_graph",
            f"torch.autograd.grad(torch.autograd.grad({PRODUCT}, one, gradient, retain_graph=True), other, [gradient])",
            RuntimeError,
        ),
        Refusal(
            "a factor that was changed in place after the product",
            f"[{CHANGED}, torch.no_grad()(kept.zero_)(), torch.autograd.grad(product, one, gradient)]",
            RuntimeError,
        ),
        Refusal(
            "a factor that was changed by way of detach() after the product",
            f"[{CHANGED}, kept.detach().copy_(gradient), torch.autograd.grad(product, one, gradient)]",
            RuntimeError,
        ),
        Refusal(
            "a result that was changed in place before the pass",
            f"[root := {ONE}.abs().sqrt(), double := root * 2, root.zero_(), torch.autograd.grad(double, one, root)]",
            RuntimeError,
            when=REAL,
        ),
    ),
    unsupported_modes=(
        *NO_LEAVES_INSIDE,
        UnsupportedMode("aot_eager", RuntimeError, "a graph that is compiled whole takes no autograd.grad()"),
        UnsupportedMode("inductor", RuntimeError, "a graph that is compiled whole takes no autograd.grad()"),
    ),
    laws=(
        Law(
            "inputs asked for one by one get what they get together",
            f"(*torch.autograd.grad(product := {PRODUCT}, one, gradient, retain_graph=True),"
            " *torch.autograd.grad(product, other, gradient))",
            f"torch.autograd.grad({PRODUCT}, [one, other], gradient)",
        ),
        Law(
            "an input that is named twice gets its gradient twice",
            f"torch.autograd.grad({PRODUCT}, [one, one], gradient)",
            f"torch.autograd.grad({PRODUCT}, one, gradient) * 2",
        ),
        Law(
            "a single input gives a tuple of one gradient",
            f"type(found := torch.autograd.grad({PRODUCT}, one, gradient)), len(found)",
            "tuple, 1",
        ),
        Law(
            "backward() leaves the same gradients in the leaves",
            f"torch.autograd.grad({PRODUCT}, [one, other], gradient)",
            f"{PRODUCT}.backward(gradient) or (one.grad, other.grad)",
            when=REAL,
        ),
        Law(
            "the leaves are left without a grad",
            f"(torch.autograd.grad({PRODUCT}, [one, other], gradient), one.grad, other.grad)[1:]",
            "(None, None)",
        ),
        Law(
            "the grad that a leaf holds is not added to",
            f"{PRODUCT}.backward(gradient) or [torch.autograd.grad(one * factor, one, gradient), one.grad][1]",
            f"{PRODUCT}.backward(gradient) or one.grad",
        ),
        Law(
            "a pass that is given no gradient starts from 1 at a single number",
            f"torch.autograd.grad({PRODUCT}, [one, other])",
            f"torch.autograd.grad({PRODUCT}, [one, other], torch.ones_like(input))",
            when=f"input.numel == 1 and {REAL}",
        ),
        Law(
            "the gradient of an output with respect to itself is the incoming one",
            f"torch.autograd.grad(product := {PRODUCT}, [product], gradient)",
            "[gradient]",
        ),
        Law(
            "an intermediate result can be an input",
            f"torch.autograd.grad((product := {PRODUCT}) * factor, product, gradient)",
            f"torch.autograd.grad({ONE} * factor, one, gradient)",
        ),
        Law(
            "an unused input gets None with allow_unused",
            f"torch.autograd.grad({PRODUCT}, gradient.detach().requires_grad_(), gradient, allow_unused=True)",
            "(None,)",
        ),
        Law(
            "an unused input gets zeros with materialize_grads",
            f"torch.autograd.grad({PRODUCT}, gradient.detach().requires_grad_(), gradient, materialize_grads=True)",
            "[torch.zeros_like(gradient)]",
        ),
        Law(
            "the gradients of several outputs add up",
            f"torch.autograd.grad([{PRODUCT}, one * gradient], one, [gradient, factor])[0]",
            f"torch.autograd.grad({PRODUCT}, one, gradient)[0] + torch.autograd.grad({ONE} * gradient, one, factor)[0]",
            when=REAL,
        ),
        Law(
            "a batch of incoming gradients gives the gradients of each",
            f"torch.autograd.grad({PRODUCT}, one, torch.stack([gradient, factor]), is_grads_batched=True)[0].unbind()",
            f"torch.autograd.grad(product := {PRODUCT}, one, gradient, retain_graph=True)"
            " + torch.autograd.grad(product, one, factor)",
            when=REAL,
        ),
        Law(
            "the gradients require a gradient with create_graph",
            f"(found := torch.autograd.grad({PRODUCT}, [one, other], gradient, create_graph=True))"
            " and [part.requires_grad for part in found]",
            "[True, True]",
        ),
        Law(
            "the gradients require no gradient without create_graph",
            f"(found := torch.autograd.grad({PRODUCT}, [one, other], gradient))"
            " and [part.requires_grad for part in found]",
            "[False, False]",
        ),
        Law(
            "the gradient of a product can be differentiated by the other factor",
            f"torch.autograd.grad(torch.autograd.grad({PRODUCT}, one, gradient, create_graph=True), other, [input])",
            "[input * gradient]",
            when=REAL,
        ),
        Law(
            "the gradient of a product can be differentiated by the incoming one",
            "torch.autograd.grad("
            f"torch.autograd.grad({PRODUCT}, one, given := gradient.detach().requires_grad_(), create_graph=True)"
            ", given, [input])",
            "[input * factor]",
            when=REAL,
        ),
        Law(
            "a square can be differentiated twice",
            f"torch.autograd.grad(torch.autograd.grad({ONE} * one, one, gradient, create_graph=True), one, [factor])",
            "[factor * gradient + factor * gradient]",
            when=REAL,
        ),
        Law(
            "create_graph retains the first graph",
            f"torch.autograd.grad(product := {PRODUCT}, one, gradient, create_graph=True)[0].detach(),"
            " torch.autograd.grad(product, one, gradient)[0]",
            f"torch.autograd.grad({PRODUCT}, one, gradient) * 2",
        ),
    ),
    cost=Cost(
        dtypes=(),
        workload=workload_of_products,
        reference="elementwise",
    ),
)
