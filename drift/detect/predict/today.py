"""Today, and the last days together, against their predictions: every scalar statistic of a panel, with its calibrated p-value."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from drift import metrics
from drift.detect.lasting import change_point
from drift.detect.predict import calibration, counts, covariates, ordinary, random_effects
from drift.detect.predict.ordinary import Prior, Series
from drift.detect.predict.shared_prior import DOUBT, shared_prior
from drift.detect.predict.stack import stacked
from drift.detect.reading import read, reason
from drift.detect.settings import Settings
from drift.detect.statistics import statistics
from drift.detect.statistics.design_effect import HABITS
from drift.detect.statistics.panel import Panel
from drift.detect.statistics.statistic import Excluded, Statistic
from drift.findings import Finding, FindingTest, StatisticName, direction, is_level
from drift.profiles import OVERALL

# the worse direction gets this share of a metric's budget, for a drift to the better can wait for more evidence
WORSE_SHARE = 0.8
# a rare outcome that becomes frequent is more often news than one that becomes rarer
LABEL_UP_SHARE = 0.7
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
    at given length, which comes last. series: of all but those, what the model was asked about; whole, own: its prior for the whole traffic
    and for segments.
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
    series: Series
    whole: Prior
    own: Prior
    tail: calibration.Tail = calibration.Tail()

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
        first, low, high = self._since(s) if alarm else (None, None, None)
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
            direction=direction(statistic.metric.worse, statistic.name, z),
            n=int(statistic.traces[-1]),
            baseline_days=baseline,
            since=first,
            since_low=low,
            since_high=high,
            mix_part=reading.mix_part,
            within_part=reading.effect,
        )

    def _since(self, s: int) -> tuple[date, date, date]:
        """First changed day of an alarm with its 95 % credible interval, among the days that a lasting change is looked for in."""
        if s >= len(self.series.y):
            # what is asked at given length changed when the level did
            places = [(other.metric, other.segment, other.name) for other in self.kinds]
            s = places.index((self.kinds[s].metric, self.kinds[s].segment, StatisticName.LEVEL))
        prior = self.whole if self.kinds[s].segment[0] == OVERALL else self.own
        found = change_point.since(self.series.take(np.array([s])), self.panel.days, prior, last=max(WINDOWS))
        return found or (self.panel.days[-1],) * 3


def against_baseline(
    panel: Panel, settings: Settings, excluded: Excluded, windows: list[int], tail: calibration.Tail | None = None
) -> Predicted:
    """Every scalar statistic of the panel against its days before the last k, for each k in `windows`, the first of which is 1.

    tail: that of ordinary days, where it is known already; then only the whole traffic is compared.
    """
    kinds = statistics.of(panel, settings.min_traces, excluded, None if tail is None else [(OVERALL, "")])
    if not kinds:
        empty = np.zeros((0, len(windows)))
        none = random_effects.nothing()
        return Predicted(panel, [], windows, empty, empty, empty, empty, np.zeros(0), none, stacked([]), Prior(), Prior())
    stack, recent = stacked(kinds), ordinary.last_days(len(panel), windows)
    overall = np.array([s.segment[0] == OVERALL for s in kinds], bool)
    # of the whole also how far each baseline day lies from what the others predict
    telling = np.array([tail is None and _tells_the_tail(s) for s in kinds if s.segment[0] == OVERALL], bool)
    drilled = np.array([metrics.drilled(s.metric) for s in kinds], bool)
    told = sum(days <= SEGMENT_WINDOWS[-1] for days in windows)
    whole, prior = _learnt_and_asked(
        stack.take(overall), panel.days, recent, drilled[overall], told, alone=telling if tail is None else None
    )
    some = [column for column, days in enumerate(windows) if column == random_effects.TODAY or days in SEGMENT_WINDOWS]
    stack = _with_own_kinds(kinds, stack, overall, prior)
    # metrics differ among themselves as much in their segments as overall
    parts, own = _learnt_and_asked(
        stack.take(~overall), panel.days, recent[some], drilled[~overall], len(some), doubt=prior.spread
    )
    latent = _latent(kinds, whole, parts, overall)
    tail = tail or _ordinary_days(whole, latent[overall], telling)
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
    z = _of_few_traces(kinds, _of_the_same_users(kinds, z, error, windows), error, windows)
    p = _two_sided(kinds, z, latent, windows, tail)
    return Predicted(panel, kinds, windows, z, p, change, error, latent, verdicts, stack, prior, own, tail)


def _learnt_and_asked(
    series: Series,
    days: list[date],
    h: np.ndarray,
    drilled: np.ndarray,
    told: int,
    doubt: float = DOUBT,
    alone: np.ndarray | None = None,
) -> tuple[random_effects.Verdicts, Prior]:
    """What the model says of these series, under the prior that they share, which is learnt from the same solution of it."""
    marks = h if alone is None else np.vstack([h, ordinary.single_days(len(days))])
    solution = ordinary.Solution.of(series, days, marks, Prior().possible)
    prior = shared_prior(series, days, doubt, solution=solution)
    return random_effects.ask(series, days, h, prior, drilled, told, solution, alone), prior


def _of_the_same_users(kinds: list[Statistic], z: np.ndarray, error: np.ndarray, windows: list[int]) -> np.ndarray:
    """z (S, W) of what users bring along: over several days they are the same, whose sampling error does not become less."""
    out = z.copy()
    for s, statistic in enumerate(kinds):
        if statistic.metric.name in HABITS and statistic.n[-1] > 0:
            once = statistic.variance / statistic.n[-1]
            more = np.array([once * (1 - 1 / days) for days in windows])
            out[s] /= np.sqrt(1 + more / np.maximum(error[s], 1e-100) ** 2)
    return out


def _of_few_traces(kinds: list[Statistic], z: np.ndarray, error: np.ndarray, windows: list[int]) -> np.ndarray:
    """z (S, W) of days together, where a trace or two made the mean of one of them: their own spread is a part of its error."""
    out = z.copy()
    for s, statistic in enumerate(kinds):
        if statistic.rough is not None and (more := statistic.rough[-max(windows) :]).any():
            own = np.array([more[-days:].sum() / days**2 for days in windows])
            out[s] /= np.sqrt(1 + own / np.maximum(error[s], 1e-100) ** 2)
    return out


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


def _ordinary_days(whole: random_effects.Verdicts, latent: np.ndarray, telling: np.ndarray) -> calibration.Tail:
    """The tail that the baseline days of the whole traffic show; latent, telling: (S,) of its statistics."""
    # a metric in the middle of a change that lasts does not show how ordinary days differ
    told = telling & (np.abs(whole.z[:, 1:]) < STEADY).all(1)
    return calibration.fit(whole.alone[told].T, latent[told])


def _tells_the_tail(statistic: Statistic) -> bool:
    """Whether the statistic's z show how heavy-tailed days are: levels and shares, which have most of the day effects; not a
    few events a day, whose z is no normal anyway, and not the mix of prompts or releases, which moves in steps."""
    if not is_level(statistic.name):
        return False
    if statistic.metric.side == "traffic" and statistic.metric.kind == "label":
        return False
    return statistic.events is None or float(np.nanmedian(statistic.events)) >= EVENTS_THAT_TELL


def _at_given_sizes(kinds: list[Statistic]) -> list[tuple[Statistic, covariates.Residual]]:
    """Costs and latencies at the day's input and output sizes, where those explain them."""
    levels = [s for s in kinds if s.segment[0] == OVERALL and s.name == StatisticName.LEVEL and s.metric.kind == "number"]
    sizes = [s for s in levels if s.metric.side in ("input", "output")]
    out = []
    for statistic in levels:
        if statistic.metric.side in ("cost", "system") and sizes:
            found = covariates.residual(statistic.y, np.array([s.y for s in sizes]))
            if found is not None:
                out.append((replace(statistic, name=StatisticName.GIVEN, weight=GIVEN_WEIGHT), found))
    return out


