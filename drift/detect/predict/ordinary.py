"""The model of an ordinary day, one for all who ask: y_d = µ + weekday_d + u_d + e_d.

u_d is the ordinary day-to-day variation, correlated from day to day (AR(1)); e_d the sampling error, whose variance σ²/n_d
is known. Everything is Gaussian:

    V = σ² (ρ C + diag(1/n))      P = V⁻¹ − V⁻¹1 (1ᵀV⁻¹1)⁻¹ 1ᵀV⁻¹      a = hᵀPy      b = hᵀPh

where h marks the days that are asked about; the level µ is profiled out (REML). ρ = τ²/σ² is the intra-day correlation of
one trace. The parameters are never plugged in where they can be integrated: the grid of ρ and of the shapes C is here, with how likely
each point is before the days are seen (`Prior`; how a night learns it: `drift.detect.predict.shared_prior`). Who asks what: one night and
the last days together `random_effects`, since when `change_point`, a creep `cusum`, the axes of a vector `vectors`.

Sources: Patterson & Thompson 1971 (REML); Harville 1974; Searle, Casella & McCulloch 1992, ch. 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date

import numpy as np

# τ over the sampling error of an average day; steps of 20 % are finer than 28 days can tell apart
RATIO = np.concatenate([[0.0], np.geomspace(0.03, 300.0, 50)])
# correlation of a day with the next; variance of a weekend's and of a weekday's own level, in those of a day effect
PHI = np.array([0.0, 0.3, 0.6])
WEEKEND = np.array([0.0, 2.0, 20.0])
WEEKDAY = np.array([0.0, 1.5])
# how far on the log scale a kind's typical day effect may be from its first guess
SHIFTS = np.linspace(-2.4, 2.4, 25)
_UNMOVED = (SHIFTS == 0.0).astype(float)


@dataclass(frozen=True)
class Shapes:
    """How likely each correlation (3,), weekend (3,) and weekday (2,) of the grid is; of correlations as many as are asked about."""

    phi: np.ndarray
    weekend: np.ndarray
    weekday: np.ndarray

    @property
    def joint(self) -> np.ndarray:
        """(18,) in the order of `covariances`, for three correlations."""
        return (self.phi[:, None, None] * self.weekend[:, None] * self.weekday).ravel()


# before any days are seen, and where days are known to be independent of each other and of the weekday
USUAL = Shapes(np.array([0.4, 0.4, 0.2]), np.array([0.4, 0.35, 0.25]), np.array([0.85, 0.15]))
INDEPENDENT = Shapes(np.eye(3)[0], np.eye(3)[0], np.eye(2)[0])


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

    @classmethod
    def alone(cls, y: np.ndarray, variances: np.ndarray | float) -> Series:
        """One series by itself, from its values (T,), NaN where unknown, and the variance of each day's sampling error."""
        y = np.asarray(y, float)
        n = 1 / np.broadcast_to(np.asarray(variances, float), y.shape)
        n = np.where(np.isfinite(y), n, 0.0)
        # a day effect of about the sampling error, which is no guess at all where the prior is wide
        typical = 1 / np.sqrt(max(float(n[n > 0].mean()), 1e-300)) if (n > 0).any() else 1.0
        return cls(y[None], n[None], np.ones(1), np.array([typical]), np.array(["alone"]), np.ones(1))

    def take(self, rows: np.ndarray) -> Series:
        """The series of `rows`: (S,) bool, or places."""
        return Series(*(getattr(self, f.name)[rows] for f in fields(self)))

    def until(self, day: int) -> Series:
        """The days before that place."""
        return replace(self, y=self.y[:, :day], n=self.n[:, :day])

    def since(self, day: int) -> Series:
        """The days from that place on."""
        return replace(self, y=self.y[:, day:], n=self.n[:, day:])

    @property
    def average(self) -> np.ndarray:
        """Average n of the known days, (S,)."""
        known = np.isfinite(self.y) & (self.n > 0)
        return np.where(known, self.n, 0.0).sum(1) / np.maximum(known.sum(1), 1)


