"""torch.Tensor.detach: the same memory in a tensor to which no gradient goes."""

from conformance.spec import (
    ALL,
    COMPILED_MODES,
    Cost,
    Draw,
    Form,
    Law,
    Refusal,
    Spec,
    UnsupportedMode,
    View,
    dense,
    views,
)

from ._graphs import NO_LEAVES_INSIDE


def arguments(draw: Draw):
    return {"input": draw.tensor(draw.shape())}


def oracle(input):
    return input


def geometry(input):
    return [View(input.shape, input.strides, input.offset)]


LEAF = "(leaf := input.clone().requires_grad_())"
ROOT = "(leaf := input.clone().requires_grad_()).sqrt()"
FLOATING = "'float' in dtype or 'complex' in dtype"


def workload(size):
    return {"input": dense((size // 64, 64))}


spec = Spec(
    operation="torch.Tensor.detach",
    summary="A tensor on the same memory, laid out alike, which no graph leads to and which asks for no gradient.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.detach.html",
    arguments=arguments,
    forms=(
        Form("input.detach()"),
        Form("torch.detach(input)"),
        Form("torch.detach(input=input)"),
        Form("input.detach().detach_()"),
        Form("torch.detach_(input.detach())"),
        Form("input.detach().requires_grad_().detach()", when=FLOATING),
        Form("input.detach().requires_grad_()[...].detach()", when=FLOATING),
        Form("input.data"),
        Form("torch.autograd.Variable(input)"),
        Form("torch.autograd.Variable(input, requires_grad=False)"),
        Form("nn.Parameter(input, requires_grad=False).data"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=views("input", geometry),
    unsupported_modes=(
        *(
            UnsupportedMode(
                mode,
                RuntimeError,
                "Variable, and a Parameter of a tensor made inside, are not traced",
                when="'Variable(' in form or ('Parameter(' in form and made_inside)",
            )
            for mode in COMPILED_MODES
        ),
        *(
            UnsupportedMode(
                lack.mode,
                lack.raises,
                lack.reason,
                when="'requires_grad_()' in form and ('float' in dtype or 'complex' in dtype)",
            )
            for lack in NO_LEAVES_INSIDE
        ),
        UnsupportedMode("vmap", RuntimeError, "a batched tensor has no data", when="form.endswith('.data')"),
        UnsupportedMode("vmap", RuntimeError, "a batched tensor is a view", when="'detach_(' in form"),
    ),
    refusals=(
        Refusal("an argument to detach()", "input.detach(0)", TypeError),
        Refusal("torch.detach without a tensor", "torch.detach()", TypeError),
        Refusal("a number in place of the tensor", "torch.detach(1.0)", TypeError),
        Refusal("a list in place of the tensor", "torch.detach([input])", TypeError),
        Refusal("detach_() on a view of a leaf", f"{LEAF}.view_as(input).detach_()", RuntimeError, when=FLOATING),
        Refusal("detach_() on a view of a plain tensor", "input.clone().view_as(input).detach_()", RuntimeError),
        Refusal("data called as a function", "input.data()", TypeError),
        Refusal("a number put in the place of data", "setattr(input.detach(), 'data', 1.0)", TypeError),
        Refusal("deleting data", "delattr(input.detach(), 'data')", RuntimeError),
        Refusal(
            "a backward pass from a detached tensor", f"{ROOT}.detach().backward(input)", RuntimeError, when=FLOATING
        ),
        Refusal("a backward pass from data", f"{ROOT}.data.backward(input)", RuntimeError, when=FLOATING),
        Refusal(
            "a gradient with respect to a detached leaf",
            f"torch.autograd.grad({ROOT}, leaf.detach(), input)",
            RuntimeError,
            when=FLOATING,
        ),
        Refusal(
            "a backward pass from a result whose detached tensor was written to",
            f"[root := {ROOT}, root.detach().zero_(), root.backward(input)]",
            RuntimeError,
            when=FLOATING,
        ),
        Refusal(
            "a backward pass from a result whose detached view was written to",
            f"[root := {ROOT}, root.detach().view_as(input).copy_(input), root.backward(input)]",
            RuntimeError,
            when=FLOATING,
        ),
        Refusal(
            "numpy() on the leaf that is not detached",
            f"{LEAF}.numpy()",
            RuntimeError,
            when=FLOATING,
            devices=("cpu",),
        ),
    ),
    laws=(
        Law("a detached leaf requires no gradient", f"{LEAF}.detach().requires_grad", "False", when=FLOATING),
        Law("a detached result requires no gradient", f"{ROOT}.detach().requires_grad", "False", when=FLOATING),
        Law("a detached result is a leaf", f"{ROOT}.detach().is_leaf", "True", when=FLOATING),
        Law("a detached result has no grad_fn", f"{ROOT}.detach().grad_fn", "None", when=FLOATING),
        Law("a detached leaf has no grad", f"{LEAF}.backward(input) or leaf.detach().grad", "None", when=FLOATING),
        Law(
            "a leaf still requires a gradient after detach()",
            f"{LEAF}.detach() is None or leaf.requires_grad",
            "True",
            when=FLOATING,
        ),
        Law("detach() returns another tensor object", "input.detach() is input", "False"),
        Law("detach_() returns its own tensor", "(first := input.detach()).detach_() is first", "True"),
        Law(
            "detach_() takes a result out of its graph",
            f"(root := {ROOT}).detach_() is root, root.requires_grad, root.grad_fn, root.is_leaf",
            "True, False, None, True",
            when=FLOATING,
        ),
        Law("a detached tensor keeps the conjugate bit", "input.detach().is_conj()", "input.is_conj()"),
        Law("a detached tensor keeps the negative bit", "input.detach().is_neg()", "input.is_neg()"),
        Law("data keeps the conjugate bit", "input.data.is_conj()", "input.is_conj()"),
        Law("data keeps the negative bit", "input.data.is_neg()", "input.is_neg()"),
        Law(
            "no gradient goes through a detached tensor",
            f"torch.autograd.grad({LEAF} + leaf.detach(), leaf, input)",
            "[input]",
            when=FLOATING,
        ),
        Law(
            "no gradient goes through data",
            f"torch.autograd.grad({LEAF} + leaf.data, leaf, input)",
            "[input]",
            when=FLOATING,
        ),
        Law(
            "a write to the detached tensor shows in the leaf",
            f"[{LEAF}.detach().zero_(), leaf][1]",
            "torch.zeros_like(input)",
            when=FLOATING,
        ),
        Law(
            "a write to the leaf shows in the detached tensor",
            f"[shown := {LEAF}.detach(), torch.no_grad()(leaf.zero_)(), shown][-1]",
            "torch.zeros_like(input)",
            when=FLOATING,
        ),
        Law(
            "a write to data goes unnoticed by the backward pass",
            f"[product := {LEAF} * leaf, leaf.data.zero_(), product.backward(torch.ones_like(input)), leaf.grad][-1]",
            "torch.zeros_like(input) + torch.zeros_like(input).conj()",
            when=FLOATING,
        ),
        Law(
            "data can be replaced by another tensor",
            "setattr(other := torch.zeros_like(input), 'data', input) or other.data_ptr()",
            "input.data_ptr()",
        ),
        Law(
            "a leaf stays a leaf when its data is replaced",
            f"setattr({LEAF}, 'data', input) or (leaf.requires_grad, leaf.is_leaf, leaf.data_ptr())",
            "True, True, input.data_ptr()",
            when=FLOATING,
        ),
        Law(
            "a detached result can be made to require a gradient",
            f"{ROOT}.detach().requires_grad_().requires_grad",
            "True",
            when=FLOATING,
        ),
        Law(
            "requires_grad_() on a detached tensor leaves the input as it was",
            "input.detach().requires_grad_() is input or input.requires_grad",
            "False",
            when=FLOATING,
        ),
        Law(
            "a clone of a detached tensor requires no gradient",
            f"{LEAF}.detach().clone().requires_grad",
            "False",
            when=FLOATING,
        ),
    ),
    cost=Cost(workload=workload, reference="view", growth_exponent=0.0),
)
