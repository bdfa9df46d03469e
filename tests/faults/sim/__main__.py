"""`python -m faults.sim --seed 4711`: one seed again, with what went wrong and the smallest plan that still does; `--seeds 0-999`: many."""

from __future__ import annotations

import argparse
import logging
import sys
import time

from faults.sim.plan import plan
from faults.sim.simulate import Outcome, simulate


def shrunk(outcome: Outcome) -> Outcome:
    """The smallest plan found that still goes wrong."""
    for smaller in outcome.plan.smaller():
        found = simulate(smaller)
        if found.wrong:
            return shrunk(found)
    return outcome


def told(outcome: Outcome) -> str:
    lines = [str(outcome.plan), *(f"  wrong: {line}" for line in outcome.wrong[:12])]
    return "\n".join([*lines, *(f"  said: {line}" for line in outcome.said)])


def seeds_of(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("drift-sim", description=__doc__)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--seeds", type=seeds_of, default=range(0))
    given = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    if given.seed is not None:
        outcome = simulate(plan(given.seed))
        print(told(outcome))
        if outcome.wrong and len(outcome.plan.faults) > 1:
            print("smaller:", told(shrunk(outcome)), sep="\n")
        return int(bool(outcome.wrong))
    failed = 0
    began = time.process_time()
    for seed in given.seeds:
        outcome = simulate(plan(seed))
        if outcome.wrong:
            failed += 1
            print(told(outcome), flush=True)
    print(f"{len(given.seeds)} seeds, {failed} wrong, {time.process_time() - began:.0f} s of CPU")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
