"""A day of a living application: its laws, and the requests they give.

What a day is like wanders (an Ornstein–Uhlenbeck path with Student steps, no path two metrics share); people come back, talk
in sessions at their own hours and in their own language; speed follows the load of the hour.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

import numpy as np
import pyarrow as pa

from drift import traces
from living.exchanges import ENDPOINTS, FORMS, pool
from living.words import LANGUAGES, SYSTEM_PROMPT, TOPICS
from living.worlds import FIRST, HISTORY, HOLIDAYS, NIGHTS, World, day_of

MODELS = ("atlas-large", "atlas-large-2", "atlas-mini")
# USD a million tokens in and out; tokens a second; seconds to the first token
_PRICES = np.array([(2.5, 10.0), (2.5, 10.0), (0.15, 0.6)]) / 1e6
_SPEED, _FIRST_TOKEN = np.array([62.0, 62.0, 120.0]), np.array([0.55, 0.55, 0.28])
_MODEL_OF = np.array([0, 0, 2, 0, 2, 0])
_ENDPOINT_SHARE = np.array([0.38, 0.27, 0.12, 0.13, 0.10, 0.0])
_TOPIC_SHARE = np.array([0.26, 0.17, 0.15, 0.16, 0.15, 0.105, 0.005])
_SYSTEM_TOKENS = np.array([420, 610, 350, 900, 180, 300])
_WEEK = np.array([1.0, 1.06, 1.04, 1.01, 0.93])
_HOURS = np.array(
    [1, 0.7, 0.5, 0.4, 0.4, 0.6, 1.2, 2.5, 4.5, 6, 6.5, 6.3, 5.6, 5.9, 6.2, 6, 5.6, 5, 4.6, 4.2, 3.8, 3.2, 2.4, 1.6]
)
_HOURS_OF_WEEKENDS = np.roll(_HOURS, 2) ** 0.6
_FORM = {name: i for i, name in enumerate(FORMS)}
_WANDERERS = (
    "volume",
    "speed",
    "first",
    "error",
    "refusal",
    "score",
    "thumbs",
    "retrieval",
    "retry",
    "fallback",
    "tool",
    "length",
    "cut",
)


@dataclass
class Day:
    """The requests of a day as arrays (n,), before texts are chosen; what is planted changes these.

    speed, first, price_in, price_out, tokens_out: factors. system: tokens of the system prompt. Codes point into TOPICS,
    LANGUAGES, ENDPOINTS, MODELS and FORMS.
    """

    number: int
    seconds: np.ndarray
    session: np.ndarray
    turn: np.ndarray
    user: np.ndarray
    topic: np.ndarray
    language: np.ndarray
    endpoint: np.ndarray
    model: np.ndarray
    release: np.ndarray
    prompt: np.ndarray
    form: np.ndarray
    item: np.ndarray
    speed: np.ndarray
    first: np.ndarray
    system: np.ndarray
    price: np.ndarray
    tokens: np.ndarray
    error: np.ndarray
    cut: np.ndarray
    retries: np.ndarray
    fallback: np.ndarray
    calls: np.ndarray
    failed_calls: np.ndarray
    steps: np.ndarray
    loops: np.ndarray
    documents: np.ndarray
    score: np.ndarray
    age: np.ndarray
    index_built: np.ndarray
    thumbs: np.ndarray
    judged: np.ndarray
    lost: np.ndarray
    unreported: np.ndarray
    extra: dict = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.seconds)


class Application:
    """A world of a size and a seed: the paths of its day effects once, then any of its days."""

    def __init__(self, world: World, size: int, seed: int):
        self.world, self.size, self.seed = world, size, seed
        rng = np.random.default_rng([seed, 11])
        n = HISTORY + NIGHTS + 30
        self.path = {name: world.wandering * _wander(rng, n) for name in _WANDERERS}
        self.topics = world.wandering * np.column_stack([_wander(rng, n) for _ in TOPICS])
        self.endpoints = world.wandering * np.column_stack([_wander(rng, n) for _ in ENDPOINTS])
        self.habit = np.random.default_rng([seed, 12]).random((200_000, 2))
        # deployments happen at an hour of a working day
        self.hours = rng.uniform(9, 17, n)

    def volume(self, number: int) -> float:
        w, day = self.world, day_of(number)
        level = self.size * (1 + w.growth) ** (number / 7) * np.exp(0.045 * self.path["volume"][number])
        level *= w.weekend if day.weekday() > 4 else _WEEK[day.weekday()]
        level *= 1 + w.month_end * (_ends_month(day))
        if w.holidays and day in HOLIDAYS:
            level *= 0.55
        if w.campaign and w.campaign[0] <= number <= w.campaign[1]:
            level *= 1.9
        return level

    def day(self, number: int) -> Day:
        """The day's requests; the same for the same world, size, seed and number."""
        w, day = self.world, day_of(number)
        rng = np.random.default_rng([self.seed, 21, number, self.size])
        people = self._sessions(rng, number, self.volume(number) * (1 - w.batch))
        if w.batch:
            people = _joined(people, self._jobs(rng, number))
        n = len(people["seconds"])
        order = np.argsort(people["seconds"], kind="stable")
        base = {name: values[order] for name, values in people.items()}
        endpoint = base["endpoint"]
        model = _MODEL_OF[endpoint].copy()
        if w.migration:
            start, end = w.migration
            step = (number - start) / max(1, end - start)
            share = 0.0 if step < 0 else 0.05 if step < 0.3 else 0.5 if step < 0.7 else 1.0
            model[(model == 0) & (self.habit[base["user"], 1] < share)] = 1
        load = _load(base["seconds"], n)
        p = {name: path[number] for name, path in self.path.items()}
        form = np.where(rng.random(n) < 0.012 * np.exp(0.2 * p["refusal"]), _FORM["refused"], _FORM["plain"])
        form[rng.random(n) < 0.0015] = _FORM["empty"]
        form[(endpoint == 2) & (rng.random(n) < 0.006)] = _FORM["broken"]
        form[rng.random(n) < 0.002] = _FORM["injected"]
        form[rng.random(n) < 0.001] = _FORM["personal"]
        found = np.where(endpoint == 1, rng.integers(3, 7, n), 0)
        found[(endpoint == 1) & (rng.random(n) < 0.02)] = 0
        error = rng.random(n) < 0.006 * np.exp(0.25 * p["error"])
        kinds = rng.choice(np.array(["5xx", "timeout", "rate_limit", "content_filter"], object), n, p=[0.45, 0.25, 0.2, 0.1])
        if number in w.outages:
            hour = 3600 * (10 + number % 6)
            down = (base["seconds"] >= hour) & (base["seconds"] < hour + 3600) & (rng.random(n) < 0.65)
            error, kinds = error | down, np.where(down, "5xx", kinds)
        agent = endpoint == 3
        calls = np.where(agent, 1 + rng.poisson(1.3, n), 0)
        built = _refreshed(day) if w.sawtooth else day - timedelta(days=1)
        built_at = np.full(n, (datetime.combine(built, time(3), UTC)).timestamp())
        # of a monthly refresh the documents are a month's; else something is always edited
        age = (day - built).days + (rng.gamma(2.0, 3.0, n) if w.sawtooth else rng.gamma(1.6, 6.0, n)) + base["seconds"] / 86400
        thumbs = np.where(rng.random(n) < 0.06, rng.random(n) > 0.08 * np.exp(0.1 * p["thumbs"]), np.nan)
        judged = np.where(rng.random(n) < 0.15, np.clip(4.3 + 0.05 * p["score"] + 0.5 * rng.standard_t(5, n), 1, 5), np.nan)
        lost = np.zeros(n, bool)
        if number in w.lost:
            lost = base["seconds"] > 43_200
        return Day(
            number=number, **{k: base[k] for k in ("seconds", "session", "turn", "user", "topic", "language", "endpoint")},
            model=model, release=self._version(number, base, w.release_every, 3), prompt=self._version(number, base, w.prompt_every, 5),
            form=form, item=rng.integers(0, 30, n),
            speed=np.exp(0.05 * p["speed"] + 0.25 * rng.standard_normal(n)) / load,
            first=np.exp(0.06 * p["first"] + 0.4 * rng.standard_normal(n)) * load ** 1.5,
            system=_SYSTEM_TOKENS[endpoint].astype(float), price=np.ones(n),
            tokens=np.exp(0.02 * p["length"] + 0.12 * rng.standard_normal(n)), error=np.where(error, kinds, None),
            cut=rng.random(n) < 0.004 * np.exp(0.15 * p["cut"]), retries=(rng.random(n) < 0.01 * np.exp(0.2 * p["retry"])).astype(int),
            fallback=rng.random(n) < 0.004 * np.exp(0.2 * p["fallback"]), calls=calls,
            failed_calls=(agent & (rng.random(n) < 0.018 * np.exp(0.2 * p["tool"]))).astype(int),
            steps=np.where(agent, calls + 1 + rng.poisson(0.6, n), 1), loops=(agent & (rng.random(n) < 0.01)).astype(int),
            documents=found, score=np.clip(0.79 + 0.008 * p["retrieval"] + 0.07 * rng.standard_normal(n), 0.05, 0.99), age=age,
            index_built=built_at, thumbs=thumbs, judged=judged, lost=lost, unreported=np.zeros(n, bool),
        )  # fmt: skip

    def _sessions(self, rng: np.random.Generator, number: int, volume: float) -> dict[str, np.ndarray]:
        w, day = self.world, day_of(number)
        n = rng.poisson(volume)
        mean = 2.3 * (1 + w.lengthening) ** (number / 7)
        turns = rng.geometric(1 / mean, max(1, 2 * int(n / mean) + 30))
        turns = turns[: int(np.searchsorted(np.cumsum(turns), n)) + 1]
        many = len(turns)
        # Zipf's law among those who are about; a few leave and come every day
        crowd = max(5, int(self.world.people * self.size * (1 + w.growth) ** (number / 7)))
        rank = np.minimum((crowd * rng.random(many) ** 2.2).astype(int), crowd - 1)
        user = (rank * 7919 + (number * rank // 40) * 31) % 150_000
        if w.campaign and w.campaign[0] <= number <= w.campaign[1]:
            newcomers = rng.random(many) < 0.45
            user = np.where(newcomers, 150_000 + rng.integers(0, 40_000, many), user)
        hours = _HOURS_OF_WEEKENDS if day.weekday() > 4 else _HOURS
        start = 3600 * (rng.choice(24, many, p=hours / hours.sum()) + rng.random(many))
        topic = rng.choice(len(TOPICS), many, p=self._topic_shares(number))
        endpoint = rng.choice(len(ENDPOINTS), many, p=self._endpoint_shares(number))
        language = np.searchsorted(np.cumsum(self._language_shares(number))[:-1], self.habit[user, 0])
        of = np.repeat(np.arange(many), turns)
        turn = np.arange(len(of)) - np.repeat(np.cumsum(turns) - turns, turns)
        seconds = np.minimum(start[of] + turn * rng.gamma(1.5, 50, len(of)), 86_399.0)
        out = {"session": number * 1_000_000 + of, "user": user[of], "topic": topic[of], "endpoint": endpoint[of],
               "language": language[of], "turn": turn, "seconds": seconds}  # fmt: skip
        return {name: values[:n] for name, values in out.items()}

    def _jobs(self, rng: np.random.Generator, number: int) -> dict[str, np.ndarray]:
        """Scheduled jobs: a customer each, at its hour, on its weekdays, as many requests as there is to do."""
        day, parts = day_of(number), []
        for job in range(5):
            law = np.random.default_rng([self.seed, 31, job])
            usual = self.size * self.world.batch * law.dirichlet(np.full(5, 4.0))[0] * 1.4
            hour, weekend = law.uniform(0, 6), law.random() < 0.3
            if day.weekday() > 4 and not weekend:
                continue
            n = int(usual * rng.lognormal(0, 0.22) * (1.5 if job == 0 and _ends_month(day) else 1))
            parts.append({
                "session": number * 1_000_000 + 500_000 + job * 50_000 + np.arange(n), "user": np.full(n, 190_000 + job),
                "topic": rng.choice(len(TOPICS), n, p=self._topic_shares(number)), "endpoint": np.full(n, (2, 4, 4, 2, 1)[job]),
                "language": np.zeros(n, int), "turn": np.zeros(n, int),
                "seconds": 3600 * hour + np.sort(rng.random(n)) * 3600,
            })  # fmt: skip
        return _joined(*parts) if parts else self._sessions(rng, number, 1)

    def _topic_shares(self, number: int) -> np.ndarray:
        w, day = self.world, day_of(number)
        share = _TOPIC_SHARE * np.exp(0.07 * self.topics[number])
        share[1] *= 1.8 if _ends_month(day) and w.month_end else 1
        share[4] *= 0.8 if day.weekday() > 4 else 1
        if w.viral and w.viral[0] <= number <= w.viral[1] + 4:
            share[6] += 0.30 * 0.6 ** max(0, number - w.viral[0] - 1)
        return share / share.sum()

    def _endpoint_shares(self, number: int) -> np.ndarray:
        share = _ENDPOINT_SHARE * np.exp(0.04 * self.endpoints[number])
        for name, start in self.world.opened.items():
            share[ENDPOINTS.index(name)] = 0.12 * np.clip((number - start + 1) / 12, 0, 1)
        for name, end in self.world.closed.items():
            share[ENDPOINTS.index(name)] *= number < end
        return share / share.sum()

    def _language_shares(self, number: int) -> np.ndarray:
        share = np.array(self.world.languages)
        for name, middle in self.world.market.items():
            share[LANGUAGES.index(name)] += 0.18 / (1 + np.exp(-(number - middle) / 9))
        return share / share.sum()

    def _version(self, number: int, base: dict, every: int, salt: int) -> np.ndarray:
        """Which deployment served each request: since the hour of the last one, or as far as it is rolled out."""
        n = len(base["seconds"])
        if not every:
            return np.ones(n, int)
        current, age = divmod(number, every)
        if not self.world.staged:
            return 1 + current - ((age == 0) & (base["seconds"] < 3600 * self.hours[number]))
        share = (0.05, 0.5, 0.5, 1.0)[min(age, 3)]
        return 1 + current - ((self.habit[base["user"], 0] * 97 + salt) % 1 >= share)


def trace_table(application: Application, day: Day) -> tuple[pa.Table, np.ndarray]:
    """The day as traces without their texts, and the exchange (rows,) that each took its texts from (-1: none)."""
    day_start = datetime.combine(day_of(day.number), time(), UTC).timestamp()
    kept = np.flatnonzero(~day.lost)
    p = pool()
    chosen = p.index[day.topic, day.language, day.endpoint, day.form, day.item]
    characters = p.characters[chosen]
    failed = np.array([e is not None for e in day.error])
    per_token = np.where(day.language == 0, 4.2, 3.4)
    tokens_out = np.where(failed, 0, np.round(characters[:, 1] / per_token * day.tokens)).astype(int)
    tokens_in = np.round(
        day.system + characters[:, 0] / per_token + day.turn * 130 + day.documents * 85 + (day.steps - 1) * 240
    ).astype(int)
    ttft = _FIRST_TOKEN[day.model] * day.first * (1 + tokens_in / 12_000)
    latency = ttft + tokens_out / (_SPEED[day.model] * day.speed) + 0.7 * np.maximum(0, day.steps - 1) * day.first
    latency = np.where(day.error == "timeout", 30.0, latency)
    cost = day.price * (tokens_in * _PRICES[day.model, 0] * day.steps + tokens_out * _PRICES[day.model, 1])
    finish = np.where(failed, None, np.where(day.cut | (day.form == _FORM["cut"]), "length", "stop")).astype(object)
    updated = day_start + day.seconds - day.age * 86_400
    known = ~day.unreported
    micro = lambda seconds: pa.array((np.asarray(seconds) * 1e6).astype(np.int64)).cast(traces.TIME)  # noqa: E731
    columns = {
        "trace_id": pa.array([f"{day.number:04d}{i:06x}" for i in range(len(day))]),
        "timestamp": micro(day_start + day.seconds),
        "session_id": pa.array(day.session.astype(str)), "user": pa.array([f"u{u:06d}" for u in day.user]),
        "name": _labels(ENDPOINTS, day.endpoint), "environment": pa.array(["production"] * len(day)),
        "release": pa.array([f"2.{v}.0" for v in day.release]), "model": _labels(MODELS, day.model),
        "prompt_name": _labels(ENDPOINTS, day.endpoint), "prompt_version": pa.array([f"v{v}" for v in day.prompt]),
        "latency_s": latency, "ttft_s": pa.array(np.where(failed, np.nan, ttft), from_pandas=True),
        "input_tokens": pa.array(tokens_in, mask=~known), "output_tokens": pa.array(tokens_out, mask=~known | failed),
        "cost_usd": pa.array(cost, mask=~known), "n_generations": day.steps.astype(np.int32), "retries": day.retries.astype(np.int32),
        "fallback": day.fallback, "finish_reason": pa.array(finish, pa.string()), "error": pa.array(day.error, pa.string()),
        "tool_calls": pa.array(day.calls, pa.int32(), mask=day.endpoint != 3),
        "tool_errors": pa.array(np.minimum(day.failed_calls, day.calls), pa.int32(), mask=day.endpoint != 3),
        "steps": day.steps.astype(np.int32), "repeated_tool_calls": pa.array(day.loops, pa.int32(), mask=day.endpoint != 3),
        "documents": _documents(day, updated), "index_built_at": pa.array(day.index_built * 1e6, pa.int64(), mask=day.endpoint != 1).cast(traces.TIME),
        "scores": _scores(day),
    }  # fmt: skip
    table = pa.table([_column(columns.get(f.name), f.type, len(day)) for f in traces.SCHEMA], schema=traces.SCHEMA)
    return table.take(kept), np.where(failed, -1 - chosen, chosen)[kept]


def with_texts(table: pa.Table, exchange: np.ndarray) -> pa.Table:
    """The traces with their texts, as a store would give them."""
    failed = exchange < 0
    rows = pool().texts.take(np.where(failed, -1 - exchange, exchange))
    texts = {"input": rows.column("input"), "system_prompt": rows.column("system_prompt")}
    texts["output"] = pa.array(np.where(failed, None, np.array(rows.column("output").to_pylist(), object)), pa.string())
    texts["documents"] = pa.array(
        [None if has is None else [doc | {"text": of["text"]} for doc, of in zip(has, (text or []) * 3, strict=False)]
         for has, text in zip(table.column("documents").to_pylist(), rows.column("documents").to_pylist(), strict=True)],
        traces.SCHEMA.field("documents").type,
    )  # fmt: skip
    for name, column in texts.items():
        table = table.set_column(table.column_names.index(name), traces.SCHEMA.field(name), column)
    return table


def _documents(day: Day, updated: np.ndarray) -> pa.Array:
    """Null where nothing is retrieved; the best document has the day's score, each further one a little less."""
    retrieves = day.endpoint == 1
    counts = np.where(retrieves, day.documents, 0)
    rows = np.repeat(np.arange(len(day)), counts)
    place = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    values = pa.StructArray.from_arrays(
        [pa.array([f"d{i}" for i in place], pa.string()), pa.array(day.score[rows] - 0.03 * place),
         pa.array((updated[rows] * 1e6).astype(np.int64)).cast(traces.TIME), pa.nulls(len(rows), pa.string())],
        fields=list(traces.DOCUMENT),
    )  # fmt: skip
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]), pa.int32())
    return pa.ListArray.from_arrays(offsets, values, mask=pa.array(~retrieves))


