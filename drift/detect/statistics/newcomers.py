"""What a cell of traffic with little past is expected to be like: like the traffic that it took over.

Which model, prompt, release or version answers is what the team deploys, not what users choose. Where one replaces another its
cells are new, and to expect of them what the whole traffic is like would call the old endpoint's own level a change. A new cell is
therefore compared with the cells that differ from it in nothing but what is deployed, weighted by the traffic that they lost.

A day or two of its own say little: a rare outcome that a new prompt did not have on its first 70 requests would be news on the next
day, and what the prompt changed would explain itself. Until it has lived for a week it is drawn toward what it took over.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from drift.detect.statistics.cells import effective_days
from drift.detect.statistics.panel import Panel
from drift.detect.statistics.statistic import LIFE
from drift.profiles import CELL_SEPARATOR
from drift.profiles.dimensions import DEPLOYED, subsets

# with fewer baseline traces a cell cannot tell what another is like
_PAST = 50
# where its kin lost less than this part of its traffic, it is not from them that the traffic came
TAKEN = 0.5


def of_cells(panel: Panel, groups: Sequence[Sequence[int]], n: np.ndarray, history: np.ndarray) -> np.ndarray:
    """Weights (C + 1, C + 1): row c says which cells' baseline means cell c is drawn toward; all 0: the segment's mean.

    groups: the cells, each as rows of the panel (`cells.of`). n: traces (T, C + 1) of each, today last, and of what the cells do
    not cover. history: (T,) the baseline's days.
    """
    weights = np.zeros((n.shape[1], n.shape[1]))
    past, today = n[history].sum(0), n[-1]
    young = (past < _PAST) | (effective_days(n[history]) < min(LIFE, history.sum() / 2))
    new = np.flatnonzero(young[:-1] & (today[:-1] > 0))
    if not len(new):
        return weights
    usual, now = past / max(past.sum(), 1.0), today / max(today.sum(), 1.0)
    lost = np.maximum(usual - now, 0.0)
    dimensions = panel.dimensions
    names = [tuple(panel.segments[row][1].split(CELL_SEPARATOR)) for row, *_ in groups]
    places = [place for place, name in enumerate(dimensions) if name in DEPLOYED]
    for c in new:
        kin = _kin(int(c), names, places, np.where(young, 0.0, past))
        if not len(kin):
            # where every version is young, it took over from younger ones
            kin = _kin(int(c), names, places, np.where(np.arange(len(past)) == c, 0.0, past))
        if len(kin):
            taken = lost[kin]
            share = taken if taken.sum() >= TAKEN * now[c] else usual[kin]
            weights[c, kin] = share / share.sum()
    return weights


def _kin(c: int, names: Sequence[tuple[str, ...]], places: Sequence[int], past: np.ndarray) -> np.ndarray:
    """The cells with a past that differ from cell c in as few deployed dimensions as there are any."""
    for left_out in subsets(places):
        kept = [place for place in range(len(names[c])) if place not in left_out]
        same = [
            k
            for k, each in enumerate(names)
            if len(each) == len(names[c]) and past[k] >= _PAST and all(each[place] == names[c][place] for place in kept)
        ]
        if same:
            return np.array(same)
    return np.array([], int)
