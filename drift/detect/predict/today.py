"""Today, and the last days together, against their predictions: every scalar statistic of a panel, with its calibrated p-value."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from drift import metrics
from drift.detect.lasting import change_point
from drift.detect.predict import calibration, counts, covariates, random_effects
from drift.detect.reading import read, reason
from drift.detect.settings import Settings
from drift.detect.statistics import statistics
from drift.detect.statistics.panel import Panel
from drift.detect.statistics.statistic import Excluded, Statistic
from drift.findings import Finding, FindingTest
from drift.metrics import direction
from drift.profiles import OVERALL

# the worse direction gets this share of a metric's budget, for a drift to the better can wait for more evidence
WORSE_SHARE = 0.8
# a rare outcome that becomes frequent is more often news than one that becomes rarer
LABEL_UP_SHARE = 0.7
GIVEN = "at given length"
GIVEN_WEIGHT = 0.25
EVENTS_THAT_TELL, STEADY = 10, 3.5
# what lasts is looked for in the last days together; in a segment in fewer windows, for there are many segments
WINDOWS, SEGMENT_WINDOWS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 14), (2, 4, 7)
# exact tails take time: those of a window are asked for where the normal's p is below this
_WORTH_A_LOOK = 0.1


@dataclass(frozen=True)
class Predicted:
    """All statistics of a panel and what the model says of their last k days, for each k in `windows`.

    z, p: (S, W), p two-sided and calibrated. change, error: (S, W). latent: (S,), see `_latent`. verdicts: of all but what is asked
    at given length, which comes last.
    """

    panel: Panel
    kinds: list[Statistic]
    windows: list[int]
    z: np.ndarray
    p: np.ndarray
    change: np.ndarray
    error: np.ndarray
    latent: np.ndarray
    verdicts: random_effects.Verdicts
    ordinary: calibration.Tail = calibration.Tail()

    @property
    def overall(self) -> np.ndarray:
        """(S,) which statistics are of the whole traffic."""
        return np.array([s.segment[0] == OVERALL for s in self.kinds], bool)

    def finding(self, s: int, column: int, test: FindingTest, q: float, settings: Settings, warned: Collection[str]) -> Finding:
        """One statistic's answer to one question, in words."""
        statistic = self.kinds[s]
        change, error, z = (float(x[s, column]) for x in (self.change, self.error, self.z))
        reading = read(statistic, change, error, z, settings, self.windows[column])
        alarm = q <= settings.budget and abs(reading.effect) >= reading.matters and statistic.metric.name not in warned
        first, low, high = _since(statistic, self.panel.days) if alarm else (None, None, None)
        baseline = int((statistic.n[:-1] > 0).sum())
        dimension, value = statistic.segment
        return Finding(
            day=self.panel.days[-1],
            metric=statistic.metric.name,
            dimension=dimension,
            value=value,
            statistic=statistic.name,
            test=test,
            unit=reading.unit,
            reason=reason(statistic.metric.name in warned, q, z, abs(reading.effect) >= reading.matters, settings.budget),
            value_from=reading.value_from,
            value_to=reading.value_to,
            low=reading.low,
            high=reading.high,
            effect=reading.effect,
            matters=reading.matters,
            z=z,
            p=float(self.p[s, column]),
            q=q,
            alarm=alarm,
            provisional=baseline < settings.min_days,
            direction=direction(statistic.metric, statistic.name, z),
            n=int(statistic.traces[-1]),
            baseline_days=baseline,
            since=first,
            since_low=low,
            since_high=high,
            mix_part=reading.mix_part,
            within_part=reading.effect,
        )


def against_baseline(
    panel: Panel, settings: Settings, excluded: Excluded, windows: list[int], ordinary: calibration.Tail | None = None
) -> Predicted:
    """Every scalar statistic of the panel against its days before the last k, for each k in `windows`, the first of which is 1.

    ordinary: the tail of ordinary days, where it is known already; then only the whole traffic is compared.
    """
    kinds = statistics.of(panel, settings.min_traces, excluded, None if ordinary is None else [(OVERALL, "")])
    if not kinds:
        empty = np.zeros((0, len(windows)))
        nothing = random_effects.Verdicts(*(np.zeros((0, 0)) for _ in range(7)))
        return Predicted(panel, [], windows, empty, empty, empty, empty, np.zeros(0), nothing)
    stack, recent = stacked(kinds), random_effects.last_days(len(panel), windows)
    overall = np.array([s.segment[0] == OVERALL for s in kinds], bool)
    prior = random_effects.shared_prior(stack.take(overall), panel.days)
    # of the whole also how far each baseline day lies from what the others predict
    asked = recent if ordinary is not None else np.vstack([recent, random_effects.single_days(len(panel))])
    drilled = np.array([metrics.drilled(s.metric) for s in kinds], bool)
    told = sum(days <= SEGMENT_WINDOWS[-1] for days in windows)
    whole = random_effects.ask(stack.take(overall), panel.days, asked, prior, drilled[overall], told)
    some = [column for column, days in enumerate(windows) if column == random_effects.TODAY or days in SEGMENT_WINDOWS]
    segments = _of_segments(kinds, stack, overall, prior)
    # metrics differ among themselves as much in their segments as overall
    own = random_effects.shared_prior(segments, panel.days, doubt=prior.spread)
    parts = random_effects.ask(segments, panel.days, recent[some], own, drilled[~overall], len(some))
    latent = _latent(kinds, whole, parts, overall)
    ordinary = ordinary or _ordinary_days(kinds, whole, latent, overall, len(windows))
    verdicts = random_effects.join(whole, parts, overall, len(windows), some)
    up, down = _with_small_counts(kinds, verdicts, windows)
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
    p = _two_sided(kinds, z, latent, windows, ordinary)
    return Predicted(panel, kinds, windows, z, p, change, error, latent, verdicts, ordinary)


