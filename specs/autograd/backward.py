"""torch.Tensor.backward: gradients added up in the leaves from which a tensor was computed."""

import numpy as np

from conformance.spec import (
    AMBIGUOUS,
    COMPLEXES,
    FLOATS,
    PRESERVED,
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
    dense,
    rounded,
)


def arguments(draw: Draw):
    """A leaf, what it is multiplied by, and the gradient of the product."""
    shape = draw.shape()
    return {"input": draw.tensor(shape), "factor": draw.tensor(shape), "gradient": draw.tensor(shape)}


def oracle(input, factor, gradient):
    return np.multiply(gradient, np.conj(factor))


def complex_bound(dtype, input, factor, gradient):
    """As a complex product: the square root of 5, and that of 2 where both parts underflow."""
    return 3.66


LEAF = "(leaf := input.detach().requires_grad_())"
PRODUCT = f"({LEAF} * factor)"
KEPT = "(product := input.detach().requires_grad_() * (kept := factor.clone()))"
OWN_LEAF = "(leaf := input.clone().requires_grad_())"
SEVERAL_PLACES = "not {0, 1} & {*input.shape}"
REAL = "'float' in dtype"
REAL_PLACES = f"{REAL} and {SEVERAL_PLACES}"
FRACTION = "dtype in ('float16', 'bfloat16', 'float32')"


