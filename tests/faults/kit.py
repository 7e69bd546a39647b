"""Faults: wrong implementations of torch's operations, planted from outside and taken out again.

A fault is a function `body(clean, ...)` that stands in for every public entry point of one operation. Its other
parameters are those of the operation; `clean` is the entry point that it replaces. Inside a body all of torch is clean.
"""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from random import Random
from typing import Any

import torch

from conformance.drawing.source import Rejected
from conformance.samples.sample import Sample, as_sample
from conformance.spec import Draw, Spec

Body = Callable[..., Any]

_OWNERS = {"torch": torch, "F": torch.nn.functional}
_OPERATORS = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.FloorDiv: "floordiv"}
_OPERATORS |= {ast.Mod: "mod", ast.Pow: "pow", ast.MatMult: "matmul"}
_COMPARISONS = {ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne"}


@dataclass(frozen=True)
class Fault:
    """One wrong implementation of `operation`; the title says in words what is wrong.

    `only`: the names of the entry points that are wrong; empty means all of them, modules left out as they go by way
    of functions. `seen_by`: the only check that can see it, where there is but one.
    """

    operation: str
    title: str
    body: Body
    only: tuple[str, ...] = ()
    seen_by: str = ""

    @contextmanager
    def planted(self, spec: Spec) -> Iterator[None]:
        """Make torch wrong in this way until the context ends."""
        with ExitStack() as undo:
            for entry in entry_points(spec):
                if entry.name in self.only or not (self.only or entry.of_module):
                    undo.callback(entry.replace(_stand_in(self.body, entry, spec)))
            yield


@dataclass(frozen=True)
class Entry:
    """One public name by which an operation is reached."""

    owner: Any
    name: str

    @property
    def in_place(self) -> bool:
        """Whether it writes to its first argument: add_, __iadd__, __setitem__."""
        return self.assigns or self.name.startswith("__i") or (self.name.endswith("_") and not self.name.endswith("__"))

    @property
    def assigns(self) -> bool:
        """Whether it is an assignment to a part of its first argument, which returns nothing."""
        return self.name == "__setitem__"

    @property
    def of_module(self) -> bool:
        """Whether it is what a module does when called."""
        return isinstance(self.owner, type) and issubclass(self.owner, torch.nn.Module)

    def replace(self, value: Any) -> Callable[[], None]:
        """Put `value` in its place; what comes back undoes that."""
        own = vars(self.owner).get(self.name)
        setattr(self.owner, self.name, value)
        if own is None:  # inherited, as most methods of torch.Tensor are
            return functools.partial(delattr, self.owner, self.name)
        return functools.partial(setattr, self.owner, self.name, own)


def entry_points(spec: Spec) -> list[Entry]:
    """The entry points that the forms of a spec call, each once."""
    found = [entry for form in spec.forms for call in _calls_in(form.call) for entry in _called(call)]
    return list(dict.fromkeys(entry for entry in found if hasattr(entry.owner, entry.name)))


def takes_tensors(spec: Spec) -> bool:
    """Whether there is a tensor among the arguments."""
    return any(sample.tensors for sample in samples_of(spec))


def samples_of(spec: Spec) -> tuple[Sample, ...]:
    """Some samples of a spec, always the same."""
    return _samples(spec.arguments)


@functools.cache
def _samples(arguments: Callable[[Draw], dict[str, Any]]) -> tuple[Sample, ...]:
    draw, found = Draw(Random(0).randint), []
    for _ in range(200):
        with suppress(Rejected):
            found.append(as_sample(arguments(draw)))
    return tuple(found)


def _calls_in(call: str) -> list[ast.AST]:
    """The call that an expression makes, or every call of a program of several statements."""
    body = ast.parse(textwrap.dedent(call).strip()).body
    if len(body) == 1 and isinstance(body[0], ast.Expr):
        return [body[0].value]
    return [node for one in body for node in ast.walk(one) if isinstance(node, (ast.Call, ast.BinOp))]


def _called(node: ast.AST) -> list[Entry]:
    if isinstance(node, ast.BinOp):
        return _dunders(_OPERATORS[type(node.op)])
    if isinstance(node, ast.Compare):
        return [Entry(torch.Tensor, f"__{_COMPARISONS[type(node.ops[0])]}__")]
    if isinstance(node, ast.UnaryOp):  # -input
        return [Entry(torch.Tensor, "__neg__")]
    if isinstance(node, ast.IfExp):
        return [*_called(node.body), *_called(node.orelse)]
    while not isinstance(node, ast.Call):
        if isinstance(node, ast.Name):  # input.data
            return []
        # leaf.backward() or leaf.grad; torch.topk(input, k).values
        node = node.values[0] if isinstance(node, ast.BoolOp) else node.value  # type: ignore[attr-defined]
    module = ast.unparse(node.func).startswith("nn.")
    if isinstance(node.func, ast.Call) and node.func.args and not module:  # torch.no_grad()(torch.mul)(input, other)
        return [entry for part in (node.func.func, ast.Call(node.func.args[0], [], [])) for entry in _called(part)]
    if isinstance(node.func, ast.Call):  # nn.Sigmoid()(input)
        return [Entry(getattr(torch.nn, ast.unparse(node.func.func).removeprefix("nn.")), "forward")]
    if not isinstance(node.func, ast.Attribute):
        return []
    owner, name = ast.unparse(node.func.value), node.func.attr
    if owner == "operator":
        return [Entry(torch.Tensor, f"__{name}__")] if name.startswith("i") else _dunders(name)
    first, *rest = owner.split(".")
    if first not in _OWNERS or "(" in owner:
        return [Entry(torch.Tensor, name)]
    return [Entry(functools.reduce(getattr, rest, _OWNERS[first]), name)]


def _dunders(name: str) -> list[Entry]:
    return [Entry(torch.Tensor, f"__{name}__"), Entry(torch.Tensor, f"__r{name}__")]


class Clean:
    """The original of one entry point, and what a body may ask about it.

    `calls` counts the calls that came since the fault was planted; `memory` is for bodies that remember.
    """

    def __init__(self, original: Callable[..., Any], entry: Entry, spec: Spec) -> None:
        self.original, self.name, self.in_place = original, entry.name, entry.in_place
        self.assigns = entry.assigns
        self.views = bool(spec.memory.of)
        self.calls = 0
        self.memory: dict[Any, Any] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the original returns; what an assignment wrote to."""
        result = self.original(*args, **kwargs)
        return args[0] if self.assigns else result


class CleanBackward(Clean):
    """The original of a `backward`, whose results are the gradients that it leaves with the leaves: it returns them,
    None for a leaf without one, and what a body returns in their place is put there."""

    leaves: tuple[torch.Tensor, ...] = ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.leaves = leaves_of(tensors_in(kwargs.get("tensors", args[:1])))
        super().__call__(*args, **kwargs)
        return tuple(leaf.grad for leaf in self.leaves)

    def leave(self, gradients: Any) -> None:
        """Put gradients into the leaves."""
        if isinstance(gradients, tuple):
            for leaf, gradient in zip(self.leaves, gradients, strict=True):
                leaf.grad = gradient


def leaves_of(roots: list[torch.Tensor]) -> tuple[torch.Tensor, ...]:
    """The leaves that the graph of some tensors leads to."""
    found = {id(root): root for root in roots if root.requires_grad and root.grad_fn is None}
    nodes = [root.grad_fn for root in roots]
    while nodes:
        node = nodes.pop()
        if hasattr(node, "variable"):
            found[id(node.variable)] = node.variable
        nodes += [following for following, _ in getattr(node, "next_functions", ())]
    return tuple(found.values())


class _Guard:
    """Set while a body runs."""

    busy = False


@contextmanager
def all_clean() -> Iterator[None]:
    """Inside, all of torch is as it was: for what a body leaves behind to be called later."""
    before, _Guard.busy = _Guard.busy, True
    try:
        yield
    finally:
        _Guard.busy = before


def _stand_in(body: Body, entry: Entry, spec: Spec) -> Callable[..., Any]:
    original = getattr(entry.owner, entry.name)
    clean = (CleanBackward if entry.name == "backward" else Clean)(original, entry, spec)
    parameters = inspect.signature(body)

    @functools.wraps(original, assigned=("__name__", "__qualname__", "__doc__"), updated=())
    def stand_in(*args: Any, **kwargs: Any) -> Any:
        if "axis" in kwargs:  # NumPy's name for dim
            kwargs["dim"] = kwargs.pop("axis")
        # view(dtype) is another operation than view(shape), and the engine reads results by it.
        reinterprets = entry.name == "view" and any(isinstance(value, torch.dtype) for value in args)
        if _Guard.busy or reinterprets or not fits(parameters, (clean, *args), kwargs):
            return original(*args, **kwargs)
        with all_clean():
            clean.calls += 1
            result = body(clean, *args, **kwargs)
            return clean.leave(result) if isinstance(clean, CleanBackward) else result

    return stand_in


def fits(parameters: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether a function with these parameters can be called so."""
    try:
        parameters.bind(*args, **kwargs)
    except TypeError:
        return False
    return True


# --- registration -------------------------------------------------------------------------------------------------

_REGISTERED: dict[str, list[Fault]] = {}


def fault(operation: str, title: str, only: tuple[str, ...] = (), seen_by: str = "") -> Callable[[Body], Body]:
    """Register the body that follows as a fault of an operation."""

    def register(body: Body) -> Body:
        _REGISTERED.setdefault(operation, []).append(Fault(operation, title, body, only, seen_by))
        return body

    return register


def plant(operation: str, *kinds: tuple[str, Body]) -> None:
    """Register faults of general kinds, each a (title, body), for an operation."""
    for title, body in kinds:
        fault(operation, title)(body)


def registered(operation: str) -> list[Fault]:
    """The faults that were registered for an operation."""
    return list(_REGISTERED.get(operation, ()))


def operations() -> list[str]:
    """The operations that faults were registered for."""
    return list(_REGISTERED)


# --- help for bodies ----------------------------------------------------------------------------------------------


def tensors_in(value: Any) -> list[torch.Tensor]:
    """The tensors of an argument or a result, in order."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, (tuple, list)):
        return [tensor for part in value for tensor in tensors_in(part)]
    return []


def changed(value: Any, change: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    """An argument or a tuple of results with `change` made to each of its tensors."""
    if isinstance(value, torch.Tensor):
        return change(value)
    if isinstance(value, (tuple, list)):
        parts = [changed(part, change) for part in value]
        return type(value)(parts) if type(value) in (tuple, list, torch.Size) else type(value)(tuple(parts))
    return value


def spoil(result: Any, change: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    """The result, holding what `change` makes of each of its tensors; `change` may spare one by returning it."""
    for tensor in tensors_in(result):
        plain = tensor.data  # as the original left it for autograd
        wrong = change(plain)
        if wrong is not plain and plain.numel():
            plain.copy_(wrong)
    return result


def shares_memory(first: torch.Tensor, second: torch.Tensor) -> bool:
    """Whether two tensors use one storage."""
    return bool(first.untyped_storage().data_ptr() == second.untyped_storage().data_ptr())


def is_dense(tensor: torch.Tensor) -> bool:
    """Whether the elements fill their memory without gap or overlap, in any order of dimensions."""
    expected = 1
    for stride, size in sorted(zip(tensor.stride(), tensor.shape, strict=True)):
        if size > 1 and stride != expected:
            return False
        expected *= max(size, 1)
    return True


def row_major(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of a contiguous tensor."""
    return tuple(torch.empty(shape, device="meta").stride())
