"""torch.Tensor.requires_grad_: a leaf marked as one that gradients are kept for."""

from conformance.spec import (
    COMPLEXES,
    FLOATS,
    OUTDATED,
    REFUTED,
    UPHELD,
    Claim,
    Cost,
    Draw,
    Form,
    Lack,
    Law,
    Refusal,
    Spec,
    View,
    dense,
    views,
)


def arguments(draw: Draw):
    return {"input": draw.tensor(draw.shape()), "flag": draw.boolean()}


def oracle(input, flag):
    """Nothing happens to the elements."""
    return input


def geometry(input, flag):
    return [View(input.shape, input.strides, input.offset)]


LEAF = "(leaf := input.detach().requires_grad_())"
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
        Refusal("whole numbers", "torch.ones(3, dtype=torch.int64).requires_grad_()", RuntimeError),
        Refusal("bytes", "torch.ones(3, dtype=torch.uint8).requires_grad_()", RuntimeError),
        Refusal("booleans", "torch.ones(3, dtype=torch.bool).requires_grad_()", RuntimeError),
        Refusal(
            "whole numbers, by the attribute",
            "setattr(torch.ones(3, dtype=torch.int32), 'requires_grad', True)",
            RuntimeError,
        ),
        Refusal("new whole numbers", "torch.tensor([1, 2], requires_grad=True)", RuntimeError),
        Refusal("new zeros of whole numbers", "torch.zeros(2, dtype=torch.int8, requires_grad=True)", RuntimeError),
        Refusal("a parameter of whole numbers", "nn.Parameter(torch.ones(3, dtype=torch.int64))", RuntimeError),
        Refusal("a flag that is a word", "input.detach().requires_grad_('yes')", TypeError),
        Refusal("a flag that is a number", "input.detach().requires_grad_(1)", TypeError),
        Refusal("no flag", "input.detach().requires_grad_(None)", TypeError),
        Refusal("two flags", "input.detach().requires_grad_(True, True)", TypeError),
        Refusal("an attribute that is a number", "setattr(input.detach(), 'requires_grad', 1)", IMPOSSIBLE),
        Refusal("the mark of a result taken away", f"({LEAF} * 1).requires_grad_(False)", RuntimeError),
        Refusal("the same by the attribute", f"setattr({LEAF} * 1, 'requires_grad', False)", RuntimeError),
        Refusal("the mark of a view taken away", f"{LEAF}.view_as(leaf).requires_grad_(False)", RuntimeError),
        Refusal(
            "an inference tensor marked",
            "torch.inference_mode()(input.clone)().requires_grad_()",
            RuntimeError,
        ),
        Refusal("being a leaf, set", f"setattr({LEAF}, 'is_leaf', False)", AttributeError),
        Refusal("the function that made it, set", f"setattr({LEAF}, 'grad_fn', None)", AttributeError),
        Refusal("a gradient of another shape", f"setattr({LEAF}, 'grad', torch.zeros_like(input)[None])", RuntimeError),
        Refusal(
            "a gradient of another dtype",
            f"setattr({LEAF}, 'grad', torch.zeros(input.shape, dtype=torch.int32))",
            RuntimeError,
        ),
        Refusal("a gradient that is no tensor", f"setattr({LEAF}, 'grad', 0.0)", TypeError),
        Refusal("a leaf as its own gradient", f"setattr({LEAF}, 'grad', leaf)", RuntimeError),
        Refusal("a gradient kept for a plain tensor", "input.detach().retain_grad()", RuntimeError),
        Refusal("a leaf added to in place", f"{LEAF}.add_(1)", RuntimeError),
        Refusal("by an operator", f"operator.iadd({LEAF}, 1)", RuntimeError),
        Refusal("a leaf filled", f"{LEAF}.zero_()", RuntimeError),
        Refusal("a leaf copied to", f"{LEAF}.copy_(torch.zeros_like(input))", RuntimeError),
        Refusal("an element of a leaf set", f"operator.setitem({LEAF}, ..., 0)", RuntimeError),
        Refusal("a view of a leaf filled", f"{LEAF}.view_as(leaf).zero_()", RuntimeError),
        Refusal("a view of a leaf that an operator changes", f"operator.imul({LEAF}[None], 0)", RuntimeError),
        Refusal("a leaf for out", f"torch.add(input, 1, out={LEAF})", RuntimeError),
        Refusal("a leaf among the operands of out", f"torch.add({LEAF}, 1, out=out)", RuntimeError),
        Refusal("a leaf resized", f"{LEAF}.resize_(input.numel() + 1)", RuntimeError),
        Refusal("NumPy's array of a leaf", f"{LEAF}.numpy()", RuntimeError),
        Refusal("NumPy's array of a result", f"np.add({LEAF} * 1, 0)", RuntimeError),
    ),
    lacks=(
        Lack("vmap", RuntimeError, "leaves cannot be made inside a transformed function"),
        Lack("functionalize", RuntimeError, "leaves cannot be made inside a transformed function"),
    ),
    laws=(
        Law("the flag is what was asked for", "input.detach().requires_grad_(flag).requires_grad", "flag"),
        Law("so it is by the attribute", f"setattr({PLAIN}, 'requires_grad', flag) or plain.requires_grad", "flag"),
        Law("the last word counts", f"{LEAF}.requires_grad_(flag).requires_grad", "flag"),
        Law("so it does for parameters", "nn.Parameter(input, flag).requires_grad", "flag"),
        Law("and for variables", "torch.autograd.Variable(input, flag).requires_grad", "flag"),
        Law("parameters are marked if nothing is said", "nn.Parameter(input).requires_grad", "True"),
        Law("new tensors are not", "torch.zeros_like(input).requires_grad", "False"),
        Law(
            "unless they are to be",
            "torch.zeros_like(input, requires_grad=flag).requires_grad,"
            " torch.zeros(2, dtype=dtype, requires_grad=flag).requires_grad,"
            " torch.tensor([0, 1], dtype=dtype, requires_grad=flag).requires_grad",
            "flag, flag, flag",
        ),
        Law("the tensor itself comes back", f"{PLAIN}.requires_grad_(flag) is plain", "True"),
        Law("others on its memory are not marked", f"{LEAF} is input or input.requires_grad", "False"),
        Law("a marked tensor is a leaf", f"{LEAF}.is_leaf, leaf.grad_fn, leaf.grad", "True, None, None"),
        Law("so is a plain one", f"{PLAIN}.is_leaf, plain.grad_fn, plain.grad", "True, None, None"),
        Law("a plain result is a leaf too", f"(total := {PLAIN} + 1).is_leaf, total.grad_fn", "True, None"),
        Law(
            "a result of a leaf is none",
            f"(total := {LEAF} + 1).is_leaf, total.requires_grad, total.grad_fn is None",
            "False, True, False",
        ),
        Law(
            "one marked operand is enough",
            f"({LEAF} + input).requires_grad, (input + leaf).requires_grad, (input + input).requires_grad",
            "True, True, False",
        ),
        Law("a mark on a result changes nothing", f"(total := {LEAF} + 1).requires_grad_() is total", "True"),
        Law(
            "views of a leaf are tracked",
            f"{LEAF}.view_as(leaf).requires_grad, leaf[None].requires_grad, leaf[...].requires_grad,"
            " leaf.expand(2, *leaf.shape).requires_grad, leaf.mT.requires_grad if leaf.dim() > 1 else True",
            "(True,) * 5",
        ),
        Law(
            "and are no leaves",
            f"{LEAF}.view_as(leaf).is_leaf, leaf[None].is_leaf, leaf.expand(2, *leaf.shape).is_leaf",
            "(False,) * 3",
        ),
        Law(
            "views of plain tensors are not tracked",
            "input.view_as(input).requires_grad, input[None].requires_grad, input.expand(2, *input.shape).is_leaf",
            "False, False, True",
        ),
        Law(
            "what is written into a view is tracked in the whole",
            f"(whole := torch.zeros_like(input)).view_as(whole).copy_({LEAF}) is None"
            " or (whole.requires_grad, whole.is_leaf)",
            "True, False",
        ),
        Law(
            "and its gradient goes back",
            f"(whole := torch.zeros_like(input)).view_as(whole).copy_({LEAF}) is None"
            " or torch.autograd.grad(whole, leaf, input)",
            "[input]",
        ),
        Law(
            "whole numbers and booleans are not tracked",
            f"({LEAF} == leaf).requires_grad, leaf.isfinite().requires_grad, leaf.nonzero().requires_grad,"
            " leaf.bool().requires_grad",
            "(False,) * 4",
        ),
        Law(
            "other dtypes with fractions are",
            f"{LEAF}.to(torch.complex128).requires_grad, leaf.to(torch.complex64).requires_grad",
            "True, True",
        ),
        Law("copies are", f"{LEAF}.clone().requires_grad, leaf.contiguous().requires_grad", "True, True"),
        Law("tensors made like it are not", f"torch.empty_like({LEAF}).requires_grad", "False"),
        Law(
            "a leaf keeps the gradient that it is given",
            f"setattr({LEAF}, 'grad', kept := torch.zeros_like(input)) or leaf.grad is kept",
            "True",
        ),
        Law(
            "the mark can be taken away and given back",
            f"{LEAF}.requires_grad_(False).requires_grad, leaf.requires_grad_().requires_grad",
            "False, True",
        ),
        Law(
            "a leaf without its mark can be written to",
            "input.clone().requires_grad_().requires_grad_(False).zero_()",
            "torch.zeros_like(input)",
        ),
        Law(
            "a result can be written to and is tracked on",
            f"torch.autograd.grad(({LEAF} + 0).mul_(1).neg_().neg_(), leaf, input)",
            "[input]",
            when="'float' in dtype",
        ),
    ),
    cost=Cost(workload=workload, numpy="input.view()", growth=0.0),
    claims=(
        Claim(
            "unmarked-at-first",
            "001 3.1",
            "requires_grad is False for tensors that a user makes.",
            UPHELD,
            """
            made = [torch.tensor([1.0]), torch.zeros(2), torch.randn(2), torch.from_numpy(np.ones(2))]
            not any(tensor.requires_grad for tensor in made)
            """,
        ),
        Claim(
            "marked-is-tracked",
            "001 3.1",
            "Once requires_grad is True every operation is recorded, for backward to find the gradients.",
            UPHELD,
            """
            x = torch.tensor([1.0, 2.0])
            x.requires_grad = True
            (x * x).sum().backward()
            x.grad.tolist() == [2, 4]
            """,
        ),
        Claim(
            "results-inherit",
            "001 5.1(2)",
            "What depends on leaves that ask for gradients asks for them too.",
            UPHELD,
            """
            x, plain = torch.ones(2, requires_grad=True), torch.ones(2)
            with torch.no_grad():
                inside = x + plain
            [t.requires_grad for t in (x + plain, plain + plain, inside)] == [True, False, False]
            """,
            note="one of several is enough; not in no_grad",
        ),
        Claim(
            "leaves-stay",
            "001 5.1(2)",
            "Leaves take no change in place.",
            UPHELD,
            """
            w = torch.ones(1, requires_grad=True)
            raises("w.add_(1)", RuntimeError)
            """,
        ),
        Claim(
            "misspelt",
            "003 37-40",
            "A tensor is marked by requests_grad_().",
            REFUTED,
            "torch.ones(1).requests_grad_().requires_grad",
            note="a slip for requires_grad_",
        ),
        Claim(
            "marked-later",
            "003 37-40",
            "The mark can be given when a tensor is made, or afterwards.",
            UPHELD,
            """
            w = torch.full([1], 2.0)
            w.requires_grad_() is w and w.requires_grad and torch.full([1], 2.0, requires_grad=True).requires_grad
            """,
        ),
        Claim(
            "function-of-leaves",
            "001 3.1",
            "grad_fn names the function that made a tensor, and is_leaf tells leaves.",
            UPHELD,
            """
            x = torch.ones(2, requires_grad=True)
            y = 2 * x
            x.is_leaf and x.grad_fn is None and not y.is_leaf and y.grad_fn.name().startswith("Mul")
            """,
        ),
        Claim(
            "slice-backward",
            "004 Loss, optimizer and training",
            "A slice of a tracked tensor prints grad_fn=<SliceBackward>.",
            OUTDATED,
            """
            output = torch.rand(20, 1, requires_grad=True).sigmoid()
            repr(output[:10]).endswith("grad_fn=<SliceBackward>)")
            """,
            note="such names end in a number now: SliceBackward0",
        ),
    ),
)