@dataclass(frozen=True)
class Prior:
    """What all series of a night share. √ρ is log-normal around typical · exp(shift of its kind) with spread `spread`; a
    share `none` of the series has (nearly) no day effect. shapes: (K,) prior of the shapes of `covariances`. shifts: for each
    kind how likely each of SHIFTS is, (25,).
    """

    shapes: np.ndarray = field(default_factory=lambda: USUAL.joint)
    shifts: dict[str, np.ndarray] = field(default_factory=dict)
    spread: float = 0.8
    none: float = 0.05

    @property
    def possible(self) -> np.ndarray:
        """Places of the shapes that can be."""
        return np.flatnonzero(self.shapes > 0)

    def log(self, series: Series) -> np.ndarray:
        """Log prior of the grid for each series, (S, possible shapes, ratios)."""
        return self.log_ratios(series)[:, None, :] + np.log(self.shapes[self.possible])[:, None]

    def log_ratios(self, series: Series, around: np.ndarray | None = None) -> np.ndarray:
        """Log prior of the ratios for each series, (S, R). around: `densities` of the prior's spread where somebody has them."""
        weight = np.array([self.shifts.get(kind, _UNMOVED) for kind in series.kind]).reshape(-1, len(SHIFTS))
        around = densities(series, (self.spread,))[0] if around is None else around
        density = np.einsum("sm,smr->sr", weight, around)
        none = np.full((len(density), 1), self.none)
        return np.log(np.concatenate([none, (1 - self.none) * density + 1e-12], axis=1))


# where nothing is learnt from other series, how much the days of one differ is its own matter
ALONE = Prior(spread=2.5)


def densities(series: Series, spreads: Sequence[float]) -> np.ndarray:
    """Log-normal priors of each spread of the ratios above zero around each series' typical one, moved by each of SHIFTS:
    (spreads, S, 25, R − 1), the last adding up to one."""
    # most series of a kind have the same
    centre, place = np.unique(np.log(series.typical * np.sqrt(series.average)), return_inverse=True)
    off = np.log(RATIO[1:]) - (centre[:, None] + SHIFTS)[..., None]
    log = -0.5 * (off / np.reshape(spreads, (-1, 1, 1, 1))) ** 2
    density = np.exp(log - log.max(3, keepdims=True))
    return (density / density.sum(3, keepdims=True))[:, place]


def covariances(days: Sequence[date], correlations: np.ndarray = PHI) -> np.ndarray:
    """All shapes C of the day effects, (K, T, T): correlation × weekend × weekday, in the order of `Shapes.joint`."""
    number = np.array([day.toordinal() for day in days])
    weekday = np.array([day.weekday() for day in days])
    weekend = np.outer(weekday >= 5, weekday >= 5).astype(float)
    same = (weekday[:, None] == weekday).astype(float)
    gap = np.abs(number[:, None] - number)
    ar = [phi**gap if phi else np.eye(len(days)) for phi in correlations]
    return np.array([c + w * weekend + k * same for c in ar for w in WEEKEND for k in WEEKDAY])


def last_days(days: int, windows: Sequence[int]) -> np.ndarray:
    """Marks of the last k days for each k, shape (len(windows), days)."""
    return np.array([[float(d >= days - k) for d in range(days)] for k in windows]).reshape(len(windows), days)


def single_days(days: int) -> np.ndarray:
    """Marks of each day but the last alone, shape (days − 1, days)."""
    return np.eye(days)[:-1]


def trend(days: Sequence[date]) -> np.ndarray:
    """Marks of a change of as much every day, shape (1, days)."""
    time = np.array([day.toordinal() for day in days], float)
    return (time - time.mean())[None] / time.std()


@dataclass(frozen=True)
class Course:
    """Series whose traffic had (within 6 %) the same course, so that they share their matrices.

    rows: (G,) their places. w: (T,) square root of the course, 0 on unknown days. y: (G, T) weighted days, in units of an average
    day's sampling error. unit: (G,) that unit.
    """

    rows: np.ndarray
    w: np.ndarray
    y: np.ndarray
    unit: np.ndarray


