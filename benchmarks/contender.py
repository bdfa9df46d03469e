"""drift as a contender of the peers' harness: `CONTENDERS` and `EMB_CONTENDERS` for run_quality.py, run_delay.py, run_embed.py.

The harness hands over daily data frames; they go through the profiles and the night of the product, with the frame's columns
registered as metrics by their type. Nothing of the generator is known here but that `attrs["day"]` counts days from a Monday.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.contender_embedding import fn_emb  # noqa: E402
from drift import metrics, profiles  # noqa: E402
from drift.config import Config  # noqa: E402
from drift.detect import Settings, night
from drift.metrics import Metric  # noqa: E402
from drift.profiles.day import DayProfile

MONDAY = date(2024, 1, 1)
# what a user would write under [segments] dimensions: traffic, not outcome
OUTCOMES = ("reason", "error", "status", "outcome", "verdict", "language", "topic", "label", "opening", "grade")
MANY_VALUES = 50
# what a user would write as `worse`: words of a column's name
COSTS = ("cost", "price", "usd", "latency", "duration", "ttft", "seconds")
SIZES = ("length", "tokens", "characters", "chars", "words", "size")
WORSE_UP = ("latency", "duration", "cost", "price", "age", "error", "retries", "ttft", "toxic", "time")
WORSE_DOWN = ("score", "relevance", "similarity", "groundedness", "quality", "rating", "accuracy", "success")


def flagged(reference: list[pd.DataFrame], current: pd.DataFrame) -> set[str]:
    """Columns in which drift raises an alarm today."""
    config = _config(reference[-1])
    history = [_profile(frame, config) for frame in reference]
    return {finding.metric for finding in night(history, _profile(current, config), Settings.of(config)) if finding.alarm}


def _config(frame: pd.DataFrame) -> Config:
    if "_drift_config" not in frame.attrs:
        frame.attrs["_drift_config"] = _configure(frame)
    return frame.attrs["_drift_config"]


def _configure(frame: pd.DataFrame) -> Config:
    labels = [c for c in _columns(frame) if _kind(frame[c]) == "label"]
    dimensions = [c for c in labels if not any(word in c.lower() for word in OUTCOMES)]
    # counts of the day are no columns of the frame
    counts = {name: {"enabled": False} for name in ("volume", "total_cost_usd")}
    return Config(segments={"dimensions": dimensions}, metrics=counts)


def _columns(frame: pd.DataFrame) -> list[str]:
    return [c for c in frame.columns if not pd.api.types.is_datetime64_any_dtype(frame[c])]


def _kind(column: pd.Series) -> str:
    if not pd.api.types.is_numeric_dtype(column):
        return "label" if column.nunique() <= MANY_VALUES else ""
    return "rate" if set(column.dropna().unique()) <= {0, 1} else "number"


def _metric(name: str, column: pd.Series) -> Metric | None:
    """A metric for a column of unknown meaning, by its type and range alone."""
    kind = _kind(column)
    if kind == "label":
        return Metric(name, "label", "system", "share", "", matters=0.005, scale="bounded")
    if kind == "rate":
        # a flag on a request marks something that should not happen, unless it mostly does
        worse = "up" if column.mean() < 0.5 else "down"
        return Metric(name, "rate", "quality", "share", "", worse=worse, matters=0.002, scale="bounded")
    if kind == "number":
        low, high, worse = float(column.min()), float(column.max()), _worse(name)
        if low < 0:
            return Metric(name, "number", "quality", "", "", worse=worse, matters=0.01, scale="signed")
        if high <= 1 and column.mean() > 0.05:
            return Metric(name, "number", "quality", "", "", worse=worse, matters=0.005, scale="bounded")
        floor = max(float(column.mean()) * 1e-6, 1e-300)
        return Metric(name, "number", _side(name), "", "", worse=worse, matters=0.01, floor=floor)
    return None


def _side(name: str) -> str:
    if any(word in name.lower() for word in COSTS):
        return "cost"
    return "output" if any(word in name.lower() for word in SIZES) else "quality"


def _worse(name: str) -> str:
    parts = name.lower().split("_")
    if any(part.startswith(WORSE_UP) for part in parts):
        return "up"
    return "down" if any(part.startswith(WORSE_DOWN) for part in parts) else "either"


def _profile(frame: pd.DataFrame, config: Config) -> DayProfile:
    if "_drift" not in frame.attrs:
        day = MONDAY + timedelta(days=int(frame.attrs["day"]))
        columns = {}
        for name in _columns(frame):
            if name not in metrics.CATALOGUE or name not in _SEEN:
                metric = _metric(name, frame[name])
                if metric is None:
                    continue
                metrics.CATALOGUE[name] = metric
                _SEEN.add(name)
            columns[name] = pa.array(frame[name])
        frame.attrs["_drift"] = DayProfile(day, profiles.build(pa.table(columns), config, day), True)
    return frame.attrs["_drift"]


_SEEN: set[str] = set()


CONTENDERS = {"drift": flagged}
EMB_CONTENDERS = {"drift": fn_emb}
