"""How much of torch the specs reach: the overloads of the dispatcher and the derivative formulas that they call.

    python benchmarks/reach.py                          # every spec: two minutes on two cores
    python benchmarks/reach.py torch.cat torch.add      # some operations
    python benchmarks/reach.py --named-in FILE          # and which operations that a text names have no spec
    python benchmarks/reach.py --output reach.json      # what each spec called, for other programs

Each spec is swept in process. torch's profiler names every overload that is called while a call of the spec runs, such
as aten::add.Tensor, and every node of autograd's graph that goes back, such as AddBackward0. (A TorchDispatchMode would
miss composite operations like aten::reshape, which torch takes apart before.) What the engine calls for itself does not
count, nor do compiled modes, claims, and the checks of cost, which need the profiler for themselves. Forward-mode
derivatives leave no trace.

An operation's own overloads are those of the names that its spec calls: add, add_, the operators, aliases, and the
kernels _add and add_backward where there are such. Those that no spec calls are listed below the table; some have no
name in Python but torch.ops.
"""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing
import os
import re
import sys
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # or every start and stop of the profiler is told

import torch
import torchgen
from torch._C._profiler import _ExperimentalConfig, _RecordFunctionFast
from torch.autograd.profiler import profile

sys.path.insert(0, str(Path(__file__).parents[1]))

from conformance.engine.deviations import load as load_deviations
from conformance.engine.sweep import Budget, Sweep
from conformance.execution.execution import Execution
from conformance.spec import Spec, catalogue, loader
from conformance.spec.cells import cells_of, is_compiled
from conformance.spec.devices import on_device
from tests import SPECS
from tests.faults.kit import Entry, entry_points

EXAMPLES, SEED, PROCESSES = 32, 0, 2

LEFT_OUT = ("claims", "cost")
"""Checks that use the profiler themselves, and so would end the recording."""

CALL = "a call of a spec"
"""The event that the profiler has around each call of a spec."""

BACKWARD = 1
"""The scope of events that are nodes of autograd's graph."""

VARIANTS = ("{}", "{}_", "_{}", "{}_backward", "_{}_backward", "_{}_backward_data", "{}_copy")
"""The names in ATen that belong to the operation of a name in Python."""

NAME = re.compile(r"torch(?:\.Tensor|\.nn\.functional|\.special|\.linalg)?\.([a-z_]\w*)")


@dataclass(frozen=True)
class Reach:
    """What one spec calls."""

    operation: str
    overloads: frozenset[str]
    """such as aten::add.Tensor"""
    formulas: frozenset[str]
    """nodes of autograd's graph, such as AddBackward0"""
    names: frozenset[str]
    """the names in ATen of the operation itself"""


def reach_of(file: Path, examples: int = EXAMPLES) -> Reach:
    """What the spec of a file calls in a sweep."""
    spec = on_device(loader.load(file), "cpu", str(torch.__version__))
    cells = [cell for cell in cells_of(spec) if not is_compiled(cell) and cell.check not in LEFT_OUT]
    sweep = Sweep(spec, "cpu", cells, Budget(examples, SEED), load_deviations(catalogue.DEVIATIONS))
    names = frozenset(name for name in _names_of(spec) if overloads_of([name]))
    config = _ExperimentalConfig(capture_overload_names=True)
    logging.getLogger("torch._subclasses.fake_tensor").setLevel(logging.CRITICAL)  # misuse is asked for
    with warnings.catch_warnings(), patch.object(Execution, "call", _marked(Execution.call)):
        warnings.simplefilter("ignore")
        with profile(use_kineto=True, experimental_config=config) as found:
            sweep.run()
    overloads, formulas = called(found.kineto_results.events())
    if not overloads:
        raise SystemExit(f"{spec.operation}: the recording was ended by another use of the profiler")
    return Reach(spec.operation, frozenset(overloads), frozenset(formulas), names)


def _marked(call: Any) -> Any:
    """`Execution.call` with an event around it."""

    def marked(self: Execution, expression: str, **extra: Any) -> Any:
        with _RecordFunctionFast(CALL):
            return call(self, expression, **extra)

    return marked


def called(events: Iterable[Any]) -> tuple[set[str], set[str]]:
    """The overloads and the derivative formulas called while a call of a spec, or a node of autograd's graph, ran."""
    overloads, formulas, end = set(), set(), -1
    for event in sorted(events, key=lambda event: event.start_ns()):
        start, name, backward = event.start_ns(), event.name(), event.scope() == BACKWARD
        if name == CALL or backward:
            end = max(end, start + event.duration_ns())
        if backward and name in derivatives():
            formulas.add(name)
        elif name.startswith("aten::") and start <= end:
            overloads.add(f"{name}.{event.overload_name()}".rstrip("."))
    return overloads, formulas


# --- what there is --------------------------------------------------------------------------------------------------


@cache
def every_overload() -> dict[str, tuple[str, ...]]:
    """The overloads of ATen in the dispatcher by the name of their operation: add has aten::add.Tensor and others."""
    found: dict[str, list[str]] = {}
    for name in sorted(torch._C._dispatch_get_all_op_names()):
        if name.startswith("aten::"):
            found.setdefault(name.removeprefix("aten::").partition(".")[0], []).append(name)
    return {name: tuple(overloads) for name, overloads in found.items()}


def overloads_of(names: Iterable[str]) -> set[str]:
    """The overloads of operations of ATen."""
    return {overload for name in names for overload in every_overload().get(name, ())}


