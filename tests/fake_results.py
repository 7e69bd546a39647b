"""Makes results files that look like those of real runs, from a seed; no torch is asked."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from conformance.results.codec import from_plain
from conformance.results.file import KINDS, Writer
from conformance.results.model import Environment

Record = dict[str, Any]

OF_FAILURE = (
    "kind",
    "message",
    "call",
    "promised",
    "dtype",
    "sample",
    "repeats",
    "repro",
    "script",
    "about",
    "error",
    "symptom",
)
"""What a cell's changes say of its failure."""

INTEGERS = ["bool", "uint8", "int8", "int16", "int32", "int64", "uint16", "uint32", "uint64"]
FLOATS = ["float16", "bfloat16", "float32", "float64", "complex64", "complex128"]
DTYPES = INTEGERS + FLOATS
LAYOUTS = ["channels last", "conj", "contiguous", "offset", "overlapping", "permuted", "stride 0", "strided"]
CHECKS = ["values", "memory", "forms", "refusals", "laws"]
OPERATIONS = {
    "torch.cat": ("joining", "Joins tensors along a dimension they have; other sizes must agree, dtypes promote."),
    "torch.stack": ("joining", "Joins tensors of one shape along a new dimension."),
    "torch.chunk": ("splitting", "Cuts a tensor into at most so many pieces; each piece is a view."),
    "torch.split": ("splitting", "Cuts a tensor into pieces of a size, or of the sizes in a list; views."),
    "torch.index_select": ("indexing", "The entries along dim that an index names, in its order; a copy."),
    "torch.masked_select": ("indexing", "The entries where a mask is true, as one dimension."),
    "torch.take": ("indexing", "The entries at positions of the flattened tensor."),
    "torch.gather": ("indexing", "Along dim, the entries that an index of the same rank names."),
    "torch.reshape": ("shape", "The same elements in another shape; a view wherever strides allow one."),
    "torch.topk": ("statistics", "The k largest or smallest entries along dim, and where they stand."),
    "torch.kthvalue": ("statistics", "The k-th smallest entry along dim, and where it stands."),
    "torch.norm": ("statistics", "A vector norm of all entries, or along dimensions."),
    "torch.nn.functional.mse_loss": ("loss", "The mean, sum or list of squared differences."),
    "torch.nn.functional.softmax": ("activation", "Exponentials along dim, scaled to add up to 1."),
    "torch.sigmoid": ("activation", "1 / (1 + exp(-x)) of each entry."),
    "torch.broadcast_tensors": ("broadcasting", "Views of one common shape, sizes of 1 stretched by stride 0."),
}
ROUNDING = {"torch.norm", "torch.nn.functional.mse_loss", "torch.nn.functional.softmax", "torch.sigmoid"}
REAL_ONLY = {"torch.topk", "torch.kthvalue", "torch.nn.functional.softmax"}

DEVIATION = {
    "id": "mse-loss-keeps-the-differences",
    "reason": "the scalar that mse_loss returns keeps a storage as large as the input alive",
    "link": "https://github.com/pytorch/pytorch/issues/185647",
    "witness": "F.mse_loss(torch.zeros(100), torch.ones(100)).untyped_storage().nbytes()",
    "effect": "memory",
}


def environment(**changes: Any) -> Record:
    """The first record of a run."""
    return {
        "type": "environment",
        "schema": 4,
        "torch": "2.13.0+cpu",
        "torch_git": "4f1c9d20be4b3e2bd52a4e4a1c9fd6b0ad1d1c63",
        "torch_build": "PyTorch built with:\n  - GCC 13.3\n  - C++ Version: 202002\n  - OpenMP 201511\n  - CPU: AVX512",
        "cpu_capability": "AVX512",
        "threads": 2,
        "numpy": "2.4.6",
        "hypothesis": "6.170.15",
        "python": "3.11.9",
        "platform": "Linux-6.1-x86_64-with-glibc2.36",
        "devices": ["cpu"],
        "profile": "gate",
        "examples": 300,
        "seed": 0,
        "spec_hash": "9a1f0c3de4428b7751",
        "started": "2026-11-21T05:30:00+00:00",
        **changes,
    }


