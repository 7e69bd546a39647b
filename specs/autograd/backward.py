"""torch.Tensor.backward: gradients added up in the leaves from which a tensor was computed."""

import numpy as np

from conformance.spec import COMPLEXES, FLOATS, PRESERVED, Cost, Form, Law, Refusal, Spec, UnsupportedMode

from ._graphs import (
    ACCURACY_OF_PRODUCTS,
    LEAF,
    NO_LEAVES_INSIDE,
    OWN_LEAF,
    REAL,
    factors_and_gradient,
    workload_of_products,
)


def oracle(input, factor, gradient):
    return np.multiply(gradient, np.conj(factor))


PRODUCT = f"({LEAF} * factor)"
KEPT = "(product := input.detach().requires_grad_() * (kept := factor.clone()))"
SEVERAL_PLACES = "not {0, 1} & {*input.shape}"
REAL_PLACES = f"{REAL} and {SEVERAL_PLACES}"
FRACTION = "dtype in ('float16', 'bfloat16', 'float32')"


spec = Spec(
    operation="torch.Tensor.backward",
    summary="Takes the gradient of a tensor back to its leaves and adds it to what their grad holds.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.backward.html",
    arguments=factors_and_gradient,
    forms=(
        Form(f"{PRODUCT}.backward(gradient) or leaf.grad"),
        Form(f"{PRODUCT}.backward(gradient=gradient, retain_graph=False, create_graph=False) or leaf.grad"),
        Form(f"{PRODUCT}.backward(gradient, True) or leaf.grad"),
        Form(f"{PRODUCT}.backward(gradient, None, True) or leaf.grad", when=SEVERAL_PLACES),
        Form(f"{PRODUCT}.backward(gradient, inputs=leaf) or leaf.grad"),
        Form(f"{PRODUCT}.backward(gradient, inputs=[leaf]) or leaf.grad"),
        Form(f"torch.autograd.backward({PRODUCT}, gradient) or leaf.grad"),
        Form(f"torch.autograd.backward([{PRODUCT}], [gradient], inputs=(leaf,)) or leaf.grad"),
        Form(f"torch.autograd.backward(grad_tensors=(gradient,), tensors=({PRODUCT},)) or leaf.grad"),
        Form(f"torch.autograd.backward(grad_tensors=gradient, tensors={PRODUCT}) or leaf.grad"),
        Form(f"({PRODUCT} * gradient).sum().backward() or leaf.grad", when=REAL_PLACES),
        Form(f"torch.autograd.backward(({PRODUCT} * gradient).sum()) or leaf.grad", when=REAL_PLACES),
    ),
    dtypes=FLOATS + COMPLEXES,
    oracle=oracle,
    accuracy=ACCURACY_OF_PRODUCTS,
    memory=PRESERVED,
    refusals=(
        Refusal(
            "a second pass over a graph that was not retained",
            f"(product := {PRODUCT}).backward(gradient) or product.backward(gradient)",
            RuntimeError,
        ),
        Refusal(
            "a third pass over a graph that was retained once",
            f"(product := {PRODUCT}).backward(gradient, retain_graph=True)"
            " or product.backward(gradient) or product.backward(gradient)",
            RuntimeError,
        ),
        Refusal(
            "a product of several elements without a gradient",
            f"{PRODUCT}.backward()",
            RuntimeError,
            when="input.numel != 1",
        ),
        Refusal(
            "a product of several elements with None for its gradient",
            f"torch.autograd.backward([{PRODUCT}], [None])",
            RuntimeError,
            when="input.numel != 1",
        ),
        Refusal(
            "a complex sum without a gradient",
            f"{PRODUCT}.sum().backward()",
            RuntimeError,
            when="'complex' in dtype",
        ),
        Refusal("an incoming gradient with one more dimension", f"{PRODUCT}.backward(gradient[None])", RuntimeError),
        Refusal(
            "an incoming gradient that would have to broadcast",
            f"{PRODUCT}.backward(gradient[..., :1])",
            RuntimeError,
            when="input.rank > 0 and input.shape[-1] > 1",
        ),
        Refusal(
            "a complex incoming gradient of a real tensor",
            f"{PRODUCT}.backward(gradient + 1j)",
            RuntimeError,
            when=REAL,
        ),
        Refusal(
            "a real incoming gradient of a complex tensor",
            f"{PRODUCT}.backward(gradient.real)",
            RuntimeError,
            when="'complex' in dtype",
        ),
        Refusal("a number as the incoming gradient", f"{PRODUCT}.backward(1.0)", TypeError),
        Refusal("a list of numbers as the incoming gradient", f"{PRODUCT}.backward([1.0])", TypeError),
        Refusal(
            "more tensors than incoming gradients",
            f"torch.autograd.backward([{PRODUCT}] * 2, [gradient])",
            RuntimeError,
        ),
        Refusal(
            "incoming gradients under two names",
            f"torch.autograd.backward({PRODUCT}, gradient, grad_variables=gradient)",
            RuntimeError,
        ),
        Refusal("an empty list of inputs", f"{PRODUCT}.backward(gradient, inputs=[])", RuntimeError),
        Refusal("an input that requires no gradient", f"{PRODUCT}.backward(gradient, inputs=factor)", RuntimeError),
        Refusal("a number as inputs", f"{PRODUCT}.backward(gradient, inputs=1)", TypeError),
        Refusal("a product of tensors that require no gradient", "(input * factor).backward(gradient)", RuntimeError),
        Refusal("a detached leaf", f"{LEAF}.detach().backward(gradient)", RuntimeError),
        Refusal(
            "a product that was computed in no_grad",
            f"torch.no_grad()(torch.mul)({LEAF}, factor).backward(gradient)",
            RuntimeError,
        ),
        Refusal(
            "a factor that was changed in place after the product",
            f"[{KEPT}, kept.zero_(), product.backward(gradient)]",
            RuntimeError,
        ),
        Refusal(
            "a factor whose view was changed in place after the product",
            f"[{KEPT}, kept.view_as(kept).zero_(), product.backward(gradient)]",
            RuntimeError,
        ),
        Refusal(
            "a factor that was changed by way of detach() after the product",
            f"[{KEPT}, kept.detach().zero_(), product.backward(gradient)]",
            RuntimeError,
        ),
        Refusal(
            "a factor that was changed in no_grad after the product",
            f"[{KEPT}, torch.no_grad()(kept.copy_)(gradient), product.backward(gradient)]",
            RuntimeError,
        ),
        Refusal(
            "a factor that out= wrote to after the product",
            f"[{KEPT}, torch.mul(input, factor, out=kept), product.backward(gradient)]",
            RuntimeError,
        ),
        Refusal(
            "a leaf that was changed in place after the product",
            f"[product := {OWN_LEAF} * leaf, torch.no_grad()(leaf.zero_)(), product.backward(gradient)]",
            RuntimeError,
        ),
        Refusal(
            "a result that was changed in place before the pass",
            f"[root := {LEAF}.abs().sqrt(), product := root * 1, root.zero_(), product.backward(root)]",
            RuntimeError,
            when=REAL,
        ),
        Refusal(
            "an inference tensor as the factor of a leaf",
            f"{LEAF} * torch.inference_mode()(factor.clone)()",
            RuntimeError,
        ),
    ),
    unsupported_modes=(
        *NO_LEAVES_INSIDE,
        UnsupportedMode("aot_eager", RuntimeError, "a graph that is compiled whole takes no backward()"),
        UnsupportedMode("inductor", RuntimeError, "a graph that is compiled whole takes no backward()"),
    ),
    laws=(
        Law(
            "two passes over one graph add up in the leaf",
            f"(product := {PRODUCT}).backward(gradient, retain_graph=True) or product.backward(gradient) or leaf.grad",
            f"{PRODUCT}.backward(gradient) or leaf.grad + leaf.grad",
        ),
        Law(
            "passes over two graphs add up in the leaf",
            f"{PRODUCT}.backward(gradient) or (leaf * gradient).backward(factor) or leaf.grad",
            f"({PRODUCT}.backward(gradient) or leaf.grad) + (({LEAF} * gradient).backward(factor) or leaf.grad)",
            when=REAL,
        ),
        Law(
            "one pass from two tensors gives the same with and without inputs",
            f"torch.autograd.backward([{PRODUCT}, leaf * gradient], [gradient, factor]) or leaf.grad",
            f"torch.autograd.backward([{PRODUCT}, leaf * gradient], [gradient, factor], inputs=[leaf]) or leaf.grad",
        ),
        Law(
            "one pass from two tensors gives the sum of two passes",
            f"torch.autograd.backward([{PRODUCT}, leaf * gradient], [gradient, factor]) or leaf.grad",
            f"({PRODUCT}.backward(gradient) or leaf.grad) + (({LEAF} * gradient).backward(factor) or leaf.grad)",
            when=REAL,
        ),
        Law(
            "a second pass adds to the gradient tensor that is there",
            f"{PRODUCT}.backward(gradient) or (first := leaf.grad) is None or (leaf * 1).backward(gradient)"
            " or leaf.grad is first",
            "True",
        ),
        Law(
            "a pass after the gradient was cleared starts anew",
            f"{PRODUCT}.backward(factor) or setattr(leaf, 'grad', None)"
            " or (leaf * factor).backward(gradient) or leaf.grad",
            f"{PRODUCT}.backward(gradient) or leaf.grad",
        ),
        Law(
            "a gradient is laid out as its leaf, or row by row where the leaf has gaps",
            f"{PRODUCT}.backward(gradient) or leaf.grad.stride()",
            "input.stride() if torch.empty_like(input).stride() == input.stride()"
            " else torch.empty(input.shape).stride()",
            when=SEVERAL_PLACES,
        ),
        Law(
            "a pass from a leaf leaves the incoming gradient in it",
            f"{LEAF}.backward(gradient) or leaf.grad",
            "gradient",
        ),
        Law(
            "the gradient of a leaf has other memory than the incoming one",
            f"{LEAF}.backward(gradient) or leaf.grad.data_ptr() == gradient.data_ptr()",
            "False",
            when="input.numel > 0",
        ),
        Law(
            "a pass that is given no gradient starts from 1 at a single number",
            f"{PRODUCT}.backward() or leaf.grad",
            f"{PRODUCT}.backward(torch.ones_like(input)) or leaf.grad",
            when=f"input.numel == 1 and {REAL}",
        ),
        Law(
            "a result that is no leaf keeps no gradient",
            f"(product := {PRODUCT}).backward(gradient) or product.grad",
            "None",
        ),
        Law(
            "a result keeps its gradient after retain_grad()",
            f"(product := {PRODUCT}).retain_grad() or (product * 1).backward(gradient) or product.grad",
            "gradient * torch.ones_like(factor)",
            when=REAL,
        ),
        Law(
            "a leaf that inputs does not name gets no gradient",
            f"({LEAF} * (other := factor.detach().requires_grad_())).backward(gradient, inputs=[leaf]) or other.grad",
            "None",
        ),
        Law(
            "an input that the graph does not lead to gets no gradient",
            f"{PRODUCT}.backward(gradient, inputs=[other := factor.detach().requires_grad_()]) or other.grad",
            "None",
        ),
        Law(
            "a gradient requires no gradient of its own",
            f"({LEAF} * leaf).backward(gradient) or leaf.grad.requires_grad",
            "False",
        ),
        Law(
            "a gradient made with create_graph requires a gradient",
            f"({LEAF} * leaf).backward(gradient, create_graph=True)"
            " or [leaf.grad.requires_grad, setattr(leaf, 'grad', None)]",
            "[True, None]",
        ),
        Law(
            "a gradient made with create_graph can be differentiated",
            f"torch.autograd.backward({LEAF} * leaf, gradient, create_graph=True)"
            " or torch.autograd.grad([leaf.grad], leaf, factor) + (setattr(leaf, 'grad', None),)",
            "(factor * gradient + factor * gradient, None)",
            when=REAL,
        ),
        Law(
            "a wider incoming gradient is rounded to the leaf's dtype",
            f"{PRODUCT}.backward(gradient.double()) or leaf.grad",
            f"{PRODUCT}.backward(gradient) or leaf.grad",
            when=FRACTION,
        ),
        Law(
            "a change by way of data goes unnoticed",
            f"[{KEPT}, kept.data.zero_(), product.backward(gradient)][1]",
            "torch.zeros_like(factor)",
        ),
        Law(
            "a sum saves none of its operands",
            f"[total := {LEAF} + (kept := factor.clone()), kept.zero_(), total.backward(gradient), leaf.grad][-1]",
            "gradient",
        ),
    ),
    cost=Cost(
        dtypes=(),
        workload=workload_of_products,
        reference="elementwise",
    ),
)
