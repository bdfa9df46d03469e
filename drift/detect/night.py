"""One night: today against its prediction, for every metric and segment, within one budget of false alarms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType

import numpy as np
from threadpoolctl import threadpool_limits

from drift.config import Config
from drift.detect import (
    budget,
    change_point,
    conditional,
    counting,
    creep,
    random_effects,
    rules,
    slow,
    statistics,
    tail,
    vectors,
)
from drift.detect.finding import DayProfile, Finding
from drift.detect.panel import Panel
from drift.detect.reading import read
from drift.detect.statistics import Excluded, Statistic
from drift.detect.vectors import Moved
from drift.profiles import OVERALL

# lasting changes over the last days have a budget of their own: of 1 %, one night a year
SLOW_BUDGET = 0.27
# the worse direction gets this share of a metric's budget, for a drift to the better can wait for more evidence
WORSE_SHARE = 0.8
# a rare outcome that becomes frequent is more often news than one that becomes rarer
LABEL_UP_SHARE = 0.7
WINDOWS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 14)
GIVEN = "at given length"
GIVEN_WEIGHT = 0.25
EVENTS_THAT_TELL, STEADY = 10, 3.5
# statistics of which only today is asked
ONE_NIGHT = ("shape", "tail", "low tail", GIVEN)


# matrices as small as a month are inverted faster by one thread than by threads that wait for each other
@threadpool_limits.wrap(limits=1, user_api="blas")
def night(
    history: Sequence[DayProfile],
    today: DayProfile,
    config: Config,
    pinned: Sequence[DayProfile] | None = None,
    excluded: Excluded = MappingProxyType({}),
    warned: Collection[str] = (),
) -> list[Finding]:
    """Every comparison of the night, alarms first, then by p.

    history: earlier days, in any order; those not `ok`, in `config.baseline.exclude` or after today are left out. The
    baseline is the last of the rest, so many that every series has its `config.baseline.days`; fewer than
    `config.baseline.min_days`: provisional. Changes that last are looked for in all of the last `slow.HISTORY` days.
    excluded: by day, the series (metric, dimension, value) that are not compared with it, such as those of an open incident.
    warned: metrics whose data failed a check; they do not alarm.
    """
    skip = set(config.baseline.exclude)
    past = sorted((d for d in history if d.ok and d.day < today.day and d.day not in skip), key=lambda d: d.day)
    days = past[-_span(past, config.baseline.days, excluded) :]
    panel = Panel([*days, today])
    notes = _appeared_and_vanished(panel, config)
    if len(days) < 2:
        return notes
    rolling = _compare(panel, config, excluded, [1, *(k for k in WINDOWS if k <= (len(days) + 1) // 2)])
    moved = vectors.compare(days, today, config, excluded)
    longer = _longer(rolling, past, today, config, excluded)
    creeping = creep.creeping(longer.panel, longer.kinds, config, warned)
    lasting = _either(_lasting(longer, config, warned), creeping)
    findings = [*_one_night(rolling, moved, config, warned), *lasting, *notes]
    if pinned:
        findings += _against_pinned(pinned, days, today, config, excluded, warned)
    findings += rules.evaluate(rules.parse_all(config), today, days, config)
    return sorted(findings, key=lambda f: (not f.alarm, 1.0 if f.p is None else f.p))


def _either(lasting: Iterable[Finding], creeping: Iterable[Finding]) -> list[Finding]:
    """One finding for each statistic that changes slowly: the creep where only that alarms, else the last days together."""
    out = {(f.metric, f.statistic): f for f in lasting}
    for f in creeping:
        before = out.get((f.metric, f.statistic))
        if before is None or f.alarm and not before.alarm:
            out[f.metric, f.statistic] = f
    return list(out.values())


@dataclass(frozen=True)
class Compared:
    """All statistics of a panel and what the model says of their last k days, for each k in `windows`.

    z, p: (S, W), p two-sided and calibrated. change, error: (S, W).
    """

    panel: Panel
    kinds: list[Statistic]
    windows: list[int]
    z: np.ndarray
    p: np.ndarray
    change: np.ndarray
    error: np.ndarray
    ordinary: tail.Tail = tail.Tail()

    @property
    def overall(self) -> np.ndarray:
        """(S,) which statistics are of the whole traffic."""
        return np.array([s.segment[0] == OVERALL for s in self.kinds], bool)

    def finding(self, s: int, column: int, test: str, q: float, config: Config, warned: Collection[str]) -> Finding:
        """One statistic's answer to one question, in words."""
        statistic = self.kinds[s]
        change, error, z = (float(x[s, column]) for x in (self.change, self.error, self.z))
        reading = read(statistic, change, error, z, config)
        alarm = q <= config.detect.budget and abs(reading.effect) >= reading.matters and statistic.metric.name not in warned
        since = _since(statistic, self.panel.days) if alarm else (None, None, None)
        baseline = int((statistic.n[:-1] > 0).sum())
        return Finding(
            self.panel.days[-1], statistic.metric.name, *statistic.segment, statistic.name, test, reading.unit,
            _reason(statistic.metric.name in warned, q, z, abs(reading.effect) >= reading.matters, config.detect.budget),
            reading.value_from, reading.value_to, reading.low, reading.high, reading.effect, reading.matters,
            z, float(self.p[s, column]), q, alarm, baseline < config.baseline.min_days, _direction(statistic, z),
            int(statistic.n[-1] if statistic.size is None else statistic.size[-1]), baseline, *since,
            reading.mix_part, reading.effect,
        )  # fmt: skip