def _scores(day: Day) -> pa.Array:
    given = [
        [
            {"name": n, "value": float(v), "label": None}
            for n, v in (("thumbs", a), ("judge", b), ("task_completed", c))
            if v == v
        ]
        for a, b, c in zip(day.thumbs, day.judged, day.extra.get("done", np.full(len(day), np.nan)), strict=True)
    ]
    return pa.array(given, traces.SCHEMA.field("scores").type)


def _column(values, kind: pa.DataType, n: int) -> pa.Array:
    if values is None:
        return pa.nulls(n, kind)
    return (
        values
        if isinstance(values, pa.Array) and values.type == kind
        else pa.array(values, kind)
        if not isinstance(values, pa.Array)
        else values.cast(kind)
    )


def _labels(names: tuple[str, ...], codes: np.ndarray) -> pa.Array:
    return pa.array(np.array(names, object)[codes], pa.string())


def _joined(*parts: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _wander(rng: np.random.Generator, n: int) -> np.ndarray:
    """A path around 0 of unit spread: it forgets half of itself in four days, and its steps have Student's tails."""
    keep = 0.5 ** (1 / 4)
    steps = rng.standard_t(5, n + 60) / np.sqrt(5 / 3) * np.sqrt(1 - keep**2)
    path = np.zeros(n + 60)
    for i in range(1, n + 60):
        path[i] = keep * path[i - 1] + steps[i]
    return 0.7 * path[60:] + 0.7 * rng.standard_normal(n)


def _load(seconds: np.ndarray, n: int) -> np.ndarray:
    """How much slower the hour is than an empty one, by its share of the day."""
    hour = (seconds // 3600).astype(int)
    share = np.bincount(hour, minlength=24)[hour] / max(n, 1) * 24
    return 1 + 0.06 * np.minimum(share, 4)


def _ends_month(day) -> bool:
    return (day + timedelta(days=2)).month != day.month or day.day == 1


def _refreshed(day):
    """When the documents were last refreshed: the first of the month, in the night."""
    return day.replace(day=1)


assert SYSTEM_PROMPT
assert FIRST
