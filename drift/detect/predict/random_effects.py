"""How far a day, or several, are from what the model of an ordinary day predicts for them: z = a/√b, change = a/b ± 1/√b.

Today against its prediction, a baseline day against the others, the last k days against the days before: each is one question h of
`drift.detect.predict.ordinary`. The variance parameters are not plugged in but integrated over the grid, so their uncertainty widens the
prediction as a t distribution would.

Source: Rasmussen & Williams 2006, §5.4.2 (leave-one-out in closed form).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.special import ndtr, ndtri

from drift.detect.predict.ordinary import Prior, Series, Solution, Solved, single_days
from drift.detect.predict.shared_prior import shared_prior

GROUPS = 3
# changes, in standard errors from what is predicted, at which a question's tail is told
REACH = np.array([0.7, 1.6, 3.0, 4.2, 5.6, 7.5, 10.0, 14.0])
# log weight below which a point of the grid is left out
_NEGLIGIBLE = -11.0
# the first question is always about today alone
TODAY = 0
# numbers that are mixed at a time: what the processor keeps at hand
_AT_ONCE = 100_000


@dataclass(frozen=True)
class Verdicts:
    """What the model says of H questions (columns of h) about S series.

    up, down: (S, H) one-sided p-values. change, error: (S, H) estimated change of the asked days and its standard error.
    group_change, group_latent: (S, 3) today's change on the scale and the variance of its prediction without today's sampling
    error, in three groups of equal posterior weight from certain to uncertain: for predictions that are not Gaussian.
    score: (S, H, len(REACH)) the z of a change of REACH standard errors, of the series and questions of which it was wanted.
    alone: (S, T − 1) how far each earlier day lies from what the others predict, a z; NaN of the series of which it was not asked.
    """

    up: np.ndarray
    down: np.ndarray
    change: np.ndarray
    error: np.ndarray
    group_change: np.ndarray
    group_latent: np.ndarray
    score: np.ndarray
    alone: np.ndarray

    @property
    def z(self) -> np.ndarray:
        """(S, H) signed z with the same p-values."""
        return signed(self.up, self.down)


def join(some: Verdicts, others: Verdicts, rows: np.ndarray, asked: int, columns: Sequence[int]) -> Verdicts:
    """The verdicts of all series on the first `asked` questions, `some` where `rows` (S,) is true; the others were put only the
    questions `columns`, and have p-values of one half and no change on the rest."""
    out = _blank(len(rows), asked, 0, 0.5, 0.0)
    for part, where, put_to in ((some, rows, np.arange(asked)), (others, ~rows, np.array(columns, int))):
        for name in ("up", "down", "change", "error"):
            getattr(out, name)[np.ix_(where, put_to)] = getattr(part, name)[:, : len(put_to)]
        out.score[np.ix_(where, put_to)] = part.score[:, : len(put_to)]
        out.group_change[where], out.group_latent[where] = part.group_change, part.group_latent
    return out


def nothing() -> Verdicts:
    """What there is to say of no series."""
    return _blank(0, 0, 0, 0.0, 0.0)


def _blank(series: int, asked: int, alone: int, p: float, rest: float) -> Verdicts:
    """Verdicts to be filled in: p-values of `p`, no score, no day alone, and `rest` for what else they say."""
    return Verdicts(
        up=np.full((series, asked), p),
        down=np.full((series, asked), p),
        change=np.full((series, asked), rest),
        error=np.full((series, asked), rest),
        group_change=np.full((series, GROUPS), rest),
        group_latent=np.full((series, GROUPS), rest),
        score=np.zeros((series, asked, len(REACH))),
        alone=np.full((series, alone), np.nan),
    )


def signed(up: np.ndarray, down: np.ndarray) -> np.ndarray:
    """The z whose one-sided p-values are `up` and `down`, same shape."""
    return np.where(up < down, -ndtri(np.clip(up, 1e-300, 1.0)), ndtri(np.clip(down, 1e-300, 1.0)))


def ask(
    series: Series,
    days: Sequence[date],
    h: np.ndarray,
    prior: Prior | None = None,
    drilled: np.ndarray | None = None,
    told: int = 0,
    solution: Solution | None = None,
    alone: np.ndarray | None = None,
) -> Verdicts:
    """Put the questions h, shape (H, T), to every series; the first must be about today alone.

    The parameters' posterior for a question leaves out what the question is about: the change is in the likelihood.
    prior: by default `shared_prior` of these series. drilled: (S,) the series whose tails are wanted, of the first `told` questions.
    alone: (S,) the series of which each earlier day alone is asked as well. solution: of these series under the shapes that the prior
    has for possible, asked about h and, where there is an `alone`, then about `ordinary.single_days`.
    """
    prior = prior or shared_prior(series, days)
    marks = h if alone is None else np.vstack([h, single_days(len(days))])
    solution = solution or Solution.of(series, days, marks, prior.possible)
    log_prior, log_shapes = prior.log_ratios(series), np.log(prior.shapes[prior.possible])
    count = len(series.y)
    out = _blank(count, len(h), len(marks) - len(h), np.nan, np.nan)
    drilled, alone = (np.zeros(count, bool) if rows is None else rows for rows in (drilled, alone))
    for part in solution.parts:
        rows = part.course.rows
        log = solution.log[rows] + (log_prior[rows][:, None, :] + log_shapes[:, None])
        a, b = part.asked()
        a, b = a.reshape(len(rows), -1, len(marks)), b.reshape(-1, len(marks))
        _mix(out, part, log.reshape(len(rows), -1, 1), a[..., : len(h)], b[:, : len(h)], drilled[rows], told)
        if len(own := np.flatnonzero(alone[rows])):
            out.alone[rows[own]] = _mix_alone(log.reshape(len(rows), -1, 1)[own], a[own, :, len(h) :], b[:, len(h) :])
    return out


def _mix(out: Verdicts, solved: Solved, log: np.ndarray, a: np.ndarray, b: np.ndarray, wanted: np.ndarray, told: int) -> None:
    """Posterior mixture over shapes and ratios of the series of one course; writes into `out`.

    log: (G, points of the grid, 1). a, b: (G, points, H) and (points, H), what the course says of each question."""
    for some, mass in _masses(log, a, b):
        rows, unit = solved.course.rows[some], solved.course.unit[some]
        _sum_up(out, rows, unit, mass, solved.course.w[-1], b.shape[1], wanted[some], told)


def _mix_alone(log: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """As `_mix`, of questions of which only the z is wanted, (G, H)."""
    up, down = np.empty((2, len(a), b.shape[1]))
    for some, mass in _masses(log, a, b):
        place, shape = mass.s * b.shape[1] + mass.q, up[some].shape
        up[some], down[some] = _tails(mass.weight, mass.a / mass.root, place, shape)
    return signed(up, down)


def _masses(log: np.ndarray, a: np.ndarray, b: np.ndarray) -> Iterator[tuple[slice, Mass]]:
    """The points of the grid that count, of some of the series at a time."""
    a, b = np.ascontiguousarray(a), np.ascontiguousarray(b)
    half, offset, root = 0.5 / b, 0.5 * np.log(b), np.sqrt(b)
    step = max(1, _AT_ONCE // b.size)
    for start in range(0, len(a), step):
        some = slice(start, start + step)
        # the asked days' own effect is profiled out of the likelihood, so they say nothing about the variance
        weight = half * a[some]
        weight *= a[some]
        weight += log[some]
        weight -= offset
        weight -= weight.max(1, keepdims=True)
        place = np.flatnonzero(weight > _NEGLIGIBLE)
        s, point = np.divmod(place, b.size)
        yield (
            some,
            Mass(
                a=a[some].ravel()[place],
                b=b.ravel()[point],
                root=root.ravel()[point],
                weight=np.exp(weight.ravel()[place]),
                s=s,
                q=point % b.shape[1],
            ),
        )


def _tails(weight: np.ndarray, z: np.ndarray, place: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """p-values up and down, of a shape, of mixtures of normals: each point's weight, its z, and which place it is a part of."""

    def total(x: np.ndarray) -> np.ndarray:
        return np.bincount(place, x, shape[0] * shape[1]).reshape(shape)

    small, whole = ndtr(-np.abs(z)), total(weight)
    above, large = z > 0, 1 - small
    return total(weight * np.where(above, small, large)) / whole, total(weight * np.where(above, large, small)) / whole


@dataclass(frozen=True)
class Mass:
    """The points of the grid that count, one place each: of which series s and question q, its weight, a, b and √b."""

    a: np.ndarray
    b: np.ndarray
    root: np.ndarray
    weight: np.ndarray
    s: np.ndarray
    q: np.ndarray


def _sum_up(
    out: Verdicts, part: np.ndarray, unit: np.ndarray, mass: Mass, w_today: float, asked: int, wanted: np.ndarray, told: int
) -> None:
    s, q, b, weight = mass.s, mass.q, mass.b, mass.weight
    count = len(part)
    place, size = s * asked + q, count * asked

    def total(x: np.ndarray) -> np.ndarray:
        return np.bincount(place, x, size).reshape(count, asked)

    out.up[part], out.down[part] = _tails(weight, mass.a / mass.root, place, (count, asked))
    change, whole = mass.a / b, total(weight)
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
        share, width, off = (weight[kept] / whole[s, q]), mass.root[kept], change[kept] - mean[s, q]
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
