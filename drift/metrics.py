"""Metrics by name: those of the catalogue, the user's own, and the families whose names an application makes (`score.<name>`, steps).

What is asked of a metric beside its entry is here, too: which version of drift measured it, whether it is a decision, whether it is drilled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from drift.catalogue import CATALOGUE as CATALOGUE
from drift.catalogue import Metric as Metric
from drift.catalogue import bounded, label, number, share

# mixes of traffic that somebody decides: a change of one is an event, never an alarm
DECISIONS = frozenset({"model", "name", "parameters", "prompt", "release", "step_model"})
# before a score's name: the judge that gave it, with its version
SCORED_BY = "scored_by."
# before a tool's name: the hash of the schema with which it is offered
TOOL_SCHEMA = "tool_schema."
# before a tool's name: whether a request that calls tools calls it
TOOL_CALLED = "tool_called."


def is_decision(metric: str) -> bool:
    """Whether a change of it is an event and no alarm."""
    return metric in DECISIONS or metric.startswith((SCORED_BY, TOOL_SCHEMA))


# what drift measures by itself; the rest of the catalogue are metrics of the user's own
SHIPPED = frozenset(CATALOGUE)

# what a drill is held of, beside every score and every metric of the user's own
_DRILLED = frozenset(
    [
        "refusal",
        "output_characters",
        "latency_s",
        "cost_usd",
        "error",
        "retrieval_top_score",
        "groundedness",
        "output_language",
        "json_valid",
        "tool_failure",
        "task_completed",
    ]
)

# drift's own ruler: the version by which traces are measured, kept with every day, and what each version measures otherwise than the one
# before it; days of which a metric was measured otherwise are not compared with it
RULER = 5
_RULERS = {
    2: frozenset({"refusal", "refusal_partial", "declined", "correction"}),
    3: frozenset({"refusal", "declined", "correction", "injection"}),
    4: frozenset({"refusal", "declined", "injection", "input_language", "output_language"}),
    5: frozenset({"correction"}),
}
# what is made of another metric's values is measured otherwise with it
_MADE_OF = {"session_abandoned": "refusal", "injection_kind": "injection"}
# those that any ruler measures otherwise than the one before it
RULED_ANEW = frozenset().union(*_RULERS.values())
RULED_ANEW |= {name for name, of in _MADE_OF.items() if of in RULED_ANEW}


def version(metric: str, ruler: int | None) -> int:
    """The version of a metric where traces were measured by that ruler; None is a day from before rulers were kept."""
    own = {metric, _MADE_OF.get(metric, metric)}
    return max((made for made, names in _RULERS.items() if own & names and made <= (ruler or 1)), default=1)


def measured_alike(metric: str, rulers: Iterable[int | None]) -> bool:
    """Whether traces that these rulers measured can be compared in the metric."""
    return len({version(metric, ruler) for ruler in rulers}) <= 1


# what is computed from embeddings: values of two encoders are never compared
ENCODED = frozenset(name for name, metric in CATALOGUE.items() if metric.unit == "cosine" or name.endswith("_topic"))


def lookup(name: str) -> Metric:
    """The metric of that name, made on the fly for `score.<name>`, `scored_by.<name>`, `judge.<rubric>`, `truth.<rubric>`, `pii.<type>`
    and the families of steps. Raises KeyError if there is none."""
    if name in CATALOGUE:
        return CATALOGUE[name]
    family, _, rest = name.partition(".")
    if rest and family == "score":
        return Metric(
            name,
            "number",
            "quality",
            "score",
            f"Score “{rest}” in the trace store.",
            worse="down",
            matters=0.02,
            scale="signed",
            source="scores",
            weight=4,
        )
    if rest and family == "judge":
        return Metric(
            name,
            "number",
            "quality",
            "score",
            f"What the judge says by the rubric “{rest}”: 1 good and 0 bad, or 1 to 5.",
            worse="down",
            matters=0.02,
            scale="signed",
            source="input, output, documents",
            weight=4,
        )
    if family == "golden" and rest == "expected":
        return share(name, "quality", "Answers to a golden set that are as expected.", worse="down", matters=0.02, weight=4)
    if family == "golden" and rest == "agreement":
        return bounded(
            name, "quality", "Share of their words that the answers to one golden question have in common.", matters=0.02
        )
    if family == "golden" and rest == "reworded":
        doc = "Share of their words that answers to a golden question have in common with those to the same question in other words."
        return bounded(name, "quality", doc, matters=0.02)
    if rest and family == "truth":
        doc = f"Requests that people would call bad by the rubric “{rest}”."
        return share(name, "quality", doc, matters=0.02, source="labels, judge", weight=4)
    if rest and family == "score_label":
        return label(name, "quality", f"Label of score “{rest}” in the trace store.", source="scores", weight=4)
    if rest and f"{family}." == SCORED_BY:
        doc = f"Judge that gave score “{rest}”, with its version."
        return label(name, "traffic", doc, matters=0.03, source="scores", weight=0.05)
    if rest and f"{family}." == TOOL_SCHEMA:
        doc = f"Schema with which tool “{rest}” is offered, as a hash."
        return label(name, "traffic", doc, matters=0.03, source="offered_tools", weight=0.02)
    if name == "pii.person":
        return replace(CATALOGUE["pii"], name=name, doc="Answers that name a person whom the question does not.")
    if rest and family == "pii":
        return replace(CATALOGUE["pii"], name=name, doc=f"Answers that contain personal data of type {rest}.")
    if rest and family in _STEP_FAMILIES:
        made = _STEP_FAMILIES[family](rest)
        return replace(made, name=name, source="trajectory", weight=_FAMILY_WEIGHTS.get(family, 0.25))
    if rest and family in ("document_age", "stale"):
        whole = CATALOGUE["document_age_days" if family == "document_age" else "stale_documents"]
        return replace(whole, name=name, doc=f"{whole.doc[:-1]}, of source “{rest}”.", weight=_FAMILY_WEIGHTS[family])
    if rest and family == "vain_usd":
        return replace(
            CATALOGUE["vain_cost_usd"],
            name=name,
            doc=f"Part of the day's cost in vain: {rest}.",
            weight=_FAMILY_WEIGHTS[family],
        )
    raise KeyError(name)


# what is followed of each kind of step and of each tool; a name is the application's own, and a family's part of the budget small
_STEP_FAMILIES: dict[str, Callable[[str], Metric]] = {
    "seconds": lambda kind: number("", "system", "s", f"Time of a request in steps of kind {kind}.", worse="up", floor=0.001),
    "time_share": lambda kind: bounded(
        "",
        "system",
        "Share of a request's time outside any step."
        if kind == "outside"
        else f"Share of a request's time in steps of kind {kind}.",
        "either",
        matters=0.03,
    ),
    "step_failure": lambda kind: share("", "system", f"Requests in which a step of kind {kind} failed."),
    "guardrail": lambda name: share(
        "", "safety", f"Requests in which guardrail “{name}” fired, of those that ran it.", "either"
    ),
    "tool_failure": lambda tool: share("", "system", f"Requests in which tool “{tool}” failed, of those that called it."),
    "failed_step": lambda step: share("", "system", f"Requests in which step “{step}” failed, of those that ran it."),
    "call_failure": lambda call: share("", "system", f"Requests in which model call “{call}” failed, of those that made it."),
    "call_retry": lambda call: share("", "system", f"Requests in which model call “{call}” was tried again."),
    "call_usd": lambda call: number(
        "", "cost", "USD", f"Cost of a request in model call “{call}”.", worse="up", floor=1e-7, matters=0.05
    ),
    "call_tokens": lambda call: number(
        "", "cost", "tokens", f"Tokens of a request in model call “{call}”, of both sides.", worse="up"
    ),
    "tool_called": lambda tool: share(
        "", "system", f"Requests that call tool “{tool}”, of those that call any.", "either", matters=0.02
    ),
    "tool_result": lambda tool: number(
        "", "system", "characters", f"Length of what tool “{tool}” gives back, where it gives anything.", matters=0.1
    ),
    "tool_empty": lambda tool: share(
        "", "system", f"Requests in which tool “{tool}” gave nothing back, of those that show what it gave.", matters=0.01
    ),
    "tool_shape": lambda tool: label(
        "", "system", f"Keys and types of what tool “{tool}” gives back, as a hash.", matters=0.03
    ),
    "found": lambda step: number("", "retrieval", "documents", f"Documents that “{step}” hands on."),
    "found_nothing": lambda step: share("", "retrieval", f"Requests in which “{step}” handed on no document.", matters=0.005),
    "call_s": lambda call: number("", "system", "s", f"Time of a request in model call “{call}”.", worse="up", floor=0.001),
    "step_s": lambda step: number("", "system", "s", f"Time of a request in step “{step}”.", worse="up", floor=0.001),
    "tool_s": lambda tool: number("", "system", "s", f"Time of a request in tool “{tool}”.", worse="up", floor=0.001),
}


# parts of the budget of families that repeat what another metric says, in other terms
_FAMILY_WEIGHTS = {
    "document_age": 0.05,
    "stale": 0.05,
    "guardrail": 0.25,
    "call_s": 0.05,
    "step_s": 0.05,
    "time_share": 0.05,
    "vain_usd": 0.02,
    "failed_step": 0.05,
    "call_failure": 0.05,
    "call_retry": 0.02,
    "call_usd": 0.02,
    "call_tokens": 0.02,
    "tool_called": 0.05,
    "tool_result": 0.02,
    "tool_empty": 0.1,
    "tool_shape": 0.05,
    "found": 0.05,
    "found_nothing": 0.1,
}


def find(name: str) -> Metric | None:
    """`lookup`, and None for a name that is none: of a user's own metric whose module is gone, of a column that is no metric."""
    try:
        return lookup(name)
    except KeyError:
        return None


def drilled(metric: Metric) -> bool:
    """Whether each night says which change of the metric it would have told: what people feel, scores, metrics of the user's own."""
    own = metric.name in CATALOGUE and metric.name not in SHIPPED
    return own or metric.name in _DRILLED or metric.name.startswith(("score.", "judge.", "truth."))


def register(metric: Metric) -> Metric:
    """Add a metric of the user's own. Raises ValueError where the name is taken by another metric."""
    if CATALOGUE.get(metric.name, metric) != metric:
        raise ValueError(f"metric {metric.name!r} exists already; choose another name")
    CATALOGUE[metric.name] = metric
    return metric
