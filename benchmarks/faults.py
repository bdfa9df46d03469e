"""How bad nights end: many plans of faults, each from its seed (tests/faults/sim), and what became of lake, tables and messages.

    python benchmarks/faults.py --seeds 0-999              # `make test-faults`
    python benchmarks/faults.py --seeds 0-9999 --keep faults.jsonl   # goes on where it stopped
    python benchmarks/faults.py --seeds 0-1999 --database postgresql

Exits with 1 where a seed is wrong: a message lost or told twice to a receiver that honours the key, or a table or a day of the lake that
is not what undisturbed nights leave.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

# before numpy is imported: two simulations on two cores, each with one thread
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

from faults.sim.__main__ import seeds_of, shrunk, told  # noqa: E402
from faults.sim.plan import plan  # noqa: E402
from faults.sim.simulate import Outcome, simulate  # noqa: E402

COLUMNS = ("tries", "lost", "twice", "twice without the key", "unknown", "told late", "wrong")


@dataclass(frozen=True)
class Row:
    """What is kept of a seed. faults: those that came to pass."""

    seed: int
    database: str
    faults: tuple[str, ...]
    lost: int
    twice: int
    twice_without_key: int
    unknown: int
    late: int
    wrong: tuple[str, ...]
    shown: str = ""

    @classmethod
    def of(cls, outcome: Outcome, database: str) -> Row:
        faults = tuple(sorted({fault.kind for fault in outcome.fired})) or ("none came to pass",)
        counts = (outcome.lost, outcome.twice, outcome.twice_without_key, outcome.unknown, outcome.late)
        return cls(outcome.plan.seed, database, faults, *counts, tuple(outcome.wrong[:5]))


def lived(seed: int, database: str) -> Row:
    logging.disable(logging.CRITICAL)
    outcome = simulate(plan(seed), _new_database if database == "postgresql" else None)
    row = Row.of(outcome, database)
    return replace(row, shown=told(shrunk(outcome) if database == "sqlite" else outcome)) if outcome.wrong else row


_server: dict[str, object] = {}


def _new_database() -> str:
    """An empty database on a server of this process's own."""
    import uuid
    from contextlib import contextmanager

    import postgresql
    import sqlalchemy as sa

    if not _server:
        started = contextmanager(postgresql.postgresql.__wrapped__)()
        _server.update(context=started, url=started.__enter__())
    url = str(_server["url"])
    name = f"drift_{uuid.uuid4().hex[:8]}"
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return url.replace("/postgres?", f"/{name}?")


def known(keep: Path | None, database: str) -> dict[int, Row]:
    if keep is None or not keep.exists():
        return {}
    rows = (Row(**json.loads(line)) for line in keep.read_text().splitlines())
    return {row.seed: replace(row, faults=tuple(row.faults)) for row in rows if row.database == database}


def run(seeds: Iterable[int], database: str, processes: int) -> Iterator[Row]:
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(lived, seeds, [database] * len(list(seeds)), chunksize=4)


def table(rows: Iterable[Row]) -> str:
    """Markdown: a line a kind of fault; a seed of several faults counts for each."""
    sums: dict[str, Counter[str]] = {}
    for row in rows:
        counts = (1, row.lost, row.twice, row.twice_without_key, row.unknown, row.late, int(bool(row.wrong)))
        for fault in row.faults:
            sums.setdefault(fault, Counter()).update(dict(zip(COLUMNS, counts, strict=True)))
    head = f"| fault | {' | '.join(COLUMNS)} |\n|---|{'---|' * len(COLUMNS)}"
    lines = [f"| {fault} | {' | '.join(f'{sums[fault][name]:,}' for name in COLUMNS)} |" for fault in sorted(sums)]
    return "\n".join([head, *lines])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=seeds_of, default=range(1000), metavar="A-B")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--keep", type=Path, help="a file of what was found, from which a later call goes on")
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    given = parser.parse_args()
    rows = {seed: row for seed, row in known(given.keep, given.database).items() if seed in given.seeds}
    missing = [seed for seed in given.seeds if seed not in rows]
    began = time.monotonic()
    for row in run(missing, given.database, given.processes):
        rows[row.seed] = row
        if given.keep is not None:
            with given.keep.open("a") as file:
                file.write(json.dumps(row.__dict__) + "\n")
        if row.wrong:
            print(row.shown, flush=True)
    print(table(rows.values()))
    wrong = sum(bool(row.wrong) for row in rows.values())
    print(
        f"\n{len(rows):,} seeds on {given.database}, {wrong} wrong; {len(missing):,} of them now, in {time.monotonic() - began:.0f} s"
    )
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
