"""Nights of living applications: what drift tells of them unasked, and what it finds that was planted on top.

    python benchmarks/living.py                                  # every world, 1,000 a day, one seed: some minutes each
    python benchmarks/living.py --worlds growing --seeds 5       # unchanged but living, five seeds
    python benchmarks/living.py --planted                        # and every fault, one at a time, in copies of the history
    python benchmarks/living.py --sizes 300,2000,20000 --seeds 2
    python benchmarks/living.py --list                           # what each world's list asks for
    python benchmarks/living.py --cli --worlds growing           # one world through `backfill` and `run`, texts and all

The application's laws are in `living/draw.py` and know nothing of the detector; the lists, in `living/worlds.py`, were written
before the first run. Nights run from the features on through the code of a night: profile, checks, detection, tables, messages
to a local webhook. No test: nothing here runs in CI.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from living import cli, exchanges, judge, worlds  # noqa: E402
from living.draw import Application  # noqa: E402
from living.incidents import NIGHTS, PLANTED, START  # noqa: E402
from living.replay import Nights  # noqa: E402


def lives(world: str, size: int, seed: int, nights: int, planted: bool, root: Path, verbose: bool, only: str):
    """One application: its quiet nights, and in copies of them the planted faults."""
    folder = Path(tempfile.mkdtemp(prefix=f"{world}-{size}-{seed}-", dir=root))
    living = Nights(folder, Application(worlds.WORLDS[world], size, seed))
    last = worlds.HISTORY + nights
    found: list[judge.Found] = []
    try:
        if planted:
            living.run(range(START))
            history = living.copy(folder / "before")
            living.run(range(START, max(last, START + NIGHTS)))
        else:
            living.run(range(last))
        result = judge.quiet(living, max(last, START + NIGHTS) if planted else last)
        if planted:
            control = {i.id for i in living.results().incidents()}
            sigma = judge.Sigma(living, START + NIGHTS)
            k = sigma.tuned(judge.nights_with_new(result))
            for number, fault in enumerate(f for f in PLANTED if only in f.name):
                copy = history.copy(folder / f"fault{number}")
                copy.run(range(START, START + NIGHTS), fault, START)
                one = judge.found(copy, fault, control)
                found.append(judge.replace(one, sigma=sigma.finds(copy, fault, k)))
                shutil.rmtree(copy.folder)
                if verbose:
                    print(f"    {one}", flush=True)
        return result, found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
    a = parser.parse_args()
    names = a.worlds.split(",")
    if a.list:
        for name in names:
            print(f"\n## {name}")
            for each in worlds.asked(worlds.WORLDS[name]):
                print(f"- {each.what}: {each.told}")
        return
    exchanges.pool()
    root = Path(tempfile.mkdtemp(prefix="living-"))
    print(
        "| world | a day | seed | nights | new, unasked | messages, unasked | all messages | longest open | wrong causes likely | asked for and told "
        "| planted found | place right | cause right or unclear | 3-sigma finds | seconds |\n" + "|---" * 15 + "|"
    )
    try:
        for name in names:
            for size in map(int, a.sizes.split(",")):
                for seed in range(a.first_seed, a.first_seed + a.seeds):
                    start = time.perf_counter()
                    run = cli.lives if a.cli else lives
                    result, found = run(name, size, seed, a.nights, a.planted, root, a.verbose, a.fault)
                    told(result, found, time.perf_counter() - start, a.verbose)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def told(q: judge.Quiet, found: list[judge.Found], seconds: float, verbose: bool) -> None:
    seen = [f for f in found if f.night]
    part = lambda good, whole: f"{good} of {whole}" if found else ""  # noqa: E731
    print(
        f"| {q.world} | {q.size} | {q.seed} | {q.nights} | {judge.nights_with_new(q)} | {q.messages} | {q.told} | {q.longest[0]} | {len(q.causes)} "
        f"| {q.found} of {q.asked} | {part(len(seen), len(found))} | {part(sum(f.place for f in seen), len(seen))} "
        f"| {part(sum(f.right for f in seen), len(seen))} | {part(sum(f.sigma for f in found), len(found))} | {seconds:.0f} |",
        flush=True,
    )
    if verbose:
        for line in (*q.new, "causes", *q.causes, "longest", q.longest):
            print("   ", line)


if __name__ == "__main__":
    main()
