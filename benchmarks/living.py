"""Nights of living applications: what drift tells of them unasked, and what it finds that was planted on top.

    python benchmarks/living.py                                  # every world, 1,000 a day, one seed: some minutes each
    python benchmarks/living.py --worlds growing --seeds 5       # unchanged but living, five seeds
    python benchmarks/living.py --planted                        # and every fault, one at a time, in copies of the history
    python benchmarks/living.py --sizes 300,2000,20000 --seeds 2
    python benchmarks/living.py --kept runs/3f1c --seeds 5       # goes on where a run that was stopped has come to
    python benchmarks/living.py --list                           # what each world's list asks for
    python benchmarks/living.py --cli --worlds growing           # one world through `backfill` and `run`, texts and all

The application's laws are in `living/draw.py` and know nothing of the detector; the lists, in `living/worlds.py`, were written
before the first run. Nights run in memory, through the code of a night; `--cli` goes through the files, the lake, the tables
and a local webhook that counts messages. No test: nothing here runs in CI.
"""

from __future__ import annotations

import argparse
import os
import pickle
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

from scipy.stats import binomtest  # noqa: E402

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from living import cli, exchanges, judge, worlds  # noqa: E402
from living.draw import Application  # noqa: E402
from living.incidents import NIGHTS, PLANTED, START  # noqa: E402
from living.replay import Nights  # noqa: E402


def lives(world: str, size: int, seed: int, nights: int, planted: bool, verbose: bool, only: str, kept: Path | None):
    """One application: its quiet nights, and in copies of them the planted faults."""
    file = kept / f"{world}-{size}-{seed}.pickle" if kept else None
    living = Nights(Application(worlds.WORLDS[world], size, seed))
    last = max(worlds.HISTORY + nights, (START + NIGHTS) * planted)
    result = judge.quiet(living.run(range(last), kept=file), last)
    return result, list(faults(living, result, verbose, only, file)) if planted else []


def faults(living: Nights, result: judge.Quiet, verbose: bool, only: str, file: Path | None) -> Iterator[judge.Found]:
    """Every planted fault in a copy of the nights before it, up to the night on which it is told."""
    control, sigma = {incident.id for incident in living.incidents}, judge.Sigma(living, START + NIGHTS)
    k = sigma.tuned(len({n for n in judge.nights_with_new(result) if n < START + NIGHTS}))
    history, kept = living.until(START), file.with_suffix(".planted") if file else None
    known: dict[str, judge.Found] = pickle.loads(kept.read_bytes()) if kept and kept.exists() else {}
    for fault in (f for f in PLANTED if only in f.name):
        if fault.name not in known:
            went_on = history.copy()
            for night in range(START, START + NIGHTS):
                one = judge.found(went_on.run(range(night, night + 1), fault, START), fault, control)
                if one.night is not None:
                    break
            known[fault.name] = replace(one, sigma=sigma.finds(history, fault, k))
            if kept:
                kept.write_bytes(pickle.dumps(known))
        if verbose:
            print(f"    {known[fault.name]}", flush=True)
        yield known[fault.name]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", default=",".join(worlds.WORLDS))
    parser.add_argument("--sizes", default="1000")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--nights", type=int, default=worlds.NIGHTS)
    parser.add_argument("--planted", action="store_true")
    parser.add_argument("--fault", default="", help="only planted faults whose name has this")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--cli", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--kept", type=Path, help="a folder, one for a state of the code: what was run is kept there")
    a = parser.parse_args()
    if a.kept:
        a.kept.mkdir(parents=True, exist_ok=True)
    names = a.worlds.split(",")
    if a.list:
        for name in names:
            print(f"\n## {name}")
            for each in worlds.asked(worlds.WORLDS[name]):
                print(f"- {each.what}: {each.told}")
        return
    exchanges.pool()
    print(
        "| world | a day | seed | nights | nights with a new incident, unasked | of these worth a message | messages, unasked | all messages | longest open | after what was asked for was over | wrong causes likely | asked for and told "
        "| planted found | place right | cause right or unclear | 3-sigma finds | seconds |\n" + "|---" * 17 + "|"
    )
    every: list[tuple[judge.Quiet, list[judge.Found]]] = []
    for name in names:
        for size in map(int, a.sizes.split(",")):
            for seed in range(a.first_seed, a.first_seed + a.seeds):
                start = time.perf_counter()
                if a.cli:
                    result, found = cli.lives(name, size, seed, a.nights), []
                else:
                    result, found = lives(name, size, seed, a.nights, a.planted, a.verbose, a.fault, a.kept)
                told(result, found, time.perf_counter() - start, a.verbose)
                every.append((result, found))
    together(every)


def together(every: list[tuple[judge.Quiet, list[judge.Found]]]) -> None:
    """The shares that the promise is about, over all that was run, with their 95 % intervals (Wilson 1927)."""
    quiet, planted = [q for q, _ in every], [f for _, found in every for f in found]
    nights, seen = sum(q.nights for q in quiet), [f for f in planted if f.night]
    shares = {
        "nights with a new incident that the list does not ask for": (
            sum(len(judge.nights_with_new(q)) for q in quiet),
            nights,
        ),
        "nights with a message that it does not": (sum(q.messages for q in quiet), nights),
        "wrong causes called likely, of nights": (sum(len(q.causes) for q in quiet), nights),
        "what it asks for, told": (sum(q.found for q in quiet), sum(q.asked for q in quiet)),
        "planted faults found": (len(seen), len(planted)),
        "by 3-sigma": (sum(f.sigma for f in planted), len(planted)),
        "place right": (sum(f.place for f in seen), len(seen)),
        "cause right or unclear": (sum(f.right for f in seen), len(seen)),
    }
    print("\n| over all | | 95 % |\n|---|---|---|")
    for what, (k, n) in shares.items():
        if n:
            low, high = binomtest(k, n).proportion_ci(method="wilson")
            print(f"| {what} | {k} of {n} | {100 * low:.1f} to {100 * high:.1f} % |")


def told(q: judge.Quiet, found: list[judge.Found], seconds: float, verbose: bool) -> None:
    seen = [f for f in found if f.night]
    part = lambda good, whole: f"{good} of {whole}" if found else ""  # noqa: E731
    print(
        f"| {q.world} | {q.size} | {q.seed} | {q.nights} | {len(judge.nights_with_new(q))} | {len({n for n, *_ in q.new})} | {q.messages} | {q.told} | {q.longest[0]} | {q.outlived[0]} | {len(q.causes)} "
        f"| {q.found} of {q.asked} | {part(len(seen), len(found))} | {part(sum(f.place for f in seen), len(seen))} "
        f"| {part(sum(f.right for f in seen), len(seen))} | {part(sum(f.sigma for f in found), len(found))} | {seconds:.0f} |",
        flush=True,
    )
    if verbose:
        for line in (*q.new, "digest", *q.digest, "causes", *q.causes, "longest", q.longest, "outlived", q.outlived):
            print("   ", line)


if __name__ == "__main__":
    main()
