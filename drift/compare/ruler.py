"""What two versions of drift measured otherwise is not compared, and that is said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from drift import metrics
from drift.profiles.build import RULER
from drift.text import names


def measured_otherwise(wanted: Sequence[str], *sides: pd.DataFrame) -> list[str]:
    """Those of the metrics that the traces of the sides (features tables) were not all measured in by one version."""
    rulers = {ruler for side in sides for ruler in _rulers(side)}
    return [metric for metric in wanted if not metrics.measured_alike(metric, rulers)]


def _rulers(side: pd.DataFrame) -> set[int | None]:
    # rows of before rulers were kept have none
    return {None if pd.isna(ruler) else int(ruler) for ruler in side[RULER].unique()} if RULER in side else {None}


def note(otherwise: Iterable[str]) -> str:
    """That these metrics are not compared; empty where there are none."""
    named = names.listed(sorted(set(otherwise)))
    return f"not compared, for two versions of drift measured it otherwise: {named}" if named else ""