def workload(size):
    shape = (size // 64, 64)
    return {"input": dense(shape), "factor": dense(shape), "gradient": dense(shape)}


spec = Spec(
    operation="torch.Tensor.backward",
    summary="Takes the gradient of a tensor back to its leaves and adds it to what their grad holds.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.backward.html",
    arguments=arguments,
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
    accuracy=rounded(
        complex_bound,
        "Brent, Percival & Zimmermann, Error bounds on complex floating-point multiplication, 2007, theorem 2",
    ),
    memory=PRESERVED,
    refusals=(
        Refusal(
            "a graph used twice",
            f"(product := {PRODUCT}).backward(gradient) or product.backward(gradient)",
            RuntimeError,
        ),
        Refusal(
            "a graph that was kept once, used three times",
            f"(product := {PRODUCT}).backward(gradient, retain_graph=True)"
            " or product.backward(gradient) or product.backward(gradient)",
            RuntimeError,
        ),
        Refusal("several elements without a gradient", f"{PRODUCT}.backward()", RuntimeError, when="input.numel != 1"),
        Refusal(
            "the same as a function",
            f"torch.autograd.backward([{PRODUCT}], [None])",
            RuntimeError,
            when="input.numel != 1",
        ),
        Refusal(
            "a complex number without a gradient",
            f"{PRODUCT}.sum().backward()",
            RuntimeError,
            when="'complex' in dtype",
        ),
        Refusal("a gradient with another dimension", f"{PRODUCT}.backward(gradient[None])", RuntimeError),
        Refusal(
            "a gradient that would broadcast",
            f"{PRODUCT}.backward(gradient[..., :1])",
            RuntimeError,
            when="input.rank > 0 and input.shape[-1] > 1",
        ),
        Refusal("a complex gradient of a real tensor", f"{PRODUCT}.backward(gradient + 1j)", RuntimeError, when=REAL),
        Refusal(
            "a real gradient of a complex tensor",
            f"{PRODUCT}.backward(gradient.real)",
            RuntimeError,
            when="'complex' in dtype",
        ),
        Refusal("a gradient that is no tensor", f"{PRODUCT}.backward(1.0)", TypeError),
        Refusal("a list of numbers for a gradient", f"{PRODUCT}.backward([1.0])", TypeError),
        Refusal("more tensors than gradients", f"torch.autograd.backward([{PRODUCT}] * 2, [gradient])", RuntimeError),
        Refusal(
            "gradients under two names",
            f"torch.autograd.backward({PRODUCT}, gradient, grad_variables=gradient)",
            RuntimeError,
        ),
        Refusal("no leaves to go to", f"{PRODUCT}.backward(gradient, inputs=[])", RuntimeError),
        Refusal("a plain tensor to go to", f"{PRODUCT}.backward(gradient, inputs=factor)", RuntimeError),
        Refusal("a number to go to", f"{PRODUCT}.backward(gradient, inputs=1)", TypeError),
        Refusal("tensors without a leaf", "(input * factor).backward(gradient)", RuntimeError),
        Refusal("a leaf detached", f"{LEAF}.detach().backward(gradient)", RuntimeError),
        Refusal("a product of no_grad", f"torch.no_grad()(torch.mul)({LEAF}, factor).backward(gradient)", RuntimeError),
        Refusal("a factor that changed since", f"[{KEPT}, kept.zero_(), product.backward(gradient)]", RuntimeError),
        Refusal(
            "a factor whose view changed since",
            f"[{KEPT}, kept.view_as(kept).zero_(), product.backward(gradient)]",
            RuntimeError,
        ),
        Refusal(
            "a factor that changed detached since",
            f"[{KEPT}, kept.detach().zero_(), product.backward(gradient)]",
            RuntimeError,
        ),
        Refusal(
            "a factor that changed in no_grad since",
            f"[{KEPT}, torch.no_grad()(kept.copy_)(gradient), product.backward(gradient)]",
            RuntimeError,
        ),
        Refusal(
            "a factor that out= wrote to since",
            f"[{KEPT}, torch.mul(input, factor, out=kept), product.backward(gradient)]",
            RuntimeError,
        ),
        Refusal(
            "a leaf that changed since",
            f"[product := {OWN_LEAF} * leaf, torch.no_grad()(leaf.zero_)(), product.backward(gradient)]",
            RuntimeError,
        ),
        Refusal(
            "a result that changed since",
            f"[root := {LEAF}.abs().sqrt(), product := root * 1, root.zero_(), product.backward(root)]",
            RuntimeError,
            when=REAL,
        ),
        Refusal(
            "a factor of inference_mode",
            f"{LEAF} * torch.inference_mode()(factor.clone)()",
            RuntimeError,
        ),
    ),
    lacks=(
        Lack("vmap", RuntimeError, "leaves cannot be made inside a transformed function"),
        Lack("functionalize", RuntimeError, "leaves cannot be made inside a transformed function"),
        Lack("aot_eager", RuntimeError, "a graph that is compiled whole takes no backward()"),
        Lack("inductor", RuntimeError, "a graph that is compiled whole takes no backward()"),
    ),
    laws=(
        Law(
            "two passes add up",
            f"(product := {PRODUCT}).backward(gradient, retain_graph=True) or product.backward(gradient) or leaf.grad",
            f"{PRODUCT}.backward(gradient) or leaf.grad + leaf.grad",
        ),
        Law(
            "passes over several graphs add up",
            f"{PRODUCT}.backward(gradient) or (leaf * gradient).backward(factor) or leaf.grad",
            f"({PRODUCT}.backward(gradient) or leaf.grad) + (({LEAF} * gradient).backward(factor) or leaf.grad)",
            when=REAL,
        ),
        Law(
            "so do several tensors of one pass",
            f"torch.autograd.backward([{PRODUCT}, leaf * gradient], [gradient, factor]) or leaf.grad",
            f"torch.autograd.backward([{PRODUCT}, leaf * gradient], [gradient, factor], inputs=[leaf]) or leaf.grad",
        ),
        Law(
            "and they are the sum of two passes",
            f"torch.autograd.backward([{PRODUCT}, leaf * gradient], [gradient, factor]) or leaf.grad",
            f"({PRODUCT}.backward(gradient) or leaf.grad) + (({LEAF} * gradient).backward(factor) or leaf.grad)",
            when=REAL,
        ),
        Law(
            "passes add up in one tensor",
            f"{PRODUCT}.backward(gradient) or (first := leaf.grad) is None or (leaf * 1).backward(gradient)"
            " or leaf.grad is first",
            "True",
        ),
        Law(
            "a gradient that was cleared starts anew",
            f"{PRODUCT}.backward(factor) or setattr(leaf, 'grad', None)"
            " or (leaf * factor).backward(gradient) or leaf.grad",
            f"{PRODUCT}.backward(gradient) or leaf.grad",
        ),
        Law(
            "a gradient is laid out as its leaf, or in rows where that has gaps",
            f"{PRODUCT}.backward(gradient) or leaf.grad.stride()",
            "input.stride() if torch.empty_like(input).stride() == input.stride()"
            " else torch.empty(input.shape).stride()",
            when=SEVERAL_PLACES,
        ),
        Law("a leaf hands its gradient to itself", f"{LEAF}.backward(gradient) or leaf.grad", "gradient"),
        Law(
            "not in the same memory",
            f"{LEAF}.backward(gradient) or leaf.grad.data_ptr() == gradient.data_ptr()",
            "False",
            when="input.numel > 0",
        ),
        Law(
            "the gradient of a single number is 1 where none is given",
            f"{PRODUCT}.backward() or leaf.grad",
            f"{PRODUCT}.backward(torch.ones_like(input)) or leaf.grad",
            when=f"input.numel == 1 and {REAL}",
        ),
        Law(
            "what is no leaf keeps no gradient",
            f"(product := {PRODUCT}).backward(gradient) or product.grad",
            "None",
        ),
        Law(
            "unless it is told to",
            f"(product := {PRODUCT}).retain_grad() or (product * 1).backward(gradient) or product.grad",
            "gradient * torch.ones_like(factor)",
            when=REAL,
        ),
        Law(
            "leaves that are not named get none",
            f"({LEAF} * (other := factor.detach().requires_grad_())).backward(gradient, inputs=[leaf]) or other.grad",
            "None",
        ),
        Law(
            "what is not on the way gets none",
            f"{PRODUCT}.backward(gradient, inputs=[other := factor.detach().requires_grad_()]) or other.grad",
            "None",
        ),
        Law(
            "a gradient has no gradient",
            f"({LEAF} * leaf).backward(gradient) or leaf.grad.requires_grad",
            "False",
        ),
        Law(
            "unless a graph of it is made",
            f"({LEAF} * leaf).backward(gradient, create_graph=True)"
            " or [leaf.grad.requires_grad, setattr(leaf, 'grad', None)]",
            "[True, None]",
        ),
        Law(
            "which has derivatives",
            f"torch.autograd.backward({LEAF} * leaf, gradient, create_graph=True)"
            " or torch.autograd.grad([leaf.grad], leaf, factor) + (setattr(leaf, 'grad', None),)",
            "(factor * gradient + factor * gradient, None)",
            when=REAL,
        ),
        Law(
            "a wider gradient is rounded",
            f"{PRODUCT}.backward(gradient.double()) or leaf.grad",
            f"{PRODUCT}.backward(gradient) or leaf.grad",
            when=FRACTION,
        ),
        Law(
            "nobody notices a change of data",
            f"[{KEPT}, kept.data.zero_(), product.backward(gradient)][1]",
            "torch.zeros_like(factor)",
        ),
        Law(
            "a sum keeps nothing that could change",
            f"[total := {LEAF} + (kept := factor.clone()), kept.zero_(), total.backward(gradient), leaf.grad][-1]",
            "gradient",
        ),
    ),
    cost=Cost(
        dtypes=(), workload=workload, numpy="np.multiply(input, factor), np.multiply(gradient, factor)", at_most=200.0
    ),
    claims=(
        Claim(
            "half-squared-error",
            "001 4.2",
            "For the mean of 0.5(y - (wx + b))^2 backward finds the slopes by which w and b are moved.",
            UPHELD,
            """
            x = 10 * torch.rand(20, 1)
            y = 2 * x + 5 + torch.randn(20, 1)
            w, b = torch.randn(1, requires_grad=True), torch.zeros(1, requires_grad=True)
            ((y - (w * x + b)) ** 2 / 2).mean().backward()
            error = (w * x + b - y).detach()
            close(w.grad, (error * x).mean(0), 1e-4) and close(b.grad, error.mean(0), 1e-4)
            """,
        ),
        Claim(
            "fits-a-line",
            "001 4.2",
            "A hundred steps down the gradient bring w and b to a noisy line y = 2x + 5.",
            UPHELD,
            """
            x = 10 * torch.rand(20, 1)
            y = 2 * x + 5 + torch.randn(20, 1)
            w, b = torch.randn(1, requires_grad=True), torch.zeros(1, requires_grad=True)
            for step in range(100):
                loss = ((y - (w * x + b)) ** 2 / 2).mean()
                loss.backward()
                for leaf in (w, b):
                    leaf.data.sub_(0.05 * leaf.grad)
                    leaf.grad.zero_()
            bool(loss < 2 and abs(w - 2) < 0.5 and 2.5 < b < 7)
            """,
            note="the document names no rate; with 0.05 b is still on its way",
        ),
        Claim(
            "three-leaves",
            "001 5.1",
            "From z = (a + b)(b - c) gradients go back along the graph to a, b and c.",
            UPHELD,
            """
            a, b, c = [torch.tensor(value, requires_grad=True) for value in (1.0, 2.0, 5.0)]
            ((a + b) * (b - c)).backward()
            [leaf.grad.item() for leaf in (a, b, c)] == [-3, 0, -3]
            """,
            note="b - c, a + 2b - c and -(a + b)",
        ),
        Claim(
            "graph-is-released",
            "001 5.1",
            "After a backward pass the graph is gone and cannot be used a second time.",
            UPHELD,
            """
            y = torch.tensor(3.0, requires_grad=True) ** 2
            y.backward()
            raises("y.backward()", RuntimeError)
            """,
        ),
        Claim(
            "every-graph-is-released",
            "001 5.1",
            "Whatever was computed, its graph is gone after one pass.",
            AMBIGUOUS,
            """
            x = torch.tensor(3.0, requires_grad=True)
            y = x + 1
            y.backward()
            y.backward()
            x.grad.item() == 2
            """,
            note="only saved tensors are given up: a graph that saved none can be used again, as is checked here",
        ),
        Claim(
            "retained-graph",
            "001 5.1",
            "With retain_graph=True another pass can follow.",
            UPHELD,
            """
            x = torch.tensor(3.0, requires_grad=True)
            y = x ** 2
            y.backward(retain_graph=True)
            y.backward()
            x.grad.item() == 12
            """,
        ),
        Claim(
            "higher-derivatives",
            "001 5.1",
            "create_graph=True makes a graph of the derivative, from which higher ones come.",
            UPHELD,
            """
            x = torch.tensor(2.0, requires_grad=True)
            derivative = x ** 4
            for order in range(3):
                derivative, = torch.autograd.grad(derivative, x, create_graph=True)
            derivative.item() == 48
            """,
        ),
        Claim(
            "weights-1-1",
            "001 5.1",
            "Two losses with slopes 5 and 2, weighted 1 and 1, give the gradient 7.",
            UPHELD,
            """
            w, x = torch.tensor([1.0], requires_grad=True), torch.tensor([2.0], requires_grad=True)
            losses = torch.cat([(w + x) * (w + 1), w + x + w + 1])
            losses.backward(gradient=torch.ones(2))
            w.grad.item() == 7
            """,
            note="made again with w = 1 and x = 2",
        ),
        Claim(
            "weights-1-2",
            "001 5.1",
            "Weighted 1 and 2 the same losses give 9.",
            UPHELD,
            """
            w, x = torch.tensor([1.0], requires_grad=True), torch.tensor([2.0], requires_grad=True)
            losses = torch.cat([(w + x) * (w + 1), w + x + w + 1])
            losses.backward(gradient=torch.tensor([1.0, 2.0]), retain_graph=True)
            first = w.grad.item()
            losses.backward(gradient=torch.ones(2))
            (first, w.grad.item()) == (9, 16)
            """,
            note="as printed, one after the other, the second call would add up to 16",
        ),
        Claim(
            "several-losses-need-weights",
            "001 5.1",
            "To differentiate several losses one must weight them.",
            UPHELD,
            """
            losses = torch.ones(2, requires_grad=True) * 2
            raises("losses.backward()", RuntimeError)
            """,
        ),
        Claim(
            "weight-of-one-loss",
            "001 5.1",
            "Without a weight a pass starts from 1.",
            UPHELD,
            """
            x, same = torch.tensor(3.0, requires_grad=True), torch.tensor(3.0, requires_grad=True)
            (x ** 2).backward()
            (same ** 2).backward(torch.tensor(1.0))
            torch.equal(x.grad, same.grad)
            """,
        ),
        Claim(
            "weight-is-a-matrix",
            "001 5.1",
            "The weight that it starts from is a 1x1 tensor.",
            REFUTED,
            """
            x = torch.tensor(3.0, requires_grad=True)
            (x ** 2).backward(torch.ones(1, 1))
            x.grad.item() == 6
            """,
            note="it has the shape of the loss; a 1x1 tensor is refused",
        ),
        Claim(
            "graph-comes-first",
            "001 5.1",
            "The forward pass makes the graph; backward walks it and leaves gradients in the leaves.",
            UPHELD,
            """
            x = torch.ones(2, requires_grad=True)
            hidden = 2 * x
            loss = hidden.sum()
            had_graph = loss.grad_fn is not None
            loss.backward()
            had_graph and x.grad is not None and hidden.grad is None
            """,
        ),
        Claim(
            "needs-the-values-of-leaves",
            "001 5.1(2)",
            "Leaves must not change in place, as backward still needs what they held.",
            UPHELD,
            """
            w, x = torch.tensor([2.0], requires_grad=True), torch.tensor([3.0], requires_grad=True)
            y = w * x
            with torch.no_grad():
                w += 1
            raises("y.backward()", RuntimeError)
            """,
            note="a change that no_grad let through is noticed",
        ),
        Claim(
            "divided-by-n",
            "003 6",
            "The slopes of w and b are added up over the points and divided by their number.",
            UPHELD,
            """
            x, y = torch.randn(2, 50, dtype=torch.float64)
            w, b = [torch.zeros((), dtype=torch.float64, requires_grad=True) for name in "wb"]
            ((w * x + b - y) ** 2).mean().backward()
            slope_of_w, slope_of_b = sum(-2 * s * t for s, t in zip(x, y)) / 50, sum(-2 * t for t in y) / 50
            close(w.grad, slope_of_w, 1e-10) and close(b.grad, slope_of_b, 1e-10)
            """,
        ),
        Claim(
            "weights-of-a-perceptron",
            "003 41-42",
            "The gradient of a weight comes from the output node and the input that it joins.",
            UPHELD,
            """
            x = torch.randn(1, 10, dtype=torch.float64)
            w = torch.randn(1, 10, dtype=torch.float64, requires_grad=True)
            output = torch.sigmoid((x * w).sum())
            (0.5 * (output - 1) ** 2).backward()
            close(w.grad, (output - 1) * output * (1 - output) * x, 1e-12)
            """,
            note="the formula is a picture in the document and filled in here",
        ),
        Claim(
            "from-back-to-front",
            "003 37-40",
            "backward goes from the back to the front.",
            UPHELD,
            """
            order = []
            x = torch.ones(1, requires_grad=True)
            first = 2 * x
            second = 3 * first
            x.register_hook(order.append), first.register_hook(order.append), second.register_hook(order.append)
            (4 * second).backward()
            [gradient.item() for gradient in order] == [4, 12, 24] and x.grad.item() == 24
            """,
        ),
        Claim(
            "loss-of-ones-own",
            "004 Custom loss",
            "A loss that the user wrote, the fourth power, trains as those of torch do.",
            UPHELD,
            """
            output = torch.randn(30, dtype=torch.float64, requires_grad=True)
            wanted = torch.randn(30, dtype=torch.float64)
            ((output - wanted) ** 4).mean().backward()
            close(output.grad, 4 / 30 * (output - wanted) ** 3, 1e-10)
            """,
        ),
        Claim(
            "gradients-add-up",
            "001 5.1(2)",
            "grad is not cleared by itself but adds up over passes until zero_() clears it.",
            UPHELD,
            """
            w = torch.ones(1, requires_grad=True)
            seen = []
            for step in range(3):
                (5 * w).backward()
                seen.append(w.grad.item())
            w.grad.zero_()
            (5 * w).backward()
            seen + w.grad.tolist() == [5, 10, 15, 5]
            """,
        ),
        Claim(
            "graph-has-cycles",
            "001 5.1",
            "The graph that autograd builds while it runs is cyclic.",
            REFUTED,
            """
            x = torch.ones(2, requires_grad=True)
            root = ((2 * x + x) * (2 * x - x)).sum().grad_fn
            def comes_back(node, path):
                return node in path or any(comes_back(one, path + [node]) for one, _ in node.next_functions if one)
            comes_back(root, [])
            """,
            note="it is acyclic; the document translates directed acyclic graph",
        ),
        Claim(
            "differentiates-everything",
            "001 5.1",
            "autograd differentiates all operations on tensors.",
            REFUTED,
            """
            x = torch.randn(4, requires_grad=True)
            all(result.requires_grad for result in (x.exp(), x.sort().values, x.argmax(), x > 0))
            """,
            note="not those whose results are whole numbers or booleans",
        ),
        Claim(
            "graph-goes-backwards",
            "004 Tensors",
            "Tensors carry a graph that leads back over all operations done to them.",
            UPHELD,
            """
            node = (3 * torch.ones(2, requires_grad=True)).exp().sum().grad_fn
            names = []
            while node is not None:
                names.append(node.name())
                node = node.next_functions[0][0] if node.next_functions else None
            [name.partition("Backward")[0] for name in names[:3]] == ["Sum", "Exp", "Mul"]
            """,
        ),
        Claim(
            "checkpoint-computes-again",
            "001 1.5",
            "checkpoint drops what was computed on the way and computes it again for the backward pass.",
            UPHELD,
            """
            from torch.utils.checkpoint import checkpoint
            runs = []
            def block(x):
                runs.append(len(runs))
                return x.exp().sin().sum()
            x = torch.randn(5, requires_grad=True)
            plain, = torch.autograd.grad(block(x), x)
            runs.clear()
            checkpoint(block, x, use_reentrant=False).backward()
            torch.equal(x.grad, plain) and len(runs) == 2
            """,
        ),
        Claim(
            "checkpoint-keeps-less",
            "001 1.5",
            "With checkpoint less memory is held for the backward pass.",
            UPHELD,
            """
            from torch.utils.checkpoint import checkpoint
            saved = []
            def block(x):
                for step in range(6):
                    x = (-x).exp().sin()
                return x
            def pack(tensor):
                saved.append(tensor.numel())
                return tensor
            x = torch.randn(10, requires_grad=True)
            with torch.autograd.graph.saved_tensors_hooks(pack, torch.clone):
                block(x)
                plain = sum(saved)
                saved.clear()
                checkpoint(block, x, use_reentrant=False)
            sum(saved) < plain
            """,
            note="counted in elements saved",
        ),
    ),
)