def cell(
    operation: str, check: str, subject: str, verdict: str = "held", device: str = "cpu", **changes: Any
) -> Record:
    """The record of one cell; what the changes say of a failure stands there."""
    file = spec_file(operation)
    told = {name: changes.pop(name) for name in OF_FAILURE if name in changes}
    kind = {"crashed": "process died", "vacuous": "nothing compared"}.get(verdict, "wrong values")
    failed = verdict in ("broken", "crashed", "vacuous")
    return {
        "type": "cell",
        "id": f"{file}::{check}[{device}-{subject}]",
        "file": file,
        "operation": operation,
        "check": check,
        "device": device,
        "subject": subject,
        "verdict": verdict,
        "failure": {"message": "", "kind": kind, **told} if failed or told else None,
        "evidence": {"comparisons": 0 if verdict in ("vacuous", "crashed") else 10},
        **changes,
    }


def spec(operation: str, **changes: Any) -> Record:
    """The record of one spec, without claims."""
    return {
        "type": "spec",
        "file": spec_file(operation),
        "operation": operation,
        "summary": OPERATIONS.get(operation, ("", "Does something."))[1],
        "documentation": f"https://docs.pytorch.org/docs/stable/generated/{operation}.html",
        "dtypes": DTYPES,
        "accuracy": "within 2 + n/2 ULP, Higham 2002, section 4.2" if operation in ROUNDING else "exact",
        "claims": [],
        **changes,
    }


def sweep(operation: str, seconds: float, cpu_seconds: float, device: str = "cpu") -> Record:
    """The record of how long a sweep took."""
    return {
        "type": "sweep",
        "file": spec_file(operation),
        "operation": operation,
        "device": device,
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
    }


def spec_file(operation: str) -> str:
    folder = OPERATIONS.get(operation, ("other", ""))[0]
    return f"specs/{folder}/{operation.rpartition('.')[2]}.py"


def plan(cells: Iterable[Record], *more: str) -> Record:
    """A plan of these cells, and of some by id."""
    return {"type": "plan", "cells": [*(record["id"] for record in cells), *more], "deselected": 0}


END: Record = {"type": "end", "exit_status": 0, "seconds": 61.2, "errors": []}


def run_of(cells: list[Record], *others: Record) -> list[Record]:
    """A whole run of these cells."""
    return [environment(), plan(cells), *others, *cells, END]


def write(path: Path, records: Iterable[Record]) -> Path:
    """Write records with the real writer."""
    with Writer(path) as writer:
        for record in records:
            writer.write(typed(record))
    return path


def typed(record: Record) -> Any:
    """A record as the type that defines it."""
    return from_plain(record, KINDS[record["type"]])


# --- a realistic run ----------------------------------------------------------------------------------------------


def sample(source: random.Random) -> Record:
    """A sample as text and data, about as long as the engine's."""
    shape = [source.choice([0, 1, 2, 7, 8, 33]) for _ in range(source.randint(1, 3))]
    layout = source.choice(LAYOUTS)
    edits = [[source.randint(0, 60), source.choice(["nan", "-0.0", "inf", "max", "subnormal"])]]
    place, landmark = edits[0]
    strides = [source.randint(1, 40) for _ in shape]
    tensor = (
        f"<tensor{tuple(shape)}, log-uniform, {layout} strides={tuple(strides)} offset=3, with {landmark} at {place}>"
    )
    return {
        "text": f"input = {tensor}\ndim = -1",
        "data": {
            "type": "Sample",
            "arguments": [
                [
                    "input",
                    {
                        "type": "TensorSample",
                        "shape": shape,
                        "dtype": "subject",
                        "values": {
                            "type": "Values",
                            "kind": "log-uniform",
                            "seed": source.getrandbits(31),
                            "edits": edits,
                        },
                        "layout": {"type": "Layout", "kind": layout, "strides": strides, "offset": 3},
                    },
                ],
                ["dim", -1],
            ],
        },
    }


