"""What a night costs by the number of its traces, and by the number of nights behind it.

    python benchmarks/scale.py --traces 1000000              # shards of 50,000 traces handed over, to the verdict
    python benchmarks/scale.py --traces 10000,100000,1000000 # a table
    python benchmarks/scale.py --nights 60,365,1500          # one more night after so many

Traces have answers of about 1 KB, as in `speed.py`; embeddings are left out (`embed.py` has them). Handing a shard over is included:
it is read from a file in the page cache. Times are those of the wall, beside the processor's of the whole tree of processes; memory is
what the tree holds at most, pages that processes share counted once (PSS). The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402

from drift import features, profiles  # noqa: E402
from drift.config import Config  # noqa: E402
from drift.lake import Lake  # noqa: E402
from drift.night.detect import detect_day  # noqa: E402
from drift.night.processes import workers  # noqa: E402
from drift.night.profile import profile_day  # noqa: E402
from drift.night.pull import measured, write  # noqa: E402

DAY = date(2026, 6, 1)
BASELINE = 28
SHARD = 50_000
# different traces; larger shards repeat them under other ids, sessions and users
DRAWN = 25_000
DIMENSIONS = ["name", "model", "prompt", "release", "environment"]
# metrics of the profile that is timed alone
METRICS = 30


@dataclass
class Cost:
    """wall, cpu: seconds, of the processor those of all processes. peak: bytes of the tree of processes."""

    wall: float = 0.0
    cpu: float = 0.0
    peak: int = 0

    def __str__(self) -> str:
        return f"{self.wall:>8.1f} {self.cpu:>8.1f} {self.peak / 1e9:>8.2f}"


@contextmanager
def cost() -> Iterator[Cost]:
    """What the block costs."""
    found, done = Cost(), threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            found.peak = max(found.peak, _memory(os.getpid()))

    found.peak = _memory(os.getpid())
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    start, processor = time.perf_counter(), _processor()
    try:
        yield found
    finally:
        found.wall, found.cpu = time.perf_counter() - start, _processor() - processor
        done.set()
        watcher.join()


def _processor(process: int | str = "self") -> float:
    """Seconds of a process, of those that it started and of those of theirs that ended."""
    try:
        times = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:15]
        return sum(map(int, times)) / os.sysconf("SC_CLK_TCK") + sum(map(_processor, _children(process)))
    except OSError:
        # it has ended
        return 0.0


def _children(process: int | str) -> list[int]:
    return [int(child) for task in Path(f"/proc/{process}/task").iterdir() for child in (task / "children").read_text().split()]


def _memory(process: int) -> int:
    """Bytes that a process and those that it started hold."""
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
        own = next(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))
        children = _children(process)
    except (OSError, StopIteration):
        # it has ended
        return 0
    return own + sum(map(_memory, children))


def settings(folder: str, shards: int = 1) -> Config:
    return Config.of(
        {
            "lake": {"url": f"{folder}/lake"},
            "results": {"url": f"sqlite:///{folder}/drift.db"},
            "segments": {"dimensions": DIMENSIONS},
            "embeddings": {"enabled": False},
            "pull": {"shards": shards},
        }
    )


def draw(folder: str) -> Path:
    """The traces of which shards are made, as an Arrow file."""
    from benchmarks.speed import sample

    path = Path(folder) / "traces.arrow"
    table = sample(DRAWN)
    rng = np.random.default_rng(1)
    for name, values in (("release", [f"r{i}" for i in range(8)]), ("environment", ["eu", "us"])):
        drawn = pa.array(rng.choice(values, DRAWN), table.schema.field(name).type)
        table = table.set_column(table.column_names.index(name), table.schema.field(name), drawn)
    latency = pa.array(rng.lognormal(0.5, 0.5, DRAWN), table.schema.field("latency_s").type)
    table = table.set_column(table.column_names.index("latency_s"), table.schema.field("latency_s"), latency)
    with pa.ipc.new_file(path, table.schema) as file:
        file.write_table(table)
    return path


def shard_of(path: Path, number: int, rows: int, shards: int) -> Iterator[pa.Table]:
    """A shard's traces, in batches."""
    drawn = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    start = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC).timestamp()
    for first in range(0, rows, DRAWN):
        table = drawn.slice(0, min(DRAWN, rows - first))
        place = number * rows + first + np.arange(table.num_rows)
        texts = place.astype(str)
        columns = {
            "trace_id": np.char.add("trace-", texts),
            # a session's requests come within minutes, a user's all over the day
            "session_id": np.char.add("session-", (place // 3).astype(str)),
            "user": np.char.add("user-", (place * 7919 % max(rows * shards // 20, 1)).astype(str)),
            "timestamp": ((start + place * (86_400 / (rows * shards))) * 1e6).astype("int64").view("datetime64[us]"),
        }
        for name, values in columns.items():
            field = table.schema.field(name)
            table = table.set_column(table.column_names.index(name), field, pa.array(values).cast(field.type))
        yield table


def pull(given: tuple[Config, Path, int, int, int]) -> str:
    """What `night.pull` does with a shard that was handed over."""
    config, path, number, rows, shards = given
    table = measured(config, shard_of(path, number, rows, shards), features.context(config))
    return write(Lake(config.lake.url), DAY, table, shards)


def baseline(config: Config, path: Path, rows: int = 20_000) -> None:
    """Profiles of the days before, each of rows drawn from the same traces."""
    lake, rng = Lake(config.lake.url), np.random.default_rng(2)
    table = features.finish(features.extract(next(shard_of(path, 0, rows, 1)), features.context(config)))
    for back in range(BASELINE, 0, -1):
        day = DAY - timedelta(days=back)
        drawn = table.take(pa.array(rng.integers(0, rows, rows)))
        facts = {"ok": True, "reason": "", "warned": {}, "traces": rows}
        lake.write("profiles", day, profiles.build(drawn, config, day), facts)


def by_traces(traces: int) -> dict[str, float]:
    """One night of so many traces. Prints a line; returns its figures."""
    # ten times the baseline's traces is news, but no failure of the day
    shards = -(-traces // SHARD)
    with tempfile.TemporaryDirectory() as folder:
        path, config = draw(folder), settings(folder, shards)
        baseline(config, path)
        rows = traces // shards
        with cost() as pulled, workers(shards) as each:
            import drift.checks.day  # noqa: F401  while the shards are measured, as in a night

            parts = list(each(pull, [(config, path, number, rows, shards) for number in range(shards)]))
        with cost() as compared:
            profile_day(config, DAY, parts)
            detect_day(config, DAY)
        columns = Lake(config.lake.url).schema("features", DAY, parts[0])
        alone = profile_alone(folder, config, parts, traces)
    whole = pulled.wall + compared.wall
    peak = max(pulled.peak, compared.peak, alone.peak)
    print(f"{traces:>11,} {pulled}   {compared}   {alone}   {len(columns)} columns, {whole:.1f} s in all", flush=True)
    return {
        "traces": traces,
        "profile_detect_s": round(alone.wall, 2),
        "profile_detect_cpu_s": round(alone.cpu, 2),
        "traces_to_verdict_s": round(whole, 2),
        "traces_to_verdict_cpu_s": round(pulled.cpu + compared.cpu, 2),
        "peak_gb": round(peak / 1e9, 2),
    }


def profile_alone(folder: str, config: Config, parts: Sequence[str], traces: int) -> Cost:
    """Profile and detection of 30 metrics of the same traces, from features that were measured before."""
    lake = Lake(config.lake.url)
    only = config.model_copy(update={"lake": config.lake.model_copy(update={"url": f"{folder}/thirty"})})
    target, chosen = Lake(only.lake.url), []
    for part in parts:
        sizes = lake.groups("features", DAY, part)
        table = lake.read_part("features", DAY, part).replace_schema_metadata(None)
        followed = [name for name in table.column_names if name in features_of(only)][:METRICS]
        kept = [*dict.fromkeys(["trace_id", "timestamp", "session_id", "user", *DIMENSIONS, *followed])]
        kept += [name for name in table.column_names if name.startswith("_")]
        chosen.append(target.write_part("features", DAY, table.select(kept), sizes if len(sizes) > 1 else None))
    for day in lake.days("profiles"):
        manifest = lake.manifest("profiles", day)
        if day < DAY and manifest is not None:
            target.write("profiles", day, lake.read("profiles", day), manifest.facts)
    with cost() as found:
        profile_day(only, DAY, chosen)
        detect_day(only, DAY)
    return found


def by_age(ages: Sequence[int], first: int = 49, traces: int = 300) -> dict[str, float]:
    """One more night after so many: the last `first` were run, those before are copies of theirs. Prints a table."""
    from drift.night import run
    from drift.results.verdict import Answer

    found: dict[str, float] = {}
    print(f"{'nights':>11} {'wall s':>8} {'cpu s':>8} {'GB':>8} {'MB written':>11}")
    with tempfile.TemporaryDirectory() as folder:
        config = settings(folder)
        # the store has traffic from its scenario's first day on, and goes on after its last without incidents
        store = {"type": "demo", "traces_per_day": traces, "scenario": "quiet", "until": DAY - timedelta(days=10)}
        config = config.model_copy(update={"store": Config.of({"store": store}).store})
        for night in run.backfill(config, DAY - timedelta(days=first), DAY - timedelta(days=1)):
            if night.answer == Answer.FAILED:
                sys.exit(f"{night.day}: {night.said.words}; there is nothing to time")
        reached = first
        for age in sorted(ages):
            _older(config, range(reached, age), first)
            reached = max(age, reached)
            # once to write what the copies changed
            run.run_day(config, DAY - timedelta(days=1))
            before, written = _files(folder), _written()
            with cost() as night:
                run.run_day(config, DAY)
            _remove(config, DAY)
            print(f"{age:>11,} {night} {(_written() - written) / 1e6:>11.2f}   {len(before)} files", flush=True)
            found |= {
                f"night_{age}_cpu_s": round(night.cpu, 2),
                f"night_{age}_mb_written": round((_written() - written) / 1e6, 2),
            }
    return found


def _older(config: Config, back: range, first: int) -> None:
    """Copies of the nights that were run, at the days so far back."""
    import sqlalchemy as sa

    from drift.results import Results, tables

    lake, results = Lake(config.lake.url), Results.of(config)
    # the oldest first, as nights come: else the last rows of every metric fill their page of the index, and the next night splits them all
    shift = {n: timedelta(days=n - n % first) for n in reversed(back)}
    for n, days in shift.items():
        source = DAY - timedelta(days=1 + n) + days
        for kind in ("profiles", "findings", "drill"):
            manifest = lake.manifest(kind, source)
            if manifest is not None:
                lake.write(kind, source - days, lake.read(kind, source), manifest.facts)
    moved, none = {"day", "since", "since_low", "since_high"}, {"incident_id"}
    with results.database.writing() as connection:
        for table in (tables.runs, tables.daily_metrics, tables.findings, tables.drill):
            for n, days in shift.items():
                columns = [
                    sa.func.date(column, f"-{days.days} days")
                    if column.name in moved
                    else sa.null()
                    if column.name in none
                    else column
                    for column in table.columns
                ]
                rows = sa.select(*columns).where(table.c.day == DAY - timedelta(days=1 + n) + days)
                connection.execute(table.insert().from_select([column.name for column in table.columns], rows))
    results.close()


def _remove(config: Config, day: date) -> None:
    """Take the night that was timed back."""
    from drift.results import Results, tables

    lake, results = Lake(config.lake.url), Results.of(config)
    for kind in ("features", "profiles", "findings", "drill"):
        lake.delete(kind, day)
    with results.database.writing() as connection:
        for table in (tables.runs, tables.daily_metrics, tables.findings, tables.drill):
            connection.execute(table.delete().where(table.c.day == day))
    results.close()


def _files(folder: str) -> list[Path]:
    return [path for path in Path(folder).rglob("*") if path.is_file()]


def _written() -> int:
    """Bytes that this process gave to the kernel to write."""
    return next(int(line.split()[1]) for line in Path("/proc/self/io").read_text().splitlines() if line.startswith("wchar"))


def features_of(config: Config) -> list[str]:
    """Metrics that a features table has a column of, in the order of the catalogue; numbers before rates and labels."""
    from drift import metrics

    kinds = ("number", "rate", "label")
    found = [metric for metric in metrics.CATALOGUE.values() if metric.kind in kinds and metric.name not in DIMENSIONS]
    return [metric.name for metric in sorted(found, key=lambda metric: kinds.index(metric.kind))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--traces", default="", help="traces of the night, or several numbers")
    parser.add_argument("--nights", default="", help="nights behind the one that is timed, or several numbers")
    given = parser.parse_args()
    figures: dict[str, object] = {}
    if given.traces or not given.nights:
        print("                 pull and measure            profile and detect          30 metrics from features")
        print(
            f"{'traces':>11} {'wall s':>8} {'cpu s':>8} {'GB':>8}   {'wall s':>8} {'cpu s':>8} {'GB':>8}   {'wall s':>8} {'cpu s':>8} {'GB':>8}"
        )
        for traces in (given.traces or "100000").split(","):
            figures |= by_traces(int(traces))
    if given.nights:
        figures |= by_age([int(nights) for nights in given.nights.split(",")])
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