def stacked(kinds: Sequence[Statistic]) -> random_effects.Series:
    """The statistics as series of the model, each counting as evidence for itself."""
    return random_effects.Series(
        np.array([s.y for s in kinds]),
        np.array([s.n for s in kinds]),
        np.array([s.variance for s in kinds]),
        np.array([max(s.typical, 1e-4) for s in kinds]),
        np.array([f"{s.metric.kind} {s.name.partition(':')[0]}" for s in kinds]),
        np.ones(len(kinds)),
    )


def _with_small_counts(
    kinds: list[Statistic], verdicts: random_effects.Verdicts, windows: list[int]
) -> tuple[np.ndarray, np.ndarray]:
    """One-sided p-values up and down, (S, W), with the exact tails of counts that are small."""
    up, down = verdicts.up.copy(), verdicts.down.copy()
    for s, statistic in enumerate(kinds):
        for column, days in enumerate(windows) if statistic.events is not None else ():
            normal = up[s, column], down[s, column]
            if column == random_effects.TODAY:
                up[s, column], down[s, column] = counts.tails(statistic, verdicts, s, column, days, normal)
            elif min(normal) < _WORTH_A_LOOK:
                # how uncertain the variance is the normal's mixture knows better, how skew a count is the exact tail
                exact = counts.tails(statistic, verdicts, s, column, days, normal)
                up[s, column], down[s, column] = np.maximum(normal, exact)
    return up, down


def _ordinary_days(
    kinds: list[Statistic], whole: random_effects.Verdicts, latent: np.ndarray, overall: np.ndarray, windows: int
) -> calibration.Tail:
    # a metric in the middle of a change that lasts does not show how ordinary days differ
    steady = (np.abs(whole.z[:, 1:windows]) < STEADY).all(1)
    told = np.array([_tells_the_tail(s) for s in kinds], bool)[overall] & steady
    return calibration.fit(whole.z[told, windows:].T, latent[overall][told])


def _tells_the_tail(statistic: Statistic) -> bool:
    """Whether the statistic's z show how heavy-tailed days are: levels and shares, which have most of the day effects; not a
    few events a day, whose z is no normal anyway, and not the mix of prompts or releases, which moves in steps."""
    if statistic.name != "level" and not statistic.name.startswith("share:"):
        return False
    if statistic.metric.side == "traffic" and statistic.metric.kind == "label":
        return False
    return statistic.events is None or float(np.nanmedian(statistic.events)) >= EVENTS_THAT_TELL


def _at_given_sizes(kinds: list[Statistic]) -> list[tuple[Statistic, covariates.Residual]]:
    """Costs and latencies at the day's input and output sizes, where those explain them."""
    levels = [s for s in kinds if s.segment[0] == OVERALL and s.name == "level" and s.metric.kind == "number"]
    sizes = [s for s in levels if s.metric.side in ("input", "output")]
    out = []
    for statistic in levels:
        if statistic.metric.side in ("cost", "system") and sizes:
            found = covariates.residual(statistic.y, np.array([s.y for s in sizes]))
            if found is not None:
                out.append((replace(statistic, name=GIVEN, weight=GIVEN_WEIGHT), found))
    return out


def _of_segments(
    kinds: list[Statistic], stack: random_effects.Series, overall: np.ndarray, prior: random_effects.Prior
) -> random_effects.Series:
    """The segments' series, those of a metric as one kind: how much its days differ is seen in all of its segments together.
    The first guess is what the kind's series of the whole traffic show (`prior`)."""
    own = stack.take(~overall)
    shift = np.array([prior.shifts[kind] @ random_effects.SHIFTS if kind in prior.shifts else 0.0 for kind in own.kind])
    names = [f"{s.metric.name} {s.name.partition(':')[0]}" for s, whole in zip(kinds, overall, strict=True) if not whole]
    kinds_of, kind = np.unique(names, return_inverse=True)
    evidence = np.ones(len(names))
    for k in range(len(kinds_of)):
        evidence[kind == k] = calibration.independent_columns(_steady(own.y[kind == k])) / (kind == k).sum()
    return replace(own, typical=own.typical * np.exp(shift), kind=np.array(names, str), evidence=evidence)


def _steady(y: np.ndarray) -> np.ndarray:
    """Baseline days in standard deviations around their mean, (days, series); 0 where unknown."""
    base = y[:, :-1]
    middle, spread = np.nanmean(base, axis=1, keepdims=True), np.nanstd(base, axis=1, keepdims=True)
    return np.nan_to_num((base - middle) / np.where(spread > 0, spread, 1.0)).T


def _two_sided(
    kinds: list[Statistic], z: np.ndarray, latent: np.ndarray, windows: list[int], ordinary: calibration.Tail
) -> np.ndarray:
    """p-values (S, W); a metric that gets worse in one direction spends most of its budget there."""
    share = np.array([up_share(s) for s in kinds])
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


def up_share(statistic: Statistic) -> float:
    """How much of the statistic's budget a rise has; a fall has the rest."""
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
