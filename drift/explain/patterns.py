"""What affected requests have more often than others of the same nights: found on one half of them, tested on the other.

A trait is whatever a request has or has not: a word or two of its question, a topic, a tool, a document, a segment. Looked for among thousands of
traits something is always more frequent by chance; so those that stand out on one half (by a hash of the trace's id) are candidates, and only
what stands out on the other half, which had no part in the choice, is told: by Fisher's exact test with Holm's correction over the candidates, so that in
5 % of cases at the most anything at all is told that is not so.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass

from scipy import stats

RISK = 0.05
_CANDIDATES = 20
# a trait of fewer requests on a half is none
_FEWEST = 3


@dataclass(frozen=True)
class Pattern:
    """A trait, the shares of affected and of other requests that have it (of the half that it was tested on), and the corrected p."""

    trait: str
    affected: float
    others: float
    p: float


def patterns(affected: Mapping[str, Set[str]], others: Mapping[str, Set[str]]) -> tuple[Pattern, ...]:
    """Traits that affected requests have more often, the surest first. Both: by trace id, what the request has."""
    found = [_counted(part) for part in _halves(affected)]
    beside = [_counted(part) for part in _halves(others)]
    candidates = sorted(
        (_p(trait, found[0], beside[0]), trait)
        for trait, n in found[0][0].items()
        if n >= _FEWEST and _is_more(trait, found[0], beside[0])
    )[:_CANDIDATES]
    tested = sorted((_p(trait, found[1], beside[1]), trait) for _, trait in candidates)
    out, highest = [], 0.0
    for place, (p, trait) in enumerate(tested):
        highest = max(highest, min(1.0, p * (len(tested) - place)))
        if highest > RISK:
            break
        mine, theirs = (counted[0][trait] / max(counted[1], 1) for counted in (found[1], beside[1]))
        out.append(Pattern(trait, mine, theirs, highest))
    return tuple(out)


def _halves(requests: Mapping[str, Set[str]]) -> tuple[list[Set[str]], list[Set[str]]]:
    halves: tuple[list[Set[str]], list[Set[str]]] = ([], [])
    for trace, traits in requests.items():
        halves[hashlib.blake2b(trace.encode("utf-8", "replace"), digest_size=1).digest()[0] & 1].append(traits)
    return halves


def _counted(requests: list[Set[str]]) -> tuple[Counter[str], int]:
    return Counter(trait for traits in requests for trait in traits), len(requests)


def _is_more(trait: str, found: tuple[Counter[str], int], beside: tuple[Counter[str], int]) -> bool:
    return found[0][trait] * max(beside[1], 1) > beside[0][trait] * found[1]


def _p(trait: str, found: tuple[Counter[str], int], beside: tuple[Counter[str], int]) -> float:
    (seen, n), (other, m) = (found[0][trait], found[1]), (beside[0][trait], beside[1])
    # as many or more among the affected, given all that have it
    return float(stats.hypergeom.sf(seen - 1, n + m, seen + other, n)) if n and m else 1.0
