"""What the schedule detects: planted faults are recorded once, and any schedule is then tried on the record.

    python benchmarks/detection.py --record reports/detection.ndjson.gz   # plant and record: half an hour on two cores
    python benchmarks/detection.py reports/detection.ndjson.gz            # try the schedule of this checkout: a minute

For each fault the record has the samples, checks and dtypes that broke. A fault counts once as it is, and once for each
dtype in which it showed, as if it sat in that dtype alone, unless it came and went. A dtype is recorded until it has
broken often, so that what is printed as lost is never too little. The cost is that of the asks, from times taken
without a fault.
"""

from __future__ import annotations

import argparse
import gzip
import json
import multiprocessing
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from conformance.engine import mutation, profiles
from conformance.engine.deviations import Deviation
from conformance.engine.deviations import load as load_deviations
from conformance.engine.examiner import Examiner
from conformance.engine.finding import Finding
from conformance.engine.schedule import FULL, Plan
from conformance.engine.search import draw_samples
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution
from conformance.results.model import Cell
from conformance.samples.sample import Sample
from conformance.spec import Spec, catalogue, loader
from conformance.spec.cells import cells_of, is_compiled
from conformance.spec.devices import on_device
from tests import SPECS
from tests.faults import faults_of
from tests.faults.kit import Fault

SAMPLES, SEED, PROCESSES = profiles.examples(profiles.DEFAULT), 0, 2
ENOUGH, ENOUGH_LATER = 100, 20
"""A dtype is recorded until it has broken in this many samples, and in this many after the first `FULL`."""
RARELY = ("cost", "refusals", "determinism")
"""Checks that are recorded of every second sample alone."""
TIMED = 12
"""The number of samples whose asks are timed."""


@dataclass
class Recorder:
    """Keeps what breaks, instead of verdicts."""

    breaks: list[tuple[int, str, str, str]] = field(default_factory=list)
    varies: list[str] = field(default_factory=list)
    """the dtypes in which the first break did not come again"""
    sample: int = 0
    dtype: str = ""

    def evidence_of(self, cell: Cell) -> EvidenceBuilder:
        return EvidenceBuilder()

    def keep(
        self, cell: Cell, number: int, evidence: EvidenceBuilder, finding: Finding | None, execution: Execution | None
    ) -> None:
        if finding is not None:
            self.breaks.append((self.sample, cell.check, cell.subject, self.dtype if number >= 0 else ""))


def known_of(spec: Spec, cells: list[Cell]) -> dict[Cell, list[Deviation]]:
    deviations = load_deviations(catalogue.DEVIATIONS)
    return {
        cell: [one for one in deviations if one.covers(spec.operation, *cell[:1], "cpu", cell[1])] for cell in cells
    }