def _compare(
    panel: Panel, config: Config, excluded: Excluded, windows: list[int], ordinary: tail.Tail | None = None
) -> Compared:
    """ordinary: the tail of ordinary days, where it is known already; then only the whole traffic is compared."""
    kinds = statistics.of(panel, config.segments.min_traces, excluded, None if ordinary is None else [(OVERALL, "")])
    if not kinds:
        empty = np.zeros((0, len(windows)))
        return Compared(panel, [], windows, empty, empty, empty, empty)
    stack, recent = _stack(kinds), random_effects.last_days(len(panel), windows)
    overall = np.array([s.segment[0] == OVERALL for s in kinds], bool)
    prior = random_effects.shared_prior(stack.take(overall), panel.days)
    # of the segments only today is asked; of the whole also how far each baseline day lies from what the others predict
    asked = recent if ordinary is not None else np.vstack([recent, random_effects.single_days(len(panel))])
    whole = random_effects.ask(stack.take(overall), panel.days, asked, prior)
    parts = random_effects.ask(stack.take(~overall), panel.days, recent[:1], prior)
    latent = _latent(kinds, whole, parts, overall)
    ordinary = ordinary or _ordinary_days(kinds, whole, latent, overall, len(windows))
    verdicts = random_effects.join(whole, parts, overall, len(windows))
    up, down = verdicts.up.copy(), verdicts.down.copy()
    for s, statistic in enumerate(kinds):
        if statistic.events is not None and windows[0] == 1:
            up[s, 0], down[s, 0] = _exact(statistic, verdicts, s, (up[s, 0], down[s, 0]))
    z, change, error = random_effects.signed(up, down), verdicts.change, verdicts.error
    given = _at_given_sizes(kinds)
    if given:
        kinds = [*kinds, *(statistic for statistic, _ in given)]
        # about today alone; the last days together are asked of the level
        z, change, error = (
            np.vstack([before, [[getattr(r, name)] + [0.0] * (len(windows) - 1) for _, r in given]])
            for before, name in ((z, "z"), (change, "change"), (error, "error"))
        )
    latent = np.concatenate([latent, np.ones(len(given))])
    return Compared(panel, kinds, windows, z, _two_sided(kinds, z, latent, windows, ordinary), change, error, ordinary)


def _longer(rolling: Compared, past: Sequence[DayProfile], today: DayProfile, config: Config, excluded: Excluded) -> Compared:
    """The whole traffic against all the days there are: a level that more days have shown is known better, and it is the level
    that a small change must stand out from."""
    days = [d for d in past if (today.day - d.day).days < slow.HISTORY]
    if len(days) == len(rolling.panel) - 1:
        return rolling
    return _compare(Panel([*days, today]), config, excluded, rolling.windows, rolling.ordinary)