def evidence(source: random.Random, comparisons: int, rounding: bool = False) -> Record:
    """A ledger as the engine keeps one."""
    return {
        "comparisons": comparisons,
        "samples": comparisons - source.randint(0, 9) if comparisons > 9 else comparisons,
        "rejected": source.choice([0, 0, 3, 12]),
        "layouts": (layouts := [layout for layout in LAYOUTS if source.random() < 0.8]),
        "counts": dict.fromkeys(layouts, 7),
        "worst_ulp": (worst := round(source.uniform(0.4, 2.6), 6) if rounding else 0.0),
        "worst_bound": 4.0 if rounding else 0.0,
        "closest": worst / 4,
        "worst_sample": sample(source) if rounding else None,
        "fingerprint": f"{source.getrandbits(96):024x}",
        "notes": [],
    }


def claims_of(operation: str, source: random.Random, number: int) -> list[Record]:
    """Claims of one operation; the first two contradict each other."""
    name = operation.rpartition(".")[2].replace("_", "-")
    verdicts = ["upheld"] * 8 + ["refuted", "outdated", "ambiguous"]
    first = {
        "name": f"{name}-copies",
        "source": "000 Tensors",
        "statement": f"The result of {name} never shares memory with its input.",
        "verdict": "refuted",
        "note": "a view is returned where the strides allow one",
        "contradicts": f"{name}-may-share",
    }
    second = {
        "name": f"{name}-may-share",
        "source": "001 4.1.3(1)",
        "statement": f"Where it can, {name} returns a view of its input; changing one then changes the other.",
        "verdict": "upheld",
        "note": "",
        "contradicts": "",
    }
    others = [
        {
            "name": f"{name}-example-{place}",
            "source": f"003 {source.randint(14, 40)}",
            "statement": f"Worked example {place}: a 4x3 tensor given to {name} along dim 1 comes back with the sizes "
            "that the text prints, and with the values in the order shown.",
            "verdict": source.choice(verdicts),
            "note": "" if place % 3 else "the document prints the sizes of an older release",
            "contradicts": "",
        }
        for place in range(number - 2)
    ]
    return [first, second, *others]


def claim_cell(operation: str, claim: Record, source: random.Random) -> Record:
    holds = claim["verdict"] in ("upheld", "ambiguous")
    note = "true on this torch" if holds else "not true on this torch (RuntimeError: sizes differ)"
    return cell(operation, "claims", claim["name"], evidence={**evidence(source, 1), "layouts": [], "notes": [note]})


def supported(operation: str, dtype: str) -> bool:
    if operation in ROUNDING:
        return dtype in FLOATS and not (operation in REAL_ONLY and dtype.startswith("complex"))
    return not (operation in REAL_ONLY and dtype.startswith(("complex", "bool")))


def realistic(claims: int = 12, devices: tuple[str, ...] = ("cpu",), failures: bool = True) -> list[Record]:
    """A full run: 16 operations, every check, claims; with `failures` some cells are not as they should be."""
    source = random.Random(7)
    specs, cells = [], []
    sweeps: list[Record] = []
    for operation in OPERATIONS:
        entries = claims_of(operation, source, claims)
        dtypes = [dtype for dtype in DTYPES if supported(operation, dtype)]
        specs.append(spec(operation, dtypes=dtypes, claims=entries))
        for device in devices:
            cells += [_sampled(operation, check, dtype, device, source) for check in CHECKS for dtype in dtypes]
            cells += [_support(operation, dtype, device, source) for dtype in DTYPES]
            sweeps.append(sweep(operation, 1.5 + len(sweeps), 2.0 + len(sweeps), device))
        cells += [claim_cell(operation, claim, source) for claim in entries]
    planned = plan(cells)
    if failures:
        cells = _with_failures(cells, source)
    return [environment(devices=list(devices)), planned, *specs, *cells, *sweeps, {**END, "exit_status": int(failures)}]