def chosen(spec: Spec, cells: list[Cell], plan: Plan, count: int) -> list[Fault]:
    """`count` faults of a spec: half of them those that are noticed latest, the others evenly spread."""
    faults = faults_of(spec)
    at: dict[str, int] = {}
    for fault in faults:
        checks = (fault.seen_by,) if fault.seen_by else mutation.PLAIN
        asked = [cell for cell in cells if cell.check in checks]
        found = mutation.catch(spec, fault.planted(spec), asked, load_deviations(catalogue.DEVIATIONS), plan)
        at[fault.title] = found.samples if found else SAMPLES + 1
    late = sorted(faults, key=lambda fault: -at[fault.title])[: count // 2]
    rest = [fault for fault in faults if fault not in late]
    step = max(len(rest) / max(count - len(late), 1), 1)
    return [*late, *dict.fromkeys(rest[min(int(place * step), len(rest) - 1)] for place in range(count - len(late)))]


def record(file: Path, count: int) -> list[dict[str, Any]]:
    """The records of one spec: its costs, and each chosen fault with what it broke."""
    spec = on_device(loader.load(file), "cpu", str(torch.__version__))
    cells = [cell for cell in cells_of(spec) if not is_compiled(cell)]
    samples = draw_samples(spec, SAMPLES, SEED)
    plan = Plan(spec, samples)
    broken_before = {name[1:3] for name in broken_by(spec, cells, samples[:FULL], None).breaks}
    sound = [cell for cell in cells if tuple(cell) not in broken_before]
    rows: list[dict[str, Any]] = [{"operation": spec.operation, "costs": costs(spec, sound, samples)}]
    for fault in chosen(spec, sound, plan, count):
        checks = (fault.seen_by,) if fault.seen_by else mutation.PLAIN
        asked = [cell for cell in sound if cell.check in checks]
        found = broken_by(spec, asked, samples, fault)
        row = {"operation": spec.operation, "fault": fault.title, "breaks": found.breaks, "varies": found.varies}
        rows.append(row)
    print(f"{spec.operation}: {len(rows) - 1} faults", flush=True)
    return rows


def broken_by(spec: Spec, cells: list[Cell], samples: list[Sample], fault: Fault | None) -> Recorder:
    """What breaks while a fault is planted: (sample, check, subject, dtype) of each ask; no dtype for settled cells."""
    examiner = Examiner(spec, "cpu", cells, known_of(spec, cells), None)
    recorder, counts = Recorder(), Counter[str]()
    if fault is None:
        _ask_all(examiner, recorder, counts, samples)
    else:
        with fault.planted(spec):
            _ask_all(examiner, recorder, counts, samples)
            examiner.settle(recorder)
    return recorder


def _ask_all(examiner: Examiner, recorder: Recorder, counts: Counter[str], samples: list[Sample]) -> None:
    later: Counter[str] = Counter()
    for place, sample in enumerate(samples):
        examiner.probe.consider(sample)
        recorder.sample = sample.digest
        for dtype, cells in due(examiner, place, sample).items():
            if counts[dtype] >= ENOUGH or later[dtype] >= ENOUGH_LATER:
                continue
            recorder.dtype, before = dtype, len(recorder.breaks)
            examiner.ask(sample, {dtype: cells}, recorder)
            broke = len(recorder.breaks) > before
            if broke and not counts[dtype] and not _again(examiner, sample, dtype, recorder.breaks[-1]):
                recorder.varies.append(dtype)
            counts[dtype] += broke
            later[dtype] += broke and place >= FULL


def _again(examiner: Examiner, sample: Sample, dtype: str, broken: tuple[int, str, str, str]) -> bool:
    """Whether the same ask breaks again."""
    again = Recorder()
    examiner.ask(sample, {dtype: [Cell(*broken[1:3])]}, again)
    return bool(again.breaks)


def due(examiner: Examiner, place: int, sample: Sample) -> dict[str, list[Cell]]:
    """Every cell of a dtype; modes in one dtype of each sample, and what is rarely asked of every second sample."""
    found: dict[str, list[Cell]] = defaultdict(list)
    for cell in examiner.schedule.cells:
        if cell.check not in RARELY or place % 2 == 0:
            dtypes = examiner.schedule[cell].dtypes
            found[dtypes[place % len(dtypes)]].append(cell)
    return found


def costs(spec: Spec, cells: list[Cell], samples: list[Sample]) -> dict[str, float]:
    """The CPU-seconds of one ask, by check or mode."""
    by_name: dict[str, list[Cell]] = defaultdict(list)
    examiner = Examiner(spec, "cpu", cells, {}, None)
    for cell in examiner.schedule.cells:
        by_name[name_of(cell)].append(cell)
    found = {}
    for name, asked in by_name.items():
        start, asks = time.process_time(), 0
        for place, sample in enumerate(samples[FULL : FULL + TIMED]):
            for cell in asked:
                dtypes = examiner.schedule[cell].dtypes
                examiner.ask(sample, {dtypes[place % len(dtypes)]: [cell]}, Recorder())
                asks += 1
        found[name] = (time.process_time() - start) / asks
    return found


def name_of(cell: Cell) -> str:
    return cell.subject if cell.check == "modes" else cell.check


# --- trying a schedule ----------------------------------------------------------------------------------------------


@dataclass
class Tried:
    """What came of one schedule."""

    asks: int = 0
    seconds: float = 0.0
    noticed: list[int] = field(default_factory=list)
    """for each fault that was noticed the number of samples until then; 0 for a settled cell"""
    lost: list[str] = field(default_factory=list)
    of_dtypes: int = 0
    lost_of_dtypes: list[str] = field(default_factory=list)


def tried(spec: Spec, rows: list[dict[str, Any]], thorough: bool, found: Tried) -> None:
    """Try the schedule on the recorded faults of one spec."""
    plan = Plan(spec, draw_samples(spec, SAMPLES, SEED), thorough)
    cells = [cell for cell in cells_of(spec) if not is_compiled(cell)]
    examiner = Examiner(spec, "cpu", cells, {}, None)
    schedule = examiner.schedule
    asked: dict[tuple[int, str, str], list[tuple[int, str]]] = {}
    for cell in schedule.cells:
        turns = plan.of(cell, schedule[cell])
        found.asks += len(turns)
        found.seconds += len(turns) * rows[0]["costs"].get(name_of(cell), 0.0)
        for place, dtype in turns:
            asked.setdefault((plan.samples[place].digest, *cell), []).append((place, dtype))
    for row in rows[1:]:
        _notice(row, asked, found)


def _notice(row: dict[str, Any], asked: dict[Any, list[tuple[int, str]]], found: Tried) -> None:
    places: list[int] = []
    by_dtype: dict[str, list[int]] = {}
    for sample, check, subject, dtype in row["breaks"]:
        if not dtype:
            places.append(-1)
            continue
        hits = [place for place, of in asked.get((sample, check, subject), ()) if check == "modes" or of == dtype]
        places += hits
        if check != "modes" and dtype not in row["varies"]:
            by_dtype.setdefault(dtype, []).extend(hits)
    title = f"{row['operation']}: {row['fault']}"
    if places:
        found.noticed.append(min(places) + 1)
    else:
        found.lost.append(title)
    found.of_dtypes += len(by_dtype)
    found.lost_of_dtypes += [f"{title}, in {dtype}" for dtype, hits in by_dtype.items() if not hits]


def table(found: Tried, name: str) -> Iterator[str]:
    faults = len(found.noticed) + len(found.lost)
    within = {limit: sum(at <= limit for at in found.noticed) for limit in (1, 5, 10, 25, 50, 100, 200, 300)}
    yield f"{name}: {found.asks:,} asks, {found.seconds:.0f} CPU-s of asks"
    yield f"  {len(found.lost)} of {faults} faults lost; noticed within " + ", ".join(
        f"{limit} samples {100 * count / faults:.0f} %" for limit, count in within.items()
    )
    share = 100 * len(found.lost_of_dtypes) / max(found.of_dtypes, 1)
    yield f"  {len(found.lost_of_dtypes)} of {found.of_dtypes:,} faults of one dtype lost: {share:.1f} %"
    if found.noticed:
        yield f"  median {statistics.median(found.noticed):.0f} samples, latest {sorted(found.noticed)[-8:]}"


def read(path: Path) -> dict[str, list[dict[str, Any]]]:
    by_operation: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            by_operation[row["operation"]].append(row)
    return by_operation


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path, help="the record")
    parser.add_argument("--record", action="store_true", help="make the record")
    parser.add_argument("--faults", type=int, default=9, help="faults recorded of each spec [default: 9]")
    parser.add_argument("--only", action="append", metavar="OPERATION", help="operations [default: all]")
    parser.add_argument("--lost", action="store_true", help="name what is lost")
    options = parser.parse_args()
    files = [
        file for file in loader.spec_files(SPECS) if loader.load(file).operation in (options.only or [""])
    ] or list(loader.spec_files(SPECS))
    if options.record:
        with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool, gzip.open(options.path, "wt") as out:
            for rows in pool.imap(partial(record, count=options.faults), files):
                out.writelines(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)
                out.flush()
        return
    recorded = read(options.path)
    for thorough in (False, True):
        found = Tried()
        for file in files:
            spec = loader.load(file)
            if spec.operation in recorded:
                tried(spec, recorded[spec.operation], thorough, found)
        print(*table(found, "every sample in every dtype" if thorough else "the schedule"), sep="\n")
        for title in (*found.lost, *found.lost_of_dtypes) if options.lost else ():
            print(f"    lost: {title}")


if __name__ == "__main__":
    main()