def _ordinary_days(
    kinds: list[Statistic], whole: random_effects.Verdicts, latent: np.ndarray, overall: np.ndarray, windows: int
) -> tail.Tail:
    # a metric in the middle of a change that lasts does not show how ordinary days differ
    steady = (np.abs(whole.z[:, 1:windows]) < STEADY).all(1)
    told = np.array([_tells_the_tail(s) for s in kinds], bool)[overall] & steady
    return tail.fit(whole.z[told, windows:].T, latent[overall][told])


def _tells_the_tail(statistic: Statistic) -> bool:
    """Whether the statistic's z show how heavy-tailed days are: levels and shares, which have most of the day effects; not a
    few events a day, whose z is no normal anyway, and not the mix of prompts or releases, which moves in steps."""
    if statistic.name != "level" and not statistic.name.startswith("share:"):
        return False
    if statistic.metric.side == "traffic" and statistic.metric.kind == "label":
        return False
    return statistic.events is None or float(np.nanmedian(statistic.events)) >= EVENTS_THAT_TELL


def _at_given_sizes(kinds: list[Statistic]) -> list[tuple[Statistic, conditional.Residual]]:
    """Costs and latencies at the day's input and output sizes, where those explain them."""
    levels = [s for s in kinds if s.segment[0] == OVERALL and s.name == "level" and s.metric.kind == "number"]
    sizes = [s for s in levels if s.metric.side in ("input", "output")]
    out = []
    for statistic in levels:
        if statistic.metric.side in ("cost", "system") and sizes:
            found = conditional.residual(statistic.y, np.array([s.y for s in sizes]))
            if found is not None:
                out.append((replace(statistic, name=GIVEN, weight=GIVEN_WEIGHT), found))
    return out


def _one_night(compared: Compared, moved: list[Moved], config: Config, warned: Collection[str]) -> Iterator[Finding]:
    """Today alone: every statistic and every vector within one budget."""
    told = [m for m in moved if m.comparison.result is not None]
    units = [*((s.metric.name, s.segment, s.weight) for s in compared.kinds), *((m.metric.name, m.segment, 1.0) for m in told)]
    p = np.concatenate([compared.p[:, 0], [m.comparison.result.p for m in told]])
    q = np.minimum(1.0, budget.holm(p, budget.weights(units)))
    for s in range(len(compared.kinds)):
        yield compared.finding(s, 0, "night", float(q[s]), config, warned)
    for m, own in zip(told, q[len(compared.kinds) :], strict=True):
        yield _vector_finding(m, float(own), compared.panel.days[-1], config, warned)
    for m in moved:
        if m.comparison.result is None:
            yield Finding(
                compared.panel.days[-1], m.metric.name, *m.segment, "vector", "night", m.metric.unit, m.comparison.reason
            )  # fmt: skip


def _lasting(compared: Compared, config: Config, warned: Collection[str]) -> Iterator[Finding]:
    """The last k days together, for the k that stands out most: small changes that last, within a budget of their own."""
    asked = np.flatnonzero(compared.overall & np.array([s.name not in ONE_NIGHT for s in compared.kinds], bool))
    if len(compared.windows) < 2 or not len(asked):
        return
    p = compared.p[asked, 1:]
    best = 1 + np.argmin(p, axis=1)
    smallest = np.minimum(1.0, p.min(1) * (len(compared.windows) - 1))
    units = [(compared.kinds[s].metric.name, compared.kinds[s].segment, compared.kinds[s].weight) for s in asked]
    q = np.minimum(1.0, budget.holm(smallest, budget.weights(units)) / SLOW_BUDGET)
    for s, column, own in zip(asked, best, q, strict=True):
        yield compared.finding(int(s), int(column), "slow", float(own), config, warned)


