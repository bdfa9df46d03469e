"""Metrics of your own: a function with `@metric` in a module that `[custom] modules` names (docs/custom_metrics.md).

What a function measures belongs to its author; this file only finds it, calls it and keeps its mistakes from stopping a night.
"""

from __future__ import annotations

import importlib
import inspect
import logging
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from drift import metrics, traces
from drift.catalogue import Kind, Metric, Scale, Side, Worse
from drift.errors import ConfigError
from drift.features.batch import Batch, Context, Measure, Measured, mark_failures

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_KINDS = ("number", "rate", "label")
_MOST_LABELS = 50

_log = logging.getLogger(__name__)

_measures: dict[str, tuple[str, Measure]] = {}
_warned: set[str] = set()


def metric(
    *,
    kind: Kind,
    side: Side = "output",
    worse: Worse = "either",
    matters: float | None = None,
    unit: str = "",
    scale: Scale | None = None,
    low: float = 0.0,
    high: float = 1.0,
    floor: float = 1.0,
    tail: bool = False,
    name: str | None = None,
) -> Callable[[Callable], Callable]:
    """Make a function a metric of the function's name.

    Its arguments are fields of the trace (`input`, `output`, `documents`, … as in `drift.traces.SCHEMA`) and it is called once
    a trace; a function whose only argument is `batch` is called once a batch (`drift.features.Batch`) and returns one value
    per row. It returns a number (kind "number"), True or False ("rate"), or a short text ("label"); None is unknown. The other
    arguments are those of `drift.metrics.Metric`; `scale` is "log" unless said otherwise.

    Raises ConfigError where the name is taken or not a name, an argument is not a field, or the kind is not one of these.
    """

    def register(function: Callable) -> Callable:
        title = name or function.__name__
        where = f"metric {title!r} in {function.__module__}"
        if not _NAME.fullmatch(title):
            raise ConfigError(f"{where}: a metric's name is lower case letters, digits and _, beginning with a letter")
        if kind not in _KINDS:
            raise ConfigError(f"{where}: kind is {kind!r}; allowed: {', '.join(_KINDS)}")
        if title in metrics.CATALOGUE and _measures.get(title, ("",))[0] != function.__module__:
            raise ConfigError(f"{where}: the name is taken; choose another with @metric(name=…)")
        doc = (inspect.getdoc(function) or title.replace("_", " ")).splitlines()[0]
        metrics.CATALOGUE[title] = Metric(
            name=title,
            kind=kind,
            side=side,
            unit=unit or ("share" if kind != "number" else ""),
            doc=doc,
            worse=worse,
            matters=matters if matters is not None else {"number": 0.05, "rate": 0.005, "label": 0.01}[kind],
            scale=scale or ("log" if kind == "number" else "bounded"),
            floor=floor,
            low=low,
            high=high,
            tail=tail,
            source=function.__module__,
        )
        _measures[title] = (function.__module__, _measure(title, kind, function, where))
        return function

    return register


def load(modules: Iterable[str]) -> tuple[tuple[str, Measure], ...]:
    """The metrics that the modules define, by name. A module may lie beside drift.toml, in the working directory.

    Raises ConfigError with one line that names the module and the reason.
    """
    wanted = list(modules)
    if wanted and os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())
    for module in wanted:
        try:
            importlib.import_module(module)
        except ConfigError:
            raise
        except Exception as error:
            raise ConfigError(f"custom.modules: {module!r} could not be imported: {type(error).__name__}: {error}") from None
    return tuple((name, measure) for name, (module, measure) in _measures.items() if module in wanted)


def _measure(name: str, kind: Kind, function: Callable, where: str) -> Measure:
    arguments = list(inspect.signature(function).parameters)
    if arguments == ["batch"]:
        return _batch_measure(name, kind, function)
    unknown = [argument for argument in arguments if argument not in traces.SCHEMA.names]
    if unknown or not arguments:
        asked = f"{unknown[0]!r} is not a field of a trace" if unknown else "it takes no argument"
        raise ConfigError(f"{where}: {asked}; fields are {', '.join(traces.SCHEMA.names)}, or `batch` alone")

    def measure(batch: Batch, context: Context) -> Measured:
        values: list[Any] = [None] * len(batch)
        lost = np.zeros(len(batch), bool)
        reasons: Counter[str] = Counter()
        for row, given in enumerate(zip(*(batch.text(argument) for argument in arguments), strict=True)):
            try:
                values[row] = function(*given)
            except Exception as error:  # the author's mistake on one trace is that trace's unknown
                lost[row] = True
                reasons[type(error).__name__] += 1
        measured: Measured = {name: _column(name, kind, values)}
        return measured | mark_failures(name, lost, reasons, context) if reasons else measured

    return measure


def _batch_measure(name: str, kind: Kind, function: Callable) -> Measure:
    def measure(batch: Batch, context: Context) -> Measured:
        n = len(batch)
        values = list(function(batch))
        if len(values) == n:
            return {name: _column(name, kind, values)}
        # not a row's fault, so there is no row to find by halving
        measured: Measured = {name: _column(name, kind, [None] * n)}
        reasons = Counter({f"{len(values)} values for {n} traces": 1})
        return measured | mark_failures(name, np.ones(n, bool), reasons, context)

    return measure


def _tell_if_flattened(entry: Metric, values: np.ndarray) -> None:
    """One warning a process where most values lie beyond what their scale tells apart: they would never be seen to change."""
    if entry.name in _warned:
        return
    known = values[np.isfinite(values) & (values != 0)]
    if entry.scale == "log":
        lost, limit = known < entry.floor, f"below its floor of {entry.floor:g}; set floor= or scale="
    elif entry.scale == "bounded":
        lost, limit = (known < entry.low) | (known > entry.high), f"outside {entry.low:g} to {entry.high:g}; set low= and high="
    else:
        return
    if len(known) and lost.mean() > 0.5:
        _warned.add(entry.name)
        _log.warning(
            "metric %s: %.0f %% of its values are %s in @metric, or they all count as one", entry.name, 100 * lost.mean(), limit
        )


def _column(name: str, kind: Kind, values: list) -> np.ndarray:
    if kind == "label":
        words = [None if value is None else traces.clean_text(str(value))[:60] for value in values]
        kept = {word for word, _ in Counter(word for word in words if word is not None).most_common(_MOST_LABELS)}
        return np.array([word if word is None or word in kept else "other" for word in words], object)
    numbers = np.array([_number(value) for value in values], float)
    if kind == "rate":
        return np.where(np.isnan(numbers), np.nan, numbers != 0)
    _tell_if_flattened(metrics.lookup(name), numbers)
    return numbers


def _number(value: Any) -> float:
    try:
        return float(value) if value is not None else np.nan
    except (TypeError, ValueError, OverflowError):
        return np.nan
