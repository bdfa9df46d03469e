"""What a cell of traffic without a past is expected to be like: like the traffic that it took over.

Which model, prompt, release or version answers is what the team deploys, not what users choose. Where one replaces another its
cells are new, and to expect of them what the whole traffic is like would call the old endpoint's own level a change. A new cell is
therefore compared with the cells that differ from it in nothing but what is deployed, weighted by the traffic that they lost.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from drift.detect.statistics.panel import Panel
from drift.profiles import CELL_SEPARATOR
from drift.profiles.dimensions import DEPLOYED, subsets

# fewer baseline traces than these and a cell has no past of its own
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
    new = np.flatnonzero((past[:-1] < _PAST) & (today[:-1] > 0))
    if not len(new):
        return weights
    usual, now = past / max(past.sum(), 1.0), today / max(today.sum(), 1.0)
    lost = np.maximum(usual - now, 0.0)
    dimensions = panel.dimensions
    names = [tuple(panel.segments[row][1].split(CELL_SEPARATOR)) for row, *_ in groups]
    places = [place for place, name in enumerate(dimensions) if name in DEPLOYED]
    for c in new:
        kin = _kin(c, names, places, past)
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
