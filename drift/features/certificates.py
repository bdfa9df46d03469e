"""What each classifier of texts was measured to be worth: how many of its cases it finds, and of how many others it says so too.

The numbers are in certificates.toml, which `python -m benchmarks.signals --write` writes. A signal without labelled texts has no
certificate.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from drift.features.pii import TYPES
from drift.text import wording

FILE = Path(__file__).with_name("certificates.toml")
_Z = 1.959964
# less of a true change than this comes through the signal's errors (recall + specificity − 1)
_HALF = 0.5
# what an incident says first whose signal is too weak for the change that it tells
WEAK = "weak instrument"
# the table of `proxies` in the file
AUC = "auc"


def wilson(k: float, n: float) -> tuple[float, float]:
    """95 % interval of a share k of n (Wilson, 1927)."""
    if not n:
        return 0.0, 1.0
    p, z2 = k / n, _Z * _Z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * (p * (1 - p) / n + z2 / (4 * n * n)) ** 0.5 / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True)
class Share:
    """k of n, with its 95 % interval."""

    k: int
    n: int

    @property
    def value(self) -> float:
        return self.k / self.n

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.k, self.n)


@dataclass(frozen=True)
class Certificate:
    """finds: of its cases, those found. false: of other texts, those of which it is said too.

    what: its cases in a word or two. cases, others: the texts on which it was measured. languages: those it was made for.
    shortest: the shortest text that it judges.
    """

    what: str
    finds: Share
    false: Share
    cases: str
    others: str
    languages: str
    shortest: str

    @property
    def sentence(self) -> str:
        return (
            f"measured: finds {wording.percent(self.finds.value)} of {self.what} and takes {100 * self.false.value:.2g} % "
            "of other texts for one"
        )

    @property
    def factor(self) -> float:
        """The part of a true change of the rate that is seen: recall + specificity − 1."""
        return self.finds.value - self.false.value

    def true_change(self, change: float, low: float, high: float) -> tuple[float, float, float]:
        """The change of the true rate where that of the seen rate is so large, with its 95 % interval (Rogan and Gladen, 1978).

        Δπ = Δr / (Se + Sp − 1); the factor's own variance (binomial, both shares) adds to that of Δr by the delta method.
        """
        f = self.factor
        error = (high - low) / (2 * _Z)
        own = sum(share.value * (1 - share.value) / share.n for share in (self.finds, self.false))
        half = _Z * ((error**2 + (change / f) ** 2 * own) ** 0.5) / f
        return change / f, change / f - half, change / f + half

    def weak(self, before: float, after: float) -> str:
        """Why the signal is too weak for a change of its rate, empty where it is not.

        What moves a rate by less than the signal may say of texts that are none, may be other texts.
        """
        if self.finds.interval[0] - self.false.interval[1] < _HALF:
            return f"it may miss half of {self.what}"
        most = self.false.interval[1]
        if abs(after - before) < most:
            return f"up to {100 * most:.2g} % of other texts look the same to it"
        return ""


@cache
def everything() -> dict[str, Certificate]:
    """The certificates by metric."""
    return {
        metric: Certificate(**{**each, "finds": Share(*each["finds"]), "false": Share(*each["false"])})
        for metric, each in _stored().items()
        if metric != AUC
    }


@cache
def proxies() -> dict[str, tuple[float, float, float]]:
    """Of numbers that stand for what they do not measure: how well they tell bad answers from good ones, as the area under the ROC curve
    with its 95 % interval; 0.5 is chance."""
    return {metric: tuple(each) for metric, each in _stored().get(AUC, {}).items()}


@cache
def _stored() -> dict:
    return tomllib.loads(FILE.read_text("utf-8"))


def of(metric: str) -> Certificate | None:
    """A metric's certificate, None where it has none. A type of personal data that was measured with the others has that of `pii`."""
    family, _, type_ = metric.partition(".")
    return everything().get("pii" if family == "pii" and type_ in TYPES else metric)


def told(metric: str, before: float | None, after: float | None) -> str:
    """What an incident says of the signal that leads it, empty where there is no certificate."""
    if metric in proxies():
        auc, low, high = proxies()[metric]
        return f"{WEAK}: it counts words; measured: it tells bad answers from good ones with an AUC of {auc:.2f} ({low:.2f} to {high:.2f})"
    certificate = of(metric)
    if certificate is None:
        return ""
    # a rule's level has nothing that it came from
    weak = certificate.weak(before, after) if before is not None and after is not None else ""
    return f"{WEAK}: {weak} ({certificate.sentence})" if weak else certificate.sentence
