"""The model of an ordinary day: y_d = µ + weekday_d + u_d + e_d, and how far a day is from its prediction.

u_d is the ordinary day-to-day variation, correlated from day to day (AR(1)); e_d the sampling error, whose variance σ²/n_d
is known. Everything is Gaussian, so all that is asked (today against its prediction, a baseline day against the others, the
last k days against the days before) is one formula on V = σ² (ρ C + diag(1/n)):

    P = V⁻¹ − V⁻¹1 (1ᵀV⁻¹1)⁻¹ 1ᵀV⁻¹      a = hᵀPy      b = hᵀPh      z = a/√b      change = a/b ± 1/√b

where h marks the days that are asked about; the level µ is profiled out (REML). ρ = τ²/σ² is the intra-day correlation of
one trace. The variance parameters are not plugged in: they are integrated over a grid, with a prior that all series of the
night share (empirical Bayes), so their uncertainty widens the prediction as a t distribution would.

Sources: Patterson & Thompson 1971 (REML); Harville 1974; Searle, Casella & McCulloch 1992, ch. 6; Rasmussen & Williams 2006,
§5.4.2 (leave-one-out in closed form).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date

import numpy as np
from scipy.special import logsumexp, ndtr, ndtri

# τ over the sampling error of an average day; steps of 20 % are finer than 28 days can tell apart
RATIO = np.concatenate([[0.0], np.geomspace(0.03, 300.0, 50)])
PHI = np.array([0.0, 0.35, 0.7])
WEEKEND = np.array([0.0, 2.0, 20.0])
WEEKDAY = np.array([0.0, 1.5])
PHI_PRIOR = np.array([0.4, 0.4, 0.2])
WEEKEND_PRIOR = np.array([0.4, 0.35, 0.25])
WEEKDAY_PRIOR = np.array([0.85, 0.15])
GROUPS = 3
# changes, in standard errors from what is predicted, at which a question's tail is told
REACH = np.array([0.7, 1.6, 3.0, 4.2, 5.6, 7.5, 10.0, 14.0])
# log weight below which a point of the grid is left out
_NEGLIGIBLE = -11.0
# the first question is always about today alone
TODAY = 0
SHIFTS = np.linspace(-2.4, 2.4, 25)
_UNMOVED = (SHIFTS == 0.0).astype(float)
_SPREADS = (0.4, 0.6, 0.8, 1.1)
_DOUBT = 0.7
# share of series without any day effect, and its log prior
_NONE = {0.02: -0.5, 0.2: -1.2, 0.6: -2.3}
_ROUNDS = 3
# the first guess of the shapes' prior counts as so many series
_GUESS = 5.0
_CHUNK = 64


@dataclass(frozen=True)
class Series:
    """Days of many series, aligned; the last day is today.

    y: (S, T) values, NaN where unknown. n: (S, T) effective number of traces. variance: (S,) variance σ² of one trace.
    typical: (S,) the √ρ that is typical of the series' kind, a first guess of where its prior is centred. kind: (S,) names of
    kinds, whose guesses are corrected together. evidence: (S,) as how much of an independent series each counts in that; less
    than 1 where those of a kind move together.
    """

    y: np.ndarray
    n: np.ndarray
    variance: np.ndarray
    typical: np.ndarray
    kind: np.ndarray
    evidence: np.ndarray

    def take(self, rows: np.ndarray) -> Series:
        """The series where `rows` (S,) is true."""
        return Series(*(getattr(self, f.name)[rows] for f in fields(self)))


@dataclass(frozen=True)
class Prior:
    """What all series of a night share. √ρ is log-normal around typical · exp(shift of its kind) with spread `spread`; a
    share `none` of the series has (nearly) no day effect. shapes: (K,) prior of the shapes of `covariances`. shifts: for each
    kind how likely each of SHIFTS is, (25,).
    """

    shapes: np.ndarray
    shifts: dict[str, np.ndarray] = field(default_factory=dict)
    spread: float = 0.8
    none: float = 0.05


@dataclass(frozen=True)
class Verdicts:
    """What the model says of H questions (columns of h) about S series.

    up, down: (S, H) one-sided p-values. change, error: (S, H) estimated change of the asked days and its standard error.
    group_change, group_latent: (S, 3) today's change on the scale and the variance of its prediction without today's sampling
    error, in three groups of equal posterior weight from certain to uncertain: for predictions that are not Gaussian.
    score: (S, H, len(REACH)) the z of a change of REACH standard errors, of the series and questions of which it was wanted.
    """

    up: np.ndarray
    down: np.ndarray
    change: np.ndarray
    error: np.ndarray
    group_change: np.ndarray
    group_latent: np.ndarray
    score: np.ndarray

    @property
    def z(self) -> np.ndarray:
        """(S, H) signed z with the same p-values."""
        return signed(self.up, self.down)


def join(some: Verdicts, others: Verdicts, rows: np.ndarray, asked: int, columns: Sequence[int]) -> Verdicts:
    """The verdicts of all series on the first `asked` questions, `some` where `rows` (S,) is true; the others were put only the
    questions `columns`, and have p-values of one half and no change on the rest."""
    out = _blank(len(rows), asked, 0.5, 0.0)
    for part, where, put_to in ((some, rows, np.arange(asked)), (others, ~rows, np.array(columns, int))):
        for name in ("up", "down", "change", "error"):
            getattr(out, name)[np.ix_(where, put_to)] = getattr(part, name)[:, : len(put_to)]
        out.score[np.ix_(where, put_to)] = part.score[:, : len(put_to)]
        out.group_change[where], out.group_latent[where] = part.group_change, part.group_latent
    return out


def _blank(series: int, asked: int, p: float, rest: float) -> Verdicts:
    """Verdicts to be filled in: p-values of `p`, no score, and `rest` for what else they say."""
    return Verdicts(
        up=np.full((series, asked), p),
        down=np.full((series, asked), p),
        change=np.full((series, asked), rest),
        error=np.full((series, asked), rest),
        group_change=np.full((series, GROUPS), rest),
        group_latent=np.full((series, GROUPS), rest),
        score=np.zeros((series, asked, len(REACH))),
    )


def signed(up: np.ndarray, down: np.ndarray) -> np.ndarray:
    """The z whose one-sided p-values are `up` and `down`, same shape."""
    return np.where(up < down, -ndtri(np.clip(up, 1e-300, 1.0)), ndtri(np.clip(down, 1e-300, 1.0)))


def last_days(days: int, windows: Sequence[int]) -> np.ndarray:
    """Questions about the last k days for each k, shape (len(windows), days)."""
    return np.array([[float(d >= days - k) for d in range(days)] for k in windows]).reshape(len(windows), days)


def single_days(days: int) -> np.ndarray:
    """Questions about each day but the last alone, shape (days − 1, days)."""
    return np.eye(days)[:-1]


def covariances(days: Sequence[date]) -> np.ndarray:
    """All shapes C of the day effects, (K, T, T): correlation × weekend × weekday, in the order of `_shape_prior`."""
    number = np.array([day.toordinal() for day in days])
    weekday = np.array([day.weekday() for day in days])
    weekend = np.outer(weekday >= 5, weekday >= 5).astype(float)
    same = (weekday[:, None] == weekday).astype(float)
    gap = np.abs(number[:, None] - number)
    ar = [phi**gap if phi else np.eye(len(days)) for phi in PHI]
    return np.array([c + w * weekend + k * same for c in ar for w in WEEKEND for k in WEEKDAY])


def _shape_prior(phi: np.ndarray, weekend: np.ndarray, weekday: np.ndarray) -> np.ndarray:
    return (phi[:, None, None] * weekend[:, None] * weekday).ravel()


def shared_prior(series: Series, days: Sequence[date], doubt: float = _DOUBT) -> Prior:
    """Empirical Bayes: the prior under which the series' baselines are most likely, drawn toward a weak first guess.

    Today is left out of the likelihood, however far off it is. doubt: how far, on the log scale, a kind may be from its guess.
    """
    base = PHI_PRIOR, WEEKEND_PRIOR, WEEKDAY_PRIOR
    marginals, prior = base, Prior(_shape_prior(*base))
    if not len(series.y):
        return prior
    log = _log_likelihood(series, days)
    scale = np.sqrt(_average(series))
    for _ in range(_ROUNDS):
        with_shapes = logsumexp(log + np.log(prior.shapes)[:, None], axis=1)
        prior = _fit_ratios(with_shapes, series, scale, prior, doubt)
        joint = logsumexp(log + _log_ratios(series, scale, prior)[:, None, :], axis=2) + np.log(prior.shapes)
        share = series.evidence @ np.exp(joint - logsumexp(joint, axis=1, keepdims=True))
        share = share.reshape([len(m) for m in base])
        sums = share.sum((1, 2)), share.sum((0, 2)), share.sum((0, 1))
        marginals = tuple((m * _GUESS + c) / (_GUESS + series.evidence.sum()) for m, c in zip(base, sums, strict=True))
        prior = replace(prior, shapes=_shape_prior(*marginals))
    return prior


def _fit_ratios(log: np.ndarray, series: Series, scale: np.ndarray, prior: Prior, doubt: float) -> Prior:
    """Spread and share without day effects by maximum posterior on a grid, of each kind's shift the posterior; log is (S, R)."""
    likelihood = np.exp(log - log.max(1, keepdims=True))
    kinds, kind = np.unique(series.kind, return_inverse=True)
    centre = np.log(series.typical * scale)
    best, best_value = prior, -np.inf
    for spread in _SPREADS:
        # (S, shifts): likelihood under each shift, were there a day effect
        some = np.stack([(_density(centre + moved, spread) * likelihood[:, 1:]).sum(1) for moved in SHIFTS], axis=1)
        for none, log_prior in _NONE.items():
            fit = np.log(none * likelihood[:, :1] + (1 - none) * some + 1e-300)
            log_fit = np.stack([np.bincount(kind, series.evidence * column, len(kinds)) for column in fit.T], axis=1)
            by_kind = log_fit - 0.5 * (SHIFTS / doubt) ** 2
            whole = logsumexp(by_kind, axis=1, keepdims=True)
            value = whole.sum() + log_prior - 2 * np.log(spread / 0.7) ** 2
            if value > best_value:
                shifts = dict(zip(kinds.tolist(), np.exp(by_kind - whole), strict=True))
                best, best_value = Prior(prior.shapes, shifts, spread, none), value
    return best