@cache
def derivatives() -> dict[str, str]:
    """The name in ATen of each derivative formula, from the table that torch is generated from: MulBackward0 is mul."""
    table = Path(torchgen.__file__).parent / "packaged" / "autograd" / "derivatives.yaml"
    text = re.sub("#.*", "", table.read_text(encoding="utf-8"))
    found, count = {}, Counter[str]()
    for entry in re.split(r"^- name: *", text, flags=re.MULTILINE)[1:]:
        name = re.split(r"\W", entry, maxsplit=1)[0]
        if _has_gradient(entry):
            node = "".join(part.title() for part in name.split("_")) + "Backward"
            node = node.replace("ForwardBackward", "Backward")
            found[f"{node}{count[node]}"] = name
            count[node] += 1
    return found


def _has_gradient(entry: str) -> bool:
    """Whether an entry of the table has the gradient of an argument: not of results, which are forward derivatives."""
    rows = re.findall(r"^ +(\w+)(?:, \w+)*: *(.*)$", entry, re.MULTILINE)
    other = ("output_differentiability", "dispatch", "Default", "AutogradNestedTensor", "AutogradCUDA")
    return any(
        name not in other and not name.startswith("result") and not formula.startswith("non_differentiable")
        for name, formula in rows
    )


def formulas_of(names: Iterable[str]) -> set[str]:
    """The derivative formulas of operations of ATen."""
    wanted = {*names}
    return {formula for formula, name in derivatives().items() if name in wanted}


def _names_of(spec: Spec) -> Iterator[str]:
    """The names that an operation may have in ATen, by those that its spec calls."""
    yield from family(spec.operation.rpartition(".")[2])
    for entry in entry_points(spec):
        if not entry.of_module:
            yield from family(_name_of(entry))


def _name_of(entry: Entry) -> str:
    """special_expit for torch.special.expit, as ATen has it."""
    owner = getattr(entry.owner, "__name__", "").rpartition(".")[2]
    return f"{owner}_{entry.name}" if owner in ("special", "linalg", "fft") else entry.name


def family(name: str) -> set[str]:
    """The names in ATen that may belong to a name in Python: softmax and _softmax; add, add_ and __iadd__."""
    plain = name.removeprefix("__").removesuffix("__") if name.startswith("__") else name.rstrip("_")
    return {name, *(variant.format(plain) for variant in VARIANTS)}


def named_in(text: str) -> set[str]:
    """The names in ATen of the operations that a text names, such as torch.nn.functional.softmax."""
    return {name for name in NAME.findall(text) if overloads_of([name])}


# --- what is told ---------------------------------------------------------------------------------------------------


def table(found: list[Reach]) -> Iterator[str]:
    """A line for each spec, and one for all."""
    yield f"{'':36}{'overloads':>10}{'own / of':>12}{'formulas':>10}{'own / of':>12}"
    for one in [*found, united(found)]:
        overloads, formulas = overloads_of(one.names), formulas_of(one.names)
        own = f"{len(one.overloads & overloads)} / {len(overloads)}"
        own_formulas = f"{len(one.formulas & formulas)} / {len(formulas)}"
        yield f"{one.operation:36}{len(one.overloads):>10}{own:>12}{len(one.formulas):>10}{own_formulas:>12}"
    whole = sum(map(len, every_overload().values()))
    yield f"torch {torch.__version__} has {whole:,} overloads of ATen and {len(derivatives())} derivative formulas"


def united(found: list[Reach]) -> Reach:
    """What some specs call together."""
    every = [[one.overloads, one.formulas, one.names] for one in found]
    overloads, formulas, names = (frozenset[str]().union(*sets) for sets in zip(*every))
    return Reach(f"all {len(found)} specs", overloads, formulas, names)


def _share(whole: Reach, name: str) -> str:
    every = overloads_of([name])
    return f"{len(whole.overloads & every)} / {len(every)}"


def missed(found: list[Reach]) -> Iterator[str]:
    """What belongs to the operations and is called by no spec, each with the first operation that it belongs to."""
    told = {*united(found).overloads, *united(found).formulas}
    for one in found:
        lacking = {*overloads_of(one.names), *formulas_of(one.names)} - told
        told |= lacking
        if lacking:
            yield f"  {one.operation}: {', '.join(sorted(name.removeprefix('aten::') for name in lacking))}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("operations", nargs="*", metavar="OPERATION", help="operations [default: all]")
    parser.add_argument("--examples", type=int, default=EXAMPLES, help=f"samples of each spec [default: {EXAMPLES}]")
    parser.add_argument("--named-in", type=Path, metavar="FILE", help="a text that names operations")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write what each spec called, as JSON")
    options = parser.parse_args()
    files = {loader.load(file).operation: file for file in loader.spec_files(SPECS)}
    unknown = [name for name in options.operations if name not in files]
    if unknown:
        parser.error(f"no spec has the operation {unknown[0]!r}; known are {', '.join(files)}")
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        chosen = [files[name] for name in options.operations or files]
        found = pool.map(partial(reach_of, examples=options.examples), chosen, chunksize=1)
    print(*table(found), "called by no spec, of these operations:", *missed(found), sep="\n")
    if options.named_in:
        specified = {name for file in files.values() for name in _names_of(loader.load(file))}
        without = sorted(named_in(options.named_in.read_text(encoding="utf-8")) - specified)
        print(f"named in {options.named_in.name}, without a spec; overloads called / of:")
        print(f"  {', '.join(f'{name} {_share(united(found), name)}' for name in without)}")
    if options.output:
        rows = {one.operation: {"overloads": sorted(one.overloads), "formulas": sorted(one.formulas)} for one in found}
        options.output.write_text(json.dumps({"torch": str(torch.__version__), "specs": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
