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
    Form,
    Law,
    Refusal,
    Spec,
    UnsupportedMode,
)

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
    claims=(
        Claim(
            name="half-squared-error",
            source="001 4.2",
            statement="For the mean of 0.5(y - (wx + b))^2 backward finds the slopes by which w and b are moved.",
            verdict=UPHELD,
            check="""
            x = 10 * torch.rand(20, 1)
            y = 2 * x + 5 + torch.randn(20, 1)
            w, b = torch.randn(1, requires_grad=True), torch.zeros(1, requires_grad=True)
            ((y - (w * x + b)) ** 2 / 2).mean().backward()
            error = (w * x + b - y).detach()
            close(w.grad, (error * x).mean(0), 1e-4) and close(b.grad, error.mean(0), 1e-4)
            """,
        ),
        Claim(
            name="fits-a-line",
            source="001 4.2",
            statement="A hundred steps down the gradient bring w and b to a noisy line y = 2x + 5.",
            verdict=UPHELD,
            check="""
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
            name="three-leaves",
            source="001 5.1",
            statement="From z = (a + b)(b - c) gradients go back along the graph to a, b and c.",
            verdict=UPHELD,
            check="""
            a, b, c = [torch.tensor(value, requires_grad=True) for value in (1.0, 2.0, 5.0)]
            ((a + b) * (b - c)).backward()
            [leaf.grad.item() for leaf in (a, b, c)] == [-3, 0, -3]
            """,
            note="b - c, a + 2b - c and -(a + b)",
        ),
        Claim(
            name="graph-is-released",
            source="001 5.1",
            statement="After a backward pass the graph is gone and cannot be used a second time.",
            verdict=UPHELD,
            check="""
            y = torch.tensor(3.0, requires_grad=True) ** 2
            y.backward()
            raises("y.backward()", RuntimeError)
            """,
        ),
        Claim(
            name="every-graph-is-released",
            source="001 5.1",
            statement="Whatever was computed, its graph is gone after one pass.",
            verdict=AMBIGUOUS,
            check="""
            x = torch.tensor(3.0, requires_grad=True)
            y = x + 1
            y.backward()
            y.backward()
            x.grad.item() == 2
            """,
            note="only saved tensors are given up: a graph that saved none can be used again, as is checked here",
        ),
        Claim(
            name="retained-graph",
            source="001 5.1",
            statement="With retain_graph=True another pass can follow.",
            verdict=UPHELD,
            check="""
            x = torch.tensor(3.0, requires_grad=True)
            y = x ** 2
            y.backward(retain_graph=True)
            y.backward()
            x.grad.item() == 12
            """,
        ),
        Claim(
            name="higher-derivatives",
            source="001 5.1",
            statement="create_graph=True makes a graph of the derivative, from which higher ones come.",
            verdict=UPHELD,
            check="""
            x = torch.tensor(2.0, requires_grad=True)
            derivative = x ** 4
            for order in range(3):
                derivative, = torch.autograd.grad(derivative, x, create_graph=True)
            derivative.item() == 48
            """,
        ),
        Claim(
            name="weights-1-1",
            source="001 5.1",
            statement="Two losses with slopes 5 and 2, weighted 1 and 1, give the gradient 7.",
            verdict=UPHELD,
            check="""
            w, x = torch.tensor([1.0], requires_grad=True), torch.tensor([2.0], requires_grad=True)
            losses = torch.cat([(w + x) * (w + 1), w + x + w + 1])
            losses.backward(gradient=torch.ones(2))
            w.grad.item() == 7
            """,
            note="made again with w = 1 and x = 2",
        ),
        Claim(
            name="weights-1-2",
            source="001 5.1",
            statement="Weighted 1 and 2 the same losses give 9.",
            verdict=UPHELD,
            check="""
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
            name="several-losses-need-weights",
            source="001 5.1",
            statement="To differentiate several losses one must weight them.",
            verdict=UPHELD,
            check="""
            losses = torch.ones(2, requires_grad=True) * 2
            raises("losses.backward()", RuntimeError)
            """,
        ),
        Claim(
            name="weight-of-one-loss",
            source="001 5.1",
            statement="Without a weight a pass starts from 1.",
            verdict=UPHELD,
            check="""
            x, same = torch.tensor(3.0, requires_grad=True), torch.tensor(3.0, requires_grad=True)
            (x ** 2).backward()
            (same ** 2).backward(torch.tensor(1.0))
            torch.equal(x.grad, same.grad)
            """,
        ),
        Claim(
            name="weight-is-a-matrix",
            source="001 5.1",
            statement="The weight that it starts from is a 1x1 tensor.",
            verdict=REFUTED,
            check="""
            x = torch.tensor(3.0, requires_grad=True)
            (x ** 2).backward(torch.ones(1, 1))
            x.grad.item() == 6
            """,
            note="it has the shape of the loss; a 1x1 tensor is refused",
        ),
        Claim(
            name="graph-comes-first",
            source="001 5.1",
            statement="The forward pass makes the graph; backward walks it and leaves gradients in the leaves.",
            verdict=UPHELD,
            check="""
            x = torch.ones(2, requires_grad=True)
            hidden = 2 * x
            loss = hidden.sum()
            had_graph = loss.grad_fn is not None
            loss.backward()
            had_graph and x.grad is not None and hidden.grad is None
            """,
        ),
        Claim(
            name="needs-the-values-of-leaves",
            source="001 5.1(2)",
            statement="Leaves must not change in place, as backward still needs what they held.",
            verdict=UPHELD,
            check="""
            w, x = torch.tensor([2.0], requires_grad=True), torch.tensor([3.0], requires_grad=True)
            y = w * x
            with torch.no_grad():
                w += 1
            raises("y.backward()", RuntimeError)
            """,
            note="a change that no_grad let through is noticed",
        ),
        Claim(
            name="divided-by-n",
            source="003 6",
            statement="The slopes of w and b are added up over the points and divided by their number.",
            verdict=UPHELD,
            check="""
            x, y = torch.randn(2, 50, dtype=torch.float64)
            w, b = [torch.zeros((), dtype=torch.float64, requires_grad=True) for name in "wb"]
            ((w * x + b - y) ** 2).mean().backward()
            slope_of_w, slope_of_b = sum(-2 * s * t for s, t in zip(x, y)) / 50, sum(-2 * t for t in y) / 50
            close(w.grad, slope_of_w, 1e-10) and close(b.grad, slope_of_b, 1e-10)
            """,
        ),
        Claim(
            name="weights-of-a-perceptron",
            source="003 41-42",
            statement="The gradient of a weight comes from the output node and the input that it joins.",
            verdict=UPHELD,
            check="""
            x = torch.randn(1, 10, dtype=torch.float64)
            w = torch.randn(1, 10, dtype=torch.float64, requires_grad=True)
            output = torch.sigmoid((x * w).sum())
            (0.5 * (output - 1) ** 2).backward()
            close(w.grad, (output - 1) * output * (1 - output) * x, 1e-12)
            """,
            note="the formula is a picture in the document and filled in here",
        ),
        Claim(
            name="from-back-to-front",
            source="003 37-40",
            statement="backward goes from the back to the front.",
            verdict=UPHELD,
            check="""
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
            name="loss-of-ones-own",
            source="004 Custom loss",
            statement="A loss that the user wrote, the fourth power, trains as those of torch do.",
            verdict=UPHELD,
            check="""
            output = torch.randn(30, dtype=torch.float64, requires_grad=True)
            wanted = torch.randn(30, dtype=torch.float64)
            ((output - wanted) ** 4).mean().backward()
            close(output.grad, 4 / 30 * (output - wanted) ** 3, 1e-10)
            """,
        ),
        Claim(
            name="gradients-add-up",
            source="001 5.1(2)",
            statement="grad is not cleared by itself but adds up over passes until zero_() clears it.",
            verdict=UPHELD,
            check="""
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
            name="graph-has-cycles",
            source="001 5.1",
            statement="The graph that autograd builds while it runs is cyclic.",
            verdict=REFUTED,
            check="""
            x = torch.ones(2, requires_grad=True)
            root = ((2 * x + x) * (2 * x - x)).sum().grad_fn
            def comes_back(node, path):
                return node in path or any(comes_back(one, path + [node]) for one, _ in node.next_functions if one)
            comes_back(root, [])
            """,
            note="it is acyclic; the document translates directed acyclic graph",
        ),
        Claim(
            name="differentiates-everything",
            source="001 5.1",
            statement="autograd differentiates all operations on tensors.",
            verdict=REFUTED,
            check="""
            x = torch.randn(4, requires_grad=True)
            all(result.requires_grad for result in (x.exp(), x.sort().values, x.argmax(), x > 0))
            """,
            note="not those whose results are whole numbers or booleans",
        ),
        Claim(
            name="graph-goes-backwards",
            source="004 Tensors",
            statement="Tensors carry a graph that leads back over all operations done to them.",
            verdict=UPHELD,
            check="""
            node = (3 * torch.ones(2, requires_grad=True)).exp().sum().grad_fn
            names = []
            while node is not None:
                names.append(node.name())
                node = node.next_functions[0][0] if node.next_functions else None
            [name.partition("Backward")[0] for name in names[:3]] == ["Sum", "Exp", "Mul"]
            """,
        ),
        Claim(
            name="checkpoint-computes-again",
            source="001 1.5",
            statement="checkpoint drops what was computed on the way and computes it again for the backward pass.",
            verdict=UPHELD,
            check="""
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
            name="checkpoint-keeps-less",
            source="001 1.5",
            statement="With checkpoint less memory is held for the backward pass.",
            verdict=UPHELD,
            check="""
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
