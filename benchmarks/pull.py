"""How fast and in how much memory a day is pulled from Langfuse's double, against a bare httpx client with the same pages.

    python benchmarks/pull.py --traces 5000                # throughput, both clients, three times each, alternating
    python benchmarks/pull.py --traces 5000 --rate 0       # the same, from a server faster than any real one
    python benchmarks/pull.py --traces 100000 --memory     # peak memory of one pull
    python benchmarks/pull.py --traces 3000 --against DIR  # CPU seconds beside another checkout's, eight times each, alternating

The server runs in a process of its own with every row encoded beforehand. It gives observations at `--rate` a second: 4,800 is
what a real Langfuse 4.16 gave to four requests at once on two shared cores (shared/langfuse/README.md).
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "stores"))

DAY = datetime(2026, 11, 19, tzinfo=UTC)
END = DAY + timedelta(days=1)
KEPT = ("id", "traceId", "startTime", "environment", "isRootObservation", "type")


def serve(traces: int, rate: float) -> None:
    """Serve so many traces for ever, `rate` observations a second; the address goes to standard output."""
    import langfuse_rows as wire
    from langfuse_double import LangfuseDouble

    from drift.stores.langfuse_api import FIELDS

    class Paced(LangfuseDouble):
        free = 0.0
        turn = threading.Lock()

        def _v2_observations(self, params: dict) -> tuple[int, dict | bytes]:
            status, answer = super()._v2_observations(params)
            if rate and isinstance(answer, bytes):
                with self.turn:
                    self.free = max(self.free, time.monotonic()) + answer.count(b'"traceId"') / rate
                    until = self.free
                time.sleep(max(0.0, until - time.monotonic()))
            return status, answer

    # nothing of what follows is ever freed
    gc.disable()
    rng = random.Random(0)
    rows, scores = [], []
    for n in range(traces):
        moment = DAY + timedelta(milliseconds=int(rng.random() * 86_400_000))
        trace_id = f"{rng.getrandbits(128):032x}"
        made = wire.trace(trace_id, moment, question=f"What is drift {n}?", answer="Drift is a change. " * 20, filler=800)
        rows += [({k: r[k] for k in KEPT}, json.dumps(r).encode()) for r in made]
        scores.append(wire.score(trace_id, "faithfulness", 0.5, moment + timedelta(seconds=5)))
    rows.sort(key=lambda r: (r[0]["startTime"], r[0]["traceId"], r[0]["id"]), reverse=True)
    double = Paced([r for r, _ in rows], scores)
    double._encoded = {(FIELDS, n): encoded for n, (_, encoded) in enumerate(rows)}
    print(double.url, flush=True)
    time.sleep(86_400)


def bare(url: str) -> int:
    """Rows that a client gets that only pages through the same slices, four at once, and decodes the JSON."""
    from drift.stores.langfuse_api import API, FIELDS
    from drift.stores.langfuse_rows import EXPAND
    from drift.stores.pulling import iso, plan, split

    client = httpx.Client(base_url=url, auth=("pk-lf-test", "sk-lf-test"), timeout=60)

    def pages(path: str, params: dict) -> int:
        rows, cursor = 0, None
        while True:
            answer = json.loads(client.get(path, params={**params, **({"cursor": cursor} if cursor else {})}).content)
            rows += len(answer["data"])
            cursor = answer["meta"].get("cursor")
            if not cursor:
                return rows

    def observations(window: tuple) -> int:
        return pages(f"{API}/v2/observations", {"fields": FIELDS, "expandMetadata": ",".join(EXPAND), "limit": 1000,
                                                "fromStartTime": iso(window[0]), "toStartTime": iso(window[1])})  # fmt: skip

    def scores(window: tuple) -> int:
        return pages(f"{API}/v3/scores", {"fields": "subject", "limit": 100, "fromTimestamp": iso(window[0]),
                                          "toTimestamp": iso(window[1])})  # fmt: skip

    with ThreadPoolExecutor(4) as pool:
        given = sum(pool.map(scores, split(DAY, END + timedelta(days=1), 12)))
        return given + sum(pool.map(observations, plan(DAY, END, None)))


def pull(url: str) -> int:
    """Traces that the store gives."""
    from drift.stores.langfuse import LangfuseOptions, LangfuseStore

    os.environ.update(LANGFUSE_HOST=url, LANGFUSE_PUBLIC_KEY="pk-lf-test", LANGFUSE_SECRET_KEY="sk-lf-test")
    return sum(batch.num_rows for batch in LangfuseStore(LangfuseOptions(), salt="salt").pull(DAY, END))


# a second pull of one process: nothing is imported any more
_ONCE = """
import sys, resource
sys.path.insert(0, sys.argv[1] + "/benchmarks")
from pull import pull
pull(sys.argv[2])
before = resource.getrusage(resource.RUSAGE_SELF)
pull(sys.argv[2])
after = resource.getrusage(resource.RUSAGE_SELF)
print(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
"""


def against(other: Path, traces: int) -> None:
    """Print the CPU seconds (user and system) of a pull in this checkout and in another's, each from its own double at full speed."""
    trees = {"the other": other.resolve(), "this": Path(__file__).resolve().parents[1]}
    servers: list[subprocess.Popen[str]] = []
    seconds: dict[str, list[float]] = {name: [] for name in trees}
    urls: dict[str, str] = {}
    try:
        for name, tree in trees.items():
            command = [sys.executable, str(tree / "benchmarks/pull.py"), "--serve", "--traces", str(traces), "--rate", "0"]
            environment = {**os.environ, "PYTHONPATH": str(tree)}
            servers.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment))
            urls[name] = (servers[-1].stdout or sys.exit()).readline().strip()
        for n in range(8):
            for name in list(trees)[:: 1 if n % 2 else -1]:
                command = [sys.executable, "-c", _ONCE, str(trees[name]), urls[name]]
                environment = {**os.environ, "PYTHONPATH": str(trees[name])}
                seconds[name].append(float(subprocess.run(command, env=environment, capture_output=True, check=True).stdout))
    finally:
        for server in servers:
            server.kill()
    for name, taken in seconds.items():
        print(f"{name}: best {min(taken):.2f}, median {statistics.median(taken):.2f} CPU s")
    best, middle = (f(seconds["this"]) / f(seconds["the other"]) - 1 for f in (min, statistics.median))
    print(f"this against the other: {best:+.1%} of the best, {middle:+.1%} of the median")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--traces", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=4_800, help="observations a second; 0: as fast as it goes")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--against", type=Path, help="another checkout")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        return serve(arguments.traces, arguments.rate)
    if arguments.against:
        return against(arguments.against, arguments.traces)
    command = [sys.executable, __file__, "--serve", "--traces", str(arguments.traces), "--rate", str(arguments.rate)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        if arguments.memory:
            begin = time.perf_counter()
            n = pull(url)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{n} traces, {9 * n} observations in {time.perf_counter() - begin:.0f} s, peak memory {peak:.0f} MB")
            return None
        times: dict[str, list[float]] = {"bare client": [], "store": []}
        for _ in range(3):
            for name, client in (("bare client", bare), ("store", pull)):
                begin = time.perf_counter()
                client(url)
                times[name].append(time.perf_counter() - begin)
        for name, seconds in times.items():
            print(
                f"{name}: {9 * arguments.traces / min(seconds):.0f} observations/s (best of {[round(s, 1) for s in seconds]} s)"
            )
        print(f"store / bare client: {min(times['bare client']) / min(times['store']):.0%}")
    finally:
        server.kill()
    return None


if __name__ == "__main__":
    main()