def _with_own_kinds(kinds: list[Statistic], stack: Series, overall: np.ndarray, prior: Prior) -> Series:
    """The series, in which those of a metric's segments are one kind: how much its days differ is seen in all of its segments together.
    The first guess is what the kind's series of the whole traffic show (`prior`)."""
    kind, typical, evidence = stack.kind.astype(object), stack.typical.copy(), stack.evidence.copy()
    for s in np.flatnonzero(~overall):
        typical[s] *= np.exp(prior.shifts[kind[s]] @ ordinary.SHIFTS if kind[s] in prior.shifts else 0.0)
        kind[s] = f"{kinds[s].metric.name} {kinds[s].name.partition(':')[0]}"
    for name in np.unique(kind[~overall].astype(str)):
        own = (kind == name) & ~overall
        evidence[own] = calibration.independent_columns(_steady(stack.y[own])) / own.sum()
    return replace(stack, typical=typical, kind=kind.astype(str), evidence=evidence)


def _steady(y: np.ndarray) -> np.ndarray:
    """Baseline days in standard deviations around their mean, (days, series); 0 where unknown."""
    base = y[:, :-1]
    middle, spread = np.nanmean(base, axis=1, keepdims=True), np.nanstd(base, axis=1, keepdims=True)
    return np.nan_to_num((base - middle) / np.where(spread > 0, spread, 1.0)).T


def _two_sided(
    kinds: list[Statistic], z: np.ndarray, latent: np.ndarray, windows: list[int], tail: calibration.Tail
) -> np.ndarray:
    """p-values (S, W); a metric that gets worse in one direction spends most of its budget there."""
    share = np.array([up_share(s) for s in kinds])
    out = np.empty(z.shape)
    for column, days in enumerate(windows):
        up, down = (tail.upper(sign * z[:, column], latent, days) for sign in (1, -1))
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
    if (
        statistic.name not in (StatisticName.LEVEL, StatisticName.TAIL, StatisticName.FAR_TAIL, StatisticName.GIVEN)
        or statistic.metric.worse == "either"
    ):
        return 0.5
    return WORSE_SHARE if statistic.metric.worse == "up" else 1 - WORSE_SHARE
