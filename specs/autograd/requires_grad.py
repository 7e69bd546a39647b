"""torch.Tensor.requires_grad_: a leaf marked as one that gradients are kept for."""

from conformance.spec import (
    COMPILED_MODES,
    COMPLEXES,
    FLOATS,
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

from ._graphs import LEAF, NO_LEAVES_INSIDE


def arguments(draw: Draw):
    return {"input": draw.tensor(draw.shape()), "flag": draw.boolean()}


def oracle(input, flag):
    """Nothing happens to the elements."""
    return input


def geometry(input, flag):
    return [View(input.shape, input.strides, input.offset)]


PLAIN = "(plain := input.detach())"
IMPOSSIBLE = (RuntimeError, TypeError)


def workload(size):
    return {"input": dense((size // 64, 64)), "flag": True}


spec = Spec(
    operation="torch.Tensor.requires_grad_",
    summary="Marks a floating or complex leaf, or takes the mark away; what is computed from marked leaves is tracked.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.requires_grad_.html",
    arguments=arguments,
    forms=(
        Form("input.detach().requires_grad_().data"),
        Form("input.detach().requires_grad_(True).data"),
        Form("input.detach().requires_grad_(requires_grad=True).data"),
        Form("input.detach().requires_grad_().requires_grad_(flag).data"),
        Form(f"setattr({PLAIN}, 'requires_grad', flag) or plain.requires_grad_().data"),
        Form("torch.autograd.Variable(input, requires_grad=True).data"),
        Form("torch.autograd.Variable(input, flag).requires_grad_().data"),
        Form("nn.Parameter(input).requires_grad_().data"),
        Form("nn.Parameter(data=input, requires_grad=flag).requires_grad_().data"),
    ),
    dtypes=FLOATS + COMPLEXES,
    oracle=oracle,
    memory=views("input", geometry),
    refusals=(
        Refusal("requires_grad_() on whole numbers", "torch.ones(3, dtype=torch.int64).requires_grad_()", RuntimeError),
        Refusal("requires_grad_() on bytes", "torch.ones(3, dtype=torch.uint8).requires_grad_()", RuntimeError),
        Refusal("requires_grad_() on booleans", "torch.ones(3, dtype=torch.bool).requires_grad_()", RuntimeError),
        Refusal(
            "the attribute requires_grad set on whole numbers",
            "setattr(torch.ones(3, dtype=torch.int32), 'requires_grad', True)",
            RuntimeError,
        ),
        Refusal(
            "torch.tensor of whole numbers with requires_grad=True",
            "torch.tensor([1, 2], requires_grad=True)",
            RuntimeError,
        ),
        Refusal(
            "torch.zeros of whole numbers with requires_grad=True",
            "torch.zeros(2, dtype=torch.int8, requires_grad=True)",
            RuntimeError,
        ),
        Refusal("a parameter of whole numbers", "nn.Parameter(torch.ones(3, dtype=torch.int64))", RuntimeError),
        Refusal("a string as the flag", "input.detach().requires_grad_('yes')", TypeError),
        Refusal("a number as the flag", "input.detach().requires_grad_(1)", TypeError),
        Refusal("None as the flag", "input.detach().requires_grad_(None)", TypeError),
        Refusal("two flags", "input.detach().requires_grad_(True, True)", TypeError),
        Refusal("a number for the attribute requires_grad", "setattr(input.detach(), 'requires_grad', 1)", IMPOSSIBLE),
        Refusal("requires_grad_(False) on a result", f"({LEAF} * 1).requires_grad_(False)", RuntimeError),
        Refusal(
            "the attribute requires_grad set to False on a result",
            f"setattr({LEAF} * 1, 'requires_grad', False)",
            RuntimeError,
        ),
        Refusal(
            "requires_grad_(False) on a view of a leaf", f"{LEAF}.view_as(leaf).requires_grad_(False)", RuntimeError
        ),
        Refusal(
            "requires_grad_() on an inference tensor",
            "torch.inference_mode()(input.clone)().requires_grad_()",
            RuntimeError,
        ),
        Refusal("setting is_leaf", f"setattr({LEAF}, 'is_leaf', False)", AttributeError),
        Refusal("setting grad_fn", f"setattr({LEAF}, 'grad_fn', None)", AttributeError),
        Refusal(
            "a grad of another shape than its leaf",
            f"setattr({LEAF}, 'grad', torch.zeros_like(input)[None])",
            RuntimeError,
        ),
        Refusal(
            "a grad of another dtype than its leaf",
            f"setattr({LEAF}, 'grad', torch.zeros(input.shape, dtype=torch.int32))",
            RuntimeError,
        ),
        Refusal("a number as the grad of a leaf", f"setattr({LEAF}, 'grad', 0.0)", TypeError),
        Refusal("a leaf as its own grad", f"setattr({LEAF}, 'grad', leaf)", RuntimeError),
        Refusal("retain_grad() on a tensor that requires no gradient", "input.detach().retain_grad()", RuntimeError),
        Refusal("a leaf added to in place", f"{LEAF}.add_(1)", RuntimeError),
        Refusal("a leaf added to by the operator +=", f"operator.iadd({LEAF}, 1)", RuntimeError),
        Refusal("zero_() on a leaf", f"{LEAF}.zero_()", RuntimeError),
        Refusal("copy_() on a leaf", f"{LEAF}.copy_(torch.zeros_like(input))", RuntimeError),
        Refusal("elements of a leaf set by indexing", f"operator.setitem({LEAF}, ..., 0)", RuntimeError),
        Refusal("zero_() on a view of a leaf", f"{LEAF}.view_as(leaf).zero_()", RuntimeError),
        Refusal("a view of a leaf multiplied by the operator *=", f"operator.imul({LEAF}[None], 0)", RuntimeError),
        Refusal("a leaf as out", f"torch.add(input, 1, out={LEAF})", RuntimeError),
        Refusal("a leaf as operand of a call with out=", f"torch.add({LEAF}, 1, out=out)", RuntimeError),
        Refusal("resize_() on a leaf", f"{LEAF}.resize_(input.numel() + 1)", RuntimeError),
        Refusal("numpy() on a leaf", f"{LEAF}.numpy()", RuntimeError, devices=("cpu",)),
        Refusal(
            "a NumPy function on a result that requires a gradient",
            f"np.add({LEAF} * 1, 0)",
            RuntimeError,
            devices=("cpu",),
        ),
    ),
    unsupported_modes=(
        *NO_LEAVES_INSIDE,
        *(
            UnsupportedMode(
                mode,
                RuntimeError,
                "an attribute that is set, Variable, and a Parameter that is made inside or changed, are not traced",
                when="'setattr' in form or 'Variable(' in form"
                " or ('Parameter(' in form and (made_inside or ('=flag' in form and not flag)))",
            )
            for mode in COMPILED_MODES
        ),
    ),
    laws=(
        Law(
            "requires_grad_() sets the flag that it is given",
            "input.detach().requires_grad_(flag).requires_grad",
            "flag",
        ),
        Law(
            "the attribute requires_grad sets the flag that it is given",
            f"setattr({PLAIN}, 'requires_grad', flag) or plain.requires_grad",
            "flag",
        ),
        Law("the last of two calls of requires_grad_() counts", f"{LEAF}.requires_grad_(flag).requires_grad", "flag"),
        Law("Parameter sets the flag that it is given", "nn.Parameter(input, flag).requires_grad", "flag"),
        Law("Variable sets the flag that it is given", "torch.autograd.Variable(input, flag).requires_grad", "flag"),
        Law("a Parameter requires a gradient unless told otherwise", "nn.Parameter(input).requires_grad", "True"),
        Law(
            "a new tensor requires no gradient unless told otherwise", "torch.zeros_like(input).requires_grad", "False"
        ),
        Law(
            "constructors set the flag that they are given",
            "torch.zeros_like(input, requires_grad=flag).requires_grad,"
            " torch.zeros(2, dtype=dtype, requires_grad=flag).requires_grad,"
            " torch.tensor([0, 1], dtype=dtype, requires_grad=flag).requires_grad",
            "flag, flag, flag",
        ),
        Law("requires_grad_() returns its own tensor", f"{PLAIN}.requires_grad_(flag) is plain", "True"),
        Law(
            "requires_grad_() leaves another tensor on the same memory as it was",
            f"{LEAF} is input or input.requires_grad",
            "False",
        ),
        Law(
            "a detached tensor that requires a gradient is a leaf",
            f"{LEAF}.is_leaf, leaf.grad_fn, leaf.grad",
            "True, None, None",
        ),
        Law(
            "a tensor that requires no gradient is a leaf",
            f"{PLAIN}.is_leaf, plain.grad_fn, plain.grad",
            "True, None, None",
        ),
        Law(
            "a result of tensors that require no gradient is a leaf",
            f"(total := {PLAIN} + 1).is_leaf, total.grad_fn",
            "True, None",
        ),
        Law(
            "a result of a leaf that requires a gradient is no leaf",
            f"(total := {LEAF} + 1).is_leaf, total.requires_grad, total.grad_fn is None",
            "False, True, False",
        ),
        Law(
            "a result requires a gradient if one operand does",
            f"({LEAF} + input).requires_grad, (input + leaf).requires_grad, (input + input).requires_grad",
            "True, True, False",
        ),
        Law(
            "requires_grad_() on a result returns its own tensor",
            f"(total := {LEAF} + 1).requires_grad_() is total",
            "True",
        ),
        Law(
            "views of a leaf require a gradient",
            f"{LEAF}.view_as(leaf).requires_grad, leaf[None].requires_grad, leaf[...].requires_grad,"
            " leaf.expand(2, *leaf.shape).requires_grad, leaf.mT.requires_grad if leaf.dim() > 1 else True",
            "(True,) * 5",
        ),
        Law(
            "views of a leaf are no leaves",
            f"{LEAF}.view_as(leaf).is_leaf, leaf[None].is_leaf, leaf.expand(2, *leaf.shape).is_leaf",
            "(False,) * 3",
        ),
        Law(
            "views of tensors that require no gradient require none",
            "input.view_as(input).requires_grad, input[None].requires_grad, input.expand(2, *input.shape).is_leaf",
            "False, False, True",
        ),
        Law(
            "a leaf written into a view makes the whole require a gradient",
            f"(whole := torch.zeros_like(input)).view_as(whole).copy_({LEAF}) is None"
            " or (whole.requires_grad, whole.is_leaf)",
            "True, False",
        ),
        Law(
            "the gradient of a whole goes back to the leaf written into its view",
            f"(whole := torch.zeros_like(input)).view_as(whole).copy_({LEAF}) is None"
            " or torch.autograd.grad(whole, leaf, input)",
            "[input]",
        ),
        Law(
            "results of whole numbers or booleans require no gradient",
            f"({LEAF} == leaf).requires_grad, leaf.isfinite().requires_grad, leaf.nonzero().requires_grad,"
            " leaf.bool().requires_grad",
            "(False,) * 4",
        ),
        Law(
            "conversions of a leaf to complex dtypes require a gradient",
            f"{LEAF}.to(torch.complex128).requires_grad, leaf.to(torch.complex64).requires_grad",
            "True, True",
        ),
        Law(
            "copies of a leaf require a gradient",
            f"{LEAF}.clone().requires_grad, leaf.contiguous().requires_grad",
            "True, True",
        ),
        Law("a tensor made like a leaf requires no gradient", f"torch.empty_like({LEAF}).requires_grad", "False"),
        Law(
            "a leaf keeps the grad that it is given",
            f"setattr({LEAF}, 'grad', kept := torch.zeros_like(input)) or leaf.grad is kept",
            "True",
        ),
        Law(
            "the flag of a leaf can be cleared and set again",
            f"{LEAF}.requires_grad_(False).requires_grad, leaf.requires_grad_().requires_grad",
            "False, True",
        ),
        Law(
            "a leaf whose flag was cleared can be written to",
            "input.clone().requires_grad_().requires_grad_(False).zero_()",
            "torch.zeros_like(input)",
        ),
        Law(
            "a result can be written to in place and stays differentiable",
            f"torch.autograd.grad(({LEAF} + 0).mul_(1).neg_().neg_(), leaf, input)",
            "[input]",
            when="'float' in dtype",
        ),
    ),
    cost=Cost(workload=workload, reference="view", growth_exponent=0.0),
)