def _against_pinned(
    pinned: Sequence[DayProfile],
    days: Sequence[DayProfile],
    today: DayProfile,
    config: Config,
    excluded: Excluded,
    warned: Collection[str],
) -> Iterator[Finding]:
    """The last week against the pinned baseline, which does not roll: for a drift that a rolling baseline swallows."""
    week = [d for d in days if d.day > today.day - timedelta(days=7)]
    base = sorted((d for d in pinned if d.ok and d.day <= today.day - timedelta(days=7)), key=lambda d: d.day)
    if len(base) < 2:
        return
    panel = Panel([*base, *week, today])
    compared = _compare(panel, config, excluded, [1, len(week) + 1])
    asked = np.flatnonzero(compared.overall)
    units = [(compared.kinds[s].metric.name, compared.kinds[s].segment, compared.kinds[s].weight) for s in asked]
    q = np.minimum(1.0, budget.holm(compared.p[asked, 1], budget.weights(units)) / SLOW_BUDGET)
    for s, own in zip(asked, q, strict=True):
        yield compared.finding(int(s), 1, "pinned", float(own), config, warned)


def _appeared_and_vanished(panel: Panel, config: Config) -> list[Finding]:
    """Metrics that cannot be compared because today, or the baseline, has no values: said so, and no alarm."""
    out = []
    for j, metric in enumerate(panel.metrics):
        n = np.nan_to_num(panel.n[:, 0, j])
        days = int((n[:-1] > 0).sum())
        if n[-1] > 0 and days >= 2 or n[-1] == 0 and days == 0 or metric.kind == "count":
            continue
        if n[-1] == 0:
            reason = f"no values today, but on {days} of the last {len(n) - 1} days"
        else:
            reason = "values on one earlier day only: no baseline" if days else "no values before today: no baseline"
        provisional = len(n) - 1 < config.baseline.min_days
        known = (panel.days[-1], metric.name, OVERALL, "", "level", "night", metric.unit, reason)
        out.append(Finding(*known, n=int(n[-1]), baseline_days=days, provisional=provisional))
    return out


def _span(days: Sequence[DayProfile], baseline: int, excluded: Excluded) -> int:
    """How many of the last days give every series its full baseline."""
    lost = Counter(key for day in days for key in excluded.get(day.day, ()))
    return baseline + max(lost.values(), default=0)


def _stack(kinds: list[Statistic]) -> random_effects.Series:
    return random_effects.Series(
        np.array([s.y for s in kinds]),
        np.array([s.n for s in kinds]),
        np.array([s.variance for s in kinds]),
        np.array([max(s.typical, 1e-4) for s in kinds]),
        np.array([f"{s.metric.kind} {s.name.partition(':')[0]}" for s in kinds]),
    )


def _exact(statistic: Statistic, verdicts: random_effects.Verdicts, s: int, normal: tuple[float, float]) -> tuple[float, float]:
    """Tails of today's count, by the beta-binomial where counts are small."""
    k, n = int(round(statistic.events[-1])), int(round(statistic.size[-1]))
    usual = statistic.expected[-1]
    if min(max(k, usual * n), max(n - k, (1 - usual) * n)) > counting.LARGE:
        return normal
    history = statistic.n[:-1] > 0
    pooled_k, pooled_n = statistic.events[:-1][history].sum(), statistic.size[:-1][history].sum()
    if not pooled_n:
        return normal
    per_day = pooled_n / history.sum()
    up = down = 0.0
    for change, latent in zip(verdicts.group_change[s], verdicts.group_latent[s], strict=True):
        p = float(counting.share(statistic.raw[-1] - change))
        rate = (pooled_k + 0.5) / (pooled_n + 1)
        if min(rate, 1 - rate) * per_day < 8:
            # the arcsine of counts near 0 is biased; the pooled count is not
            mean = float(np.average(statistic.expected[:-1][history], weights=statistic.size[:-1][history]))
            p = rate * usual / max(mean, 1e-300) if rate < 0.5 else 1 - (1 - rate) * (1 - usual) / max(1 - mean, 1e-300)
        upper, lower = counting.tails(k, n, min(max(p, 0.0), 1.0), float(latent))
        up, down = up + upper / 3, down + lower / 3
    return min(up, 1.0), min(down, 1.0)