def courses(series: Series) -> list[Course]:
    """The series by the course of their traffic."""
    known, average = np.isfinite(series.y) & (series.n > 0), series.average
    unit = np.sqrt(series.variance / np.maximum(average, 1e-300))
    y = np.where(known, np.nan_to_num(series.y), 0.0) / unit[:, None]
    relative = np.where(known, series.n, 0.0) / np.maximum(average, 1e-300)[:, None]
    pattern = np.round(np.log2(np.maximum(relative, 1e-3)) * 6).astype(np.int64)
    _, group = np.unique(pattern, axis=0, return_inverse=True)
    group = group.ravel()
    out = []
    for g in range(group.max(initial=-1) + 1):
        rows = np.flatnonzero(group == g)
        w = np.sqrt(relative[rows].mean(0))
        out.append(Course(rows, w, y[rows] * w, unit[rows]))
    return out


@dataclass(frozen=True)
class Solved:
    """K shapes C and H marks for the G series of one course, in the bases where ρC + D is diagonal for every ρ."""

    course: Course
    eigen: np.ndarray  # (K, T)
    one: np.ndarray  # (K, T)
    y: np.ndarray  # (K, G, T)
    h: np.ndarray  # (K, H, T)

    @property
    def gain(self) -> np.ndarray:
        """1/(ρλ + 1), (K, R, T)."""
        return 1.0 / (RATIO[:, None] ** 2 * np.maximum(self.eigen, 0.0)[:, None, :] + 1.0)

    def likelihood(self) -> np.ndarray:
        """The REML log likelihood, (G, K, R)."""
        gain = self.gain
        oo = gain @ (self.one**2)[..., None]
        oy = gain @ (self.y * self.one[:, None, :]).transpose(0, 2, 1)
        log_det = np.log(oo) - np.log(gain).sum(2, keepdims=True)
        log = -0.5 * (log_det + gain @ (self.y**2).transpose(0, 2, 1) - oy**2 / oo)
        return log.transpose(2, 0, 1)

    def asked(self, marks: slice = slice(None)) -> tuple[np.ndarray, np.ndarray]:
        """hᵀPy (G, K, R, H) and hᵀPh (K, R, H) of the marks, by default all."""
        gain, h = self.gain, self.h[:, marks]
        across = (h * self.one[:, None, :]).transpose(0, 2, 1)
        oo, ho, hh = gain @ (self.one**2)[..., None], gain @ across, gain @ (h * h).transpose(0, 2, 1)
        b = np.maximum(hh - ho**2 / np.maximum(oo, 1e-300), 1e-12 * np.maximum(hh, 1e-30))
        level = (gain @ (self.y * self.one[:, None, :]).transpose(0, 2, 1) / oo).transpose(2, 0, 1)
        shapes, marks_asked, days = h.shape
        if len(self.course.rows) > marks_asked:
            weighted = (gain[:, :, None, :] * h[:, None, :, :]).reshape(shapes, -1, days)
            a = (self.y @ weighted.transpose(0, 2, 1)).reshape(shapes, -1, *b.shape[1:]).swapaxes(0, 1)
        else:
            a = (self.y.swapaxes(0, 1)[:, :, None, :] * gain) @ h.transpose(0, 2, 1)
        return a - level[..., None] * ho, b


def solve(shapes: np.ndarray, course: Course, h: np.ndarray) -> Solved:
    """Shapes (K, T, T) for a course of traffic, ready to be asked about the marks h (H, T)."""
    eigen, basis = np.linalg.eigh(shapes * np.outer(course.w, course.w))
    return Solved(course, eigen, course.w @ basis, course.y @ basis, (h * course.w) @ basis)


@dataclass(frozen=True)
class Solution:
    """Series, solved under the shapes that are possible, and ready to be asked about some marks.

    parts: the series by the course of their traffic. log: (S, possible shapes, R), the REML log likelihood.
    """

    parts: list[Solved]
    log: np.ndarray

    @classmethod
    def of(cls, series: Series, days: Sequence[date], h: np.ndarray, possible: np.ndarray) -> Solution:
        """possible: places of the shapes in `covariances`; h: the marks, (H, T)."""
        shapes = covariances(days)[possible]
        parts = [solve(shapes, course, h) for course in courses(series)]
        log = np.empty((len(series.y), len(shapes), len(RATIO)))
        for part in parts:
            log[part.course.rows] = part.likelihood()
        return cls(parts, log)