def _density(centre: np.ndarray, spread: float) -> np.ndarray:
    """Log-normal prior (S, R − 1) of the ratios above zero, each row adding up to one."""
    log = -0.5 * ((np.log(RATIO[1:]) - centre[:, None]) / spread) ** 2
    density = np.exp(log - log.max(1, keepdims=True))
    return density / density.sum(1, keepdims=True)


def _log_likelihood(series: Series, days: Sequence[date]) -> np.ndarray:
    """REML log likelihood of the baseline, today apart: (S, K, R)."""
    shapes, h = covariances(days), last_days(len(days), [1])
    y, relative, _ = _scaled(series)
    out = np.empty((len(y), len(shapes), len(RATIO)))
    for rows, w in _groups(relative):
        for k, shape in enumerate(shapes):
            solved = _solve(shape, w, h)
            a, log = _questions(solved, y[rows] * w)
            out[rows, k] = log + (0.5 / solved.b * a * a - 0.5 * np.log(solved.b))[..., 0]
    return out


def _average(series: Series) -> np.ndarray:
    """Average n of the known days, (S,)."""
    known = np.isfinite(series.y) & (series.n > 0)
    return np.where(known, series.n, 0.0).sum(1) / np.maximum(known.sum(1), 1)


def _scaled(series: Series) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """y in units of an average day's sampling error, n relative to the average day, and that unit; unknown days weigh 0."""
    known = np.isfinite(series.y) & (series.n > 0)
    average = _average(series)
    unit = np.sqrt(series.variance / average)
    y = np.where(known, np.nan_to_num(series.y), 0.0) / unit[:, None]
    return y, np.where(known, series.n, 0.0) / average[:, None], unit