def _two_sided(
    kinds: list[Statistic], z: np.ndarray, latent: np.ndarray, windows: list[int], ordinary: tail.Tail
) -> np.ndarray:
    """p-values (S, W); a metric that gets worse in one direction spends most of its budget there."""
    share = np.array([_up_share(s) for s in kinds])
    out = np.empty(z.shape)
    for column, days in enumerate(windows):
        up, down = (ordinary.upper(sign * z[:, column], latent, days) for sign in (1, -1))
        with np.errstate(divide="ignore"):
            other = np.where(share < 1, down / np.maximum(1 - share, 1e-300), 1.0)
            out[:, column] = np.minimum(1.0, np.minimum(up / share, other))
    return out


def _latent(
    kinds: list[Statistic], whole: random_effects.Verdicts, parts: random_effects.Verdicts, overall: np.ndarray
) -> np.ndarray:
    """Share of the variance of today's prediction that is today's own day effect, (S,): neither sampling error nor that the level
    is known from so many days only."""
    error = np.empty(len(kinds))
    error[overall], error[~overall] = whole.error[:, random_effects.TODAY], parts.error[:, random_effects.TODAY]
    sampling = np.array([s.variance / s.n[-1] if s.n[-1] > 0 else np.inf for s in kinds])
    level = 1 / np.array([max(int((s.n[:-1] > 0).sum()), 1) for s in kinds])
    return np.clip(1 - sampling / np.maximum(error, 1e-300) ** 2 - level, 0.0, 1.0)


def _up_share(statistic: Statistic) -> float:
    if statistic.one_sided:
        return 1.0
    if statistic.metric.kind == "label" and statistic.metric.side != "traffic":
        return LABEL_UP_SHARE
    if statistic.name not in ("level", "tail", GIVEN) or statistic.metric.worse == "either":
        return 0.5
    return WORSE_SHARE if statistic.metric.worse == "up" else 1 - WORSE_SHARE


def _since(statistic: Statistic, days: Sequence[date]) -> tuple[date, date, date]:
    """First changed day of an alarm with its 95 % credible interval, among the days that a lasting change is looked for in."""
    with np.errstate(divide="ignore"):
        found = change_point.since(statistic.y, statistic.variance / statistic.n, days, last=max(WINDOWS))
    return found or (days[-1],) * 3


def _direction(statistic: Statistic, z: float) -> str:
    worse = {"up": 1, "down": -1}.get(statistic.metric.worse if statistic.name in ("level", "tail", GIVEN) else "either", 0)
    return "changed" if not worse else "worse" if worse * z > 0 else "better"


def _reason(warned: bool, q: float, z: float, large: bool, budget: float) -> str:
    if warned:
        return "the metric's data failed a check, so it does not alarm"
    if q > budget:
        return f"within what ordinary days do (z {z:+.1f}; q {q:.2g} is above the budget of {budget:g})"
    if not large:
        return f"out of the ordinary (q {q:.2g}), but smaller than the smallest change that matters"
    return f"q {q:.2g} is within the budget of {budget:g}, and the change is large enough to matter"


def _vector_finding(moved: Moved, q: float, day: date, config: Config, warned: Collection[str]) -> Finding:
    result, metric = moved.comparison.result, moved.metric
    section = config.metrics.get(metric.name)
    matters = section.matters if section is not None and section.matters is not None else metric.matters
    large = result.cosine_shift >= matters or result.statistic != "energy"
    return Finding(
        day, metric.name, *moved.segment, result.statistic, "night", metric.unit,
        _reason(metric.name in warned, q, result.z, large, config.detect.budget),
        0.0, result.cosine_shift, effect=result.cosine_shift, matters=matters, z=result.z, p=result.p, q=q,
        alarm=q <= config.detect.budget and large and metric.name not in warned,
        provisional=result.days < config.baseline.min_days, n=result.n, baseline_days=result.days,
        since=day if q <= config.detect.budget else None,
    )  # fmt: skip
