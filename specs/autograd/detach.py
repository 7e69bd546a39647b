"""torch.Tensor.detach: the same memory in a tensor to which no gradient goes."""

from conformance.spec import (
    ALL,
    REFUTED,
    UPHELD,
    Claim,
    Cost,
    Draw,
    Form,
    Law,
    Refusal,
    Spec,
    View,
    dense,
    views,
)


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
    refusals=(
        Refusal("an argument", "input.detach(0)", TypeError),
        Refusal("no tensor", "torch.detach()", TypeError),
        Refusal("a number", "torch.detach(1.0)", TypeError),
        Refusal("a list", "torch.detach([input])", TypeError),
        Refusal("a view, in place", f"{LEAF}.view_as(input).detach_()", RuntimeError, when=FLOATING),
        Refusal("a view of a plain tensor, in place", "input.clone().view_as(input).detach_()", RuntimeError),
        Refusal("data as a function", "input.data()", TypeError),
        Refusal("data that is no tensor", "setattr(input.detach(), 'data', 1.0)", TypeError),
        Refusal("data that cannot be taken away", "delattr(input.detach(), 'data')", RuntimeError),
        Refusal("a gradient of it", f"{ROOT}.detach().backward(input)", RuntimeError, when=FLOATING),
        Refusal("a gradient of data", f"{ROOT}.data.backward(input)", RuntimeError, when=FLOATING),
        Refusal(
            "a gradient back to it",
            f"torch.autograd.grad({ROOT}, leaf.detach(), input)",
            RuntimeError,
            when=FLOATING,
        ),
        Refusal(
            "a gradient of what was written to detached",
            f"[root := {ROOT}, root.detach().zero_(), root.backward(input)]",
            RuntimeError,
            when=FLOATING,
        ),
        Refusal(
            "a gradient of what was written to in a view of it",
            f"[root := {ROOT}, root.detach().view_as(input).copy_(input), root.backward(input)]",
            RuntimeError,
            when=FLOATING,
        ),
        Refusal("NumPy's array of what it came from", f"{LEAF}.numpy()", RuntimeError, when=FLOATING),
    ),
    laws=(
        Law("it asks for no gradient", f"{LEAF}.detach().requires_grad", "False", when=FLOATING),
        Law("nor does what was computed", f"{ROOT}.detach().requires_grad", "False", when=FLOATING),
        Law("it is a leaf", f"{ROOT}.detach().is_leaf", "True", when=FLOATING),
        Law("no function made it", f"{ROOT}.detach().grad_fn", "None", when=FLOATING),
        Law("it has no gradient", f"{LEAF}.backward(input) or leaf.detach().grad", "None", when=FLOATING),
        Law(
            "what it came from is tracked still",
            f"{LEAF}.detach() is None or leaf.requires_grad",
            "True",
            when=FLOATING,
        ),
        Law("it is another tensor", "input.detach() is input", "False"),
        Law("detached in place it is the same", "(first := input.detach()).detach_() is first", "True"),
        Law(
            "and tracked no more",
            f"(root := {ROOT}).detach_() is root, root.requires_grad, root.grad_fn, root.is_leaf",
            "True, False, None, True",
            when=FLOATING,
        ),
        Law("its conjugate bit stays", "input.detach().is_conj()", "input.is_conj()"),
        Law("its negative bit stays", "input.detach().is_neg()", "input.is_neg()"),
        Law("data keeps the conjugate bit", "input.data.is_conj()", "input.is_conj()"),
        Law("data keeps the negative bit", "input.data.is_neg()", "input.is_neg()"),
        Law(
            "no gradient goes through it",
            f"torch.autograd.grad({LEAF} + leaf.detach(), leaf, input)",
            "[input]",
            when=FLOATING,
        ),
        Law(
            "nor through data",
            f"torch.autograd.grad({LEAF} + leaf.data, leaf, input)",
            "[input]",
            when=FLOATING,
        ),
        Law(
            "what is written to it shows in a leaf",
            f"[{LEAF}.detach().zero_(), leaf][1]",
            "torch.zeros_like(input)",
            when=FLOATING,
        ),
        Law(
            "what is written to a leaf shows in it",
            f"[shown := {LEAF}.detach(), torch.no_grad()(leaf.zero_)(), shown][-1]",
            "torch.zeros_like(input)",
            when=FLOATING,
        ),
        Law(
            "what is written to data goes unnoticed",
            f"[product := {LEAF} * leaf, leaf.data.zero_(), product.backward(torch.ones_like(input)), leaf.grad][-1]",
            "torch.zeros_like(input) + torch.zeros_like(input).conj()",
            when=FLOATING,
        ),
        Law(
            "data can be put in another's place",
            "setattr(other := torch.zeros_like(input), 'data', input) or other.data_ptr()",
            "input.data_ptr()",
        ),
        Law(
            "a leaf stays one with other data",
            f"setattr({LEAF}, 'data', input) or (leaf.requires_grad, leaf.is_leaf, leaf.data_ptr())",
            "True, True, input.data_ptr()",
            when=FLOATING,
        ),
        Law("it can be marked anew", f"{ROOT}.detach().requires_grad_().requires_grad", "True", when=FLOATING),
        Law(
            "marking it marks nothing else",
            "input.detach().requires_grad_() is input or input.requires_grad",
            "False",
            when=FLOATING,
        ),
        Law("a copy of it is one without a graph", f"{LEAF}.detach().clone().requires_grad", "False", when=FLOATING),
    ),
    cost=Cost(workload=workload, numpy="input.view()", growth=0.0),
    claims=(
        Claim(
            "variable-is-a-tensor",
            "001 3.1",
            "Since version 0.4.0 a Variable is a Tensor.",
            UPHELD,
            """
            made = torch.autograd.Variable(torch.ones(2), requires_grad=True)
            type(made) is torch.Tensor and made.requires_grad
            """,
            note="the name is still there",
        ),
        Claim(
            "data-is-wrapped",
            "001 3.1",
            "data is the tensor inside.",
            UPHELD,
            """
            x = torch.ones(2, requires_grad=True)
            shares(x, x.data) and not x.data.requires_grad
            """,
            note="on the same memory, without a gradient",
        ),
        Claim(
            "ids-of-data",
            "001 4.1.3(1)",
            "That id() of data is the same for a tensor and its reshape shows that they share memory.",
            REFUTED,
            """
            t = torch.arange(8)
            first, second = t.data, t.reshape(2, 4).data
            shares(first, second) and id(first) == id(second)
            """,
            note="each access makes a new object, and ids agree only where the first is gone; data_ptr() tells",
        ),
    ),
)