def ask(
    series: Series,
    days: Sequence[date],
    h: np.ndarray,
    prior: Prior | None = None,
    drilled: np.ndarray | None = None,
    told: int = 0,
) -> Verdicts:
    """Put the questions h, shape (H, T), to every series; the first must be about today alone.

    The parameters' posterior for a question leaves out what the question is about: the change is in the likelihood.
    prior: by default `shared_prior` of these series. drilled: (S,) the series whose tails are wanted, of the first `told` questions.
    """
    prior = prior or shared_prior(series, days)
    shapes = covariances(days)
    count, asked = len(series.y), len(h)
    out = _blank(count, asked, np.nan, np.nan)
    y, relative, unit = _scaled(series)
    log_prior = _log_ratios(series, np.sqrt(_average(series)), prior)[:, None, :] + np.log(prior.shapes)[:, None]
    # series with the same course of traffic share their matrices
    for rows, w in _groups(relative):
        solved = [_solve(shape, w, h) for shape in shapes]
        for start in range(0, len(rows), _CHUNK):
            part = rows[start : start + _CHUNK]
            wanted = np.zeros(len(part), bool) if drilled is None else drilled[part]
            _mix(out, part, y[part] * w, unit[part], solved, log_prior[part], w[-1], wanted, told)
    return out