def _sampled(operation: str, check: str, dtype: str, device: str, source: random.Random) -> Record:
    rounding = operation in ROUNDING and check in ("values", "laws")
    comparisons = source.randint(250, 300) * (3 if check in ("forms", "refusals") else 1)
    record = cell(operation, check, dtype, device=device, evidence=evidence(source, comparisons, rounding))
    if operation.endswith("mse_loss") and check == "memory":
        return {**record, "verdict": "deviates", "deviations": [{**DEVIATION, "gave": "400"}]}
    return record


def _support(operation: str, dtype: str, device: str, source: random.Random) -> Record:
    record = cell(operation, "support", dtype, device=device, evidence=evidence(source, 1))
    if supported(operation, dtype):
        return record
    if operation == "torch.kthvalue" and dtype == "bool":
        record["evidence"]["gain"] = True
        return record
    name = "NotImplementedError" if dtype in INTEGERS else "RuntimeError"
    record["evidence"]["refusals"] = {"refused": name}
    return {**record, "verdict": "unsupported"}


def failed(record: Record, verdict: str, **changes: Any) -> Record:
    """The record of a cell with another verdict, and why."""
    about = (record["operation"], record["check"], record["subject"], verdict, record["device"])
    kept = {"evidence": record["evidence"]}
    return cell(*about, **{**kept, **changes})


def _with_failures(cells: list[Record], source: random.Random) -> list[Record]:
    """The same cells, some of them broken, crashed, vacuous or without a record."""
    result = []
    for record in cells:
        name, check, subject = record["operation"], record["check"], record["subject"]
        if name == "torch.topk" and check == "values" and subject in ("float16", "bfloat16", "float32", "float64"):
            call = "torch.topk(input, k, dim, largest, ordered)"
            small = {
                "text": "input = <tensor(2,), constant, with nan at 0>\nk = 1\ndim = 0\nlargest = True\nordered = True"
            }
            record = failed(
                record,
                "broken",
                message=f"values: 1 of 1 wrong; worst at (0,): got np.{subject}(0.0), promised np.{subject}(nan)",
                call=call,
                sample={**small, "data": sample(source)["data"]},
                repro=f"repro_topk_values_cpu_{subject}.py",
            )
        elif name == "torch.topk" and check == "refusals" and subject == "int64":
            record = failed(
                record,
                "broken",
                message="k above the size: nothing was raised",
                call="torch.topk(input, input.shape[dim] + 1, dim)",
                promised="RuntimeError",
                sample=sample(source),
                repeats=False,
            )
        elif name == "torch.take" and check == "refusals" and subject == "uint8":
            record = failed(
                record,
                "crashed",
                message="the worker died (signal 11) while this cell was asked",
                call="torch.take(input, torch.tensor([2**62]))",
                promised="IndexError",
                sample=sample(source),
                evidence={"comparisons": 0},
            )
        elif name == "torch.gather" and check == "laws" and subject == "bool":
            record = failed(
                record,
                "vacuous",
                message="nothing was compared",
                evidence={"comparisons": 0},
            )
        elif name == "torch.sigmoid" and check == "laws":
            continue
        elif name == "torch.stack" and check == "claims" and subject.endswith("example-0"):
            record = failed(
                record,
                "broken",
                message="the statement is true on this torch",
                call="torch.stack([t, t], 1).shape == (4, 2, 3)",
                promised="the verdict refuted",
            )
        result.append(record)
    return result


MUTATION: Record = {
    "torch": "2.13.0+cpu",
    "specs": [
        {"operation": operation, "planted": 8, "caught": 7 if operation == "torch.take" else 8, "survivors": survivors}
        for operation in OPERATIONS
        for survivors in [["take-wraps-out-of-range"] if operation == "torch.take" else []]
    ],
}
"""What the mutation run of the realistic specs would leave behind."""

MUTATION_JSON = json.dumps(MUTATION).encode()


def side(torch: str) -> Environment:
    """What one side of a comparison runs on."""
    return Environment(torch=torch, devices=("cpu",))