def _groups(relative: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Rows of series whose traffic had (within 6 %) the same course, and the square root of that course."""
    pattern = np.round(np.log2(np.maximum(relative, 1e-3)) * 6).astype(np.int64)
    _, group = np.unique(pattern, axis=0, return_inverse=True)
    group = group.ravel()
    rows = [np.flatnonzero(group == g) for g in range(group.max(initial=-1) + 1)]
    return [(r, np.sqrt(relative[r].mean(0))) for r in rows]


def _log_ratios(series: Series, scale: np.ndarray, prior: Prior) -> np.ndarray:
    """Log prior (S, R) of the grid of ratios; scale (S,) turns √ρ into a ratio."""
    weight = np.array([prior.shifts.get(kind, _UNMOVED) for kind in series.kind]).reshape(-1, len(SHIFTS))
    centre = np.log(series.typical * scale)
    density = sum(w[:, None] * _density(centre + moved, prior.spread) for w, moved in zip(weight.T, SHIFTS, strict=True))
    none = np.full((len(centre), 1), prior.none)
    return np.log(np.concatenate([none, (1 - prior.none) * density + 1e-12], axis=1))


@dataclass(frozen=True)
class _Solved:
    """One shape C in the basis where ρC + D is diagonal for every ρ."""

    basis: np.ndarray  # (T, T): weighted days → eigenvectors
    gain: np.ndarray  # (R, T): 1/(ρλ+1)
    one: np.ndarray  # (T,)
    h: np.ndarray  # (H, T)
    oo: np.ndarray  # (R,)
    ho: np.ndarray  # (R, H)
    b: np.ndarray  # (R, H)
    log_det: np.ndarray  # (R,)


def _solve(shape: np.ndarray, w: np.ndarray, h: np.ndarray) -> _Solved:
    eigen, q = np.linalg.eigh(shape * np.outer(w, w))
    gain = 1.0 / (RATIO[:, None] ** 2 * np.maximum(eigen, 0.0) + 1.0)
    one, hq = q.T @ w, (h * w) @ q
    oo = gain @ (one * one)
    ho = gain @ (hq * one).T
    hh = gain @ (hq * hq).T
    b = hh - ho**2 / np.maximum(oo, 1e-300)[:, None]
    return _Solved(q, gain, one, hq, oo, ho, np.maximum(b, 1e-12 * np.maximum(hh, 1e-30)), -np.log(gain).sum(1) + np.log(oo))


def _questions(s: _Solved, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """hᵀPy (S, R, H) and the REML log likelihood (S, R) of weighted days y (S, T)."""
    yq = y @ s.basis
    oy = (yq * s.one) @ s.gain.T
    a = (yq[:, None, :] * s.gain) @ s.h.T - s.ho * (oy / s.oo)[:, :, None]
    return a, -0.5 * (s.log_det + (yq * yq) @ s.gain.T - oy**2 / s.oo)


def _mix(
    out: Verdicts,
    part: np.ndarray,
    y: np.ndarray,
    unit: np.ndarray,
    solved: list[_Solved],
    log_prior: np.ndarray,
    w_today: float,
    wanted: np.ndarray,
    told: int,
) -> None:
    """Posterior mixture over shapes and ratios, for one chunk of series, y (S, T) weighted days; writes into `out`."""
    count, asked = len(part), solved[0].b.shape[1]
    points = len(solved) * len(RATIO)
    projected = np.empty((count, len(solved), len(RATIO), asked))
    log = np.empty((count, len(solved), len(RATIO)))
    for k, shape in enumerate(solved):
        projected[:, k], log[:, k] = _questions(shape, y)
    a = projected.reshape(count, points, asked)
    b = np.stack([shape.b for shape in solved]).reshape(1, points, asked)
    # the asked days' own effect is profiled out of the likelihood, so they say nothing about the variance
    weight = (0.5 / b) * a * a
    weight += (log + log_prior).reshape(count, points, 1)
    weight -= 0.5 * np.log(b)
    weight -= weight.max(1, keepdims=True)
    s, r, q = np.nonzero(weight > _NEGLIGIBLE)
    a, b, weight = a[s, r, q], b[0, r, q], np.exp(weight[s, r, q])
    place, size = s * asked + q, count * asked

    def total(x: np.ndarray) -> np.ndarray:
        return np.bincount(place, x, size).reshape(count, asked)

    z, change = a / np.sqrt(b), a / b
    whole = total(weight)
    out.up[part] = total(weight * ndtr(-z)) / whole
    out.down[part] = total(weight * ndtr(z)) / whole
    mean = total(weight * change) / whole
    out.change[part] = mean * unit[:, None]
    square = total(weight * (1.0 / b + change * change)) / whole
    out.error[part] = np.sqrt(np.maximum(square - mean**2, 0.0)) * unit[:, None]
    own = q == TODAY
    _groups_of_today(out, part, s[own], b[own], change[own], weight[own], unit, w_today)
    if wanted.any():
        # a question's posterior leaves out the days that it asks about, so their tail is the same whatever they are
        spread = np.sqrt(np.maximum(square - mean**2, 1e-300))
        kept = (q < told) & wanted[s]
        s, q, place = s[kept], q[kept], place[kept]
        share, width, off = (weight[kept] / whole[s, q]), np.sqrt(b[kept]), change[kept] - mean[s, q]
        tails = [np.bincount(place, share * ndtr(-(reach * spread[s, q] + off) * width), size) for reach in REACH]
        found = -ndtri(np.clip(tails, 1e-300, 1.0)).reshape(len(REACH), count, asked)
        out.score[part] = np.where(wanted[:, None, None] & (np.arange(asked) < told)[:, None], np.moveaxis(found, 0, 2), 0.0)


def _groups_of_today(
    out: Verdicts,
    part: np.ndarray,
    s: np.ndarray,
    b: np.ndarray,
    change: np.ndarray,
    weight: np.ndarray,
    unit: np.ndarray,
    w_today: float,
) -> None:
    """Today's prediction in groups of equal posterior weight, ordered by how certain it is."""
    order = np.lexsort((-b, s))
    s, b, change, weight = s[order], b[order], change[order], weight[order]
    whole = np.bincount(s, weight, len(part))
    before = np.concatenate([[0.0], np.cumsum(whole)[:-1]])
    share = (np.cumsum(weight) - 0.5 * weight - before[s]) / whole[s]
    group = np.clip((share * GROUPS).astype(np.int64), 0, GROUPS - 1)
    place, size = s * GROUPS + group, len(part) * GROUPS
    total = np.bincount(place, weight, size)
    # a group can be empty where one point has most of the weight; it then says what all say together
    overall = [np.bincount(s, weight * x, len(part)) / whole for x in (change, 1.0 / b + change**2)]
    centre, square = (
        np.where(total > 0, np.bincount(place, weight * x, size) / np.maximum(total, 1e-300), np.repeat(mean, GROUPS))
        for x, mean in zip((change, 1.0 / b + change**2), overall, strict=True)
    )
    latent = np.maximum(square - centre**2 - 1.0 / max(w_today, 1e-6) ** 2, 1e-12)
    out.group_change[part] = centre.reshape(-1, GROUPS) * unit[:, None]
    out.group_latent[part] = latent.reshape(-1, GROUPS) * unit[:, None] ** 2
