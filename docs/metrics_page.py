"""Writes docs/metrics.md from the catalogue: `python docs/metrics_page.py`. A test checks that the page is up to date."""

from __future__ import annotations

from pathlib import Path

from drift.features import certificates
from drift.metrics import CATALOGUE, Metric
from drift.text.names import called

PAGE = Path(__file__).with_name("metrics.md")

SIDES = {
    "input": "What users ask",
    "output": "What the application answers",
    "quality": "How good the answers are",
    "safety": "Safety",
    "retrieval": "Retrieval",
    "freshness": "Freshness",
    "system": "The system",
    "cost": "Cost",
    "traffic": "Traffic",
}

INTRODUCTION = """# Metrics

<!-- written by `python docs/metrics_page.py` from drift/catalogue.py; change it there -->

What drift follows from day to day. Each is measured on single traces and is *unknown*, never 0, where a trace does not
say.

**Kinds.** A *number* has a level (its mean on its scale), for some a *tail* (the 95th percentile), and a shape. On the
*log* scale (lengths, times, costs) the level is the mean of the logarithm, values below the floor counting as the
floor; *bounded* and *signed* numbers are compared as they are. A *rate* is the share of traces that are so. A *label*
is one of a few values, compared share by share. A *vector* is a position in meaning. A *count* belongs to the whole
day.

**Smallest change that matters.** A smaller change is never an alarm, however certain it is. Of a number on the log
scale and of a count it is relative (5 % means: the typical value moves by 5 %); of other numbers it is in the metric's
unit; of rates and shares it is in percentage points (pp), and for a rate at least a tenth of the baseline; of a vector
it is a cosine distance. Change it with `[metrics.<name>] matters = …` in `drift.toml`, switch a metric off with
`enabled = false`.

**Weight** is the metric's part of the night's budget of false alarms, beside the others' 1: more for what people feel. Change it with
`[metrics.<name>] weight = …`.

**Worse** says which direction is bad; a change for the better is reported as such.

**When a classifier makes mistakes.** Some rates are a classifier's verdicts: refusals, injections, personal data,
prompt leaks, corrections, repetition. If it finds a share *r* of the true cases (recall) and raises a share *f* of
false alarms among the rest, a true rate *p* is seen as *r·p + f·(1 − p)*. A change Δ of the true rate is therefore seen
as *(r − f)·Δ*: the direction is right as long as the classifier is better than chance, and the size is a little too
small (at *r* = 0.9 and *f* = 0.01, 89 % of it). What cannot be read off is the level: at a true rate of 0.1 % and *f* =
1 %, most of what is seen are false alarms, and a change of 0.1 points is lost in the noise of the day. This holds while
*r* and *f* stay what they are. A new model that refuses in words that the classifier does not know lowers *r*, and
refusals seem to fall; read a sample of the exemplar traces when a rate moves.

**drift's own ruler.** A new version of drift may measure a metric otherwise. Days say by which version they were measured; days of another
version are not compared in that metric. On the first night after the upgrade the days before are measured once more by the new version, as
many as it takes to compare (`baseline.min_days`), the latest first, while the store has them as they were (nine in ten of their traces at least, and texts as long as
then); of those days nothing else changes. A night spends at most five minutes and 200,000 traces on it, and the next goes on. Where the store has them no longer, the
metric starts anew. The night's log, its page and `drift show` say which, with the rates of the same days by both versions. `drift backfill`
measures whole days again.

**Certificates** say what a classifier was measured to be worth (`python -m benchmarks.signals --write`). An incident that one leads says
so, too: “measured: finds 91 % of refusals and takes 0.4 % of other texts for one”. It says *weak instrument*, and its cause is *possible* at most, where the
signal may miss half of its cases, or where the change is smaller than what it may say of other texts.

"""

DYNAMIC = """## Families

| metric | meaning |
|---|---|
| `score.<name>` | a score of that name in the trace store (judge, person, feedback); True and False are 1 and 0 |
| `score_label.<name>` | a score that is text |
| `scored_by.<name>` | which judge gave that score, with its version; a change is an event |
| `seconds.<kind>` | time of a request in its steps of one kind: model, tool, retrieval, rerank, embedding, guardrail, plan |
| `call_s.<name>`, `step_s.<name>` | time of a request in one model call, and in one step that is neither that nor a tool, by its name; beyond 12 names `other` |
| `time_share.<kind>`, `time_share.outside` | the same as a share of the request's time, and what no step explains |
| `step_failure.<kind>` | requests in which a retrieval, rerank, embedding or guardrail failed |
| `failed_step.<name>`, `call_failure.<name>`, `call_retry.<name>` | the same by the name of the step, or of the model call, and how often that call was tried again |
| `call_usd.<name>` | cost of a request in one model call |
| `document_age.<source>`, `stale.<source>` | age and stale share of the documents by source: the host of their address, or what their ids begin with (`handbook/…`), of those that `[freshness] sources` names |
| `guardrail.<name>` | how often a guardrail fires, of the requests that ran it |
| `tool_failure.<tool>`, `tool_s.<tool>` | failures and time of one tool among the requests that called it; beyond 20 tools `other` |
| `tool_called.<tool>` | how often a tool is called, of the requests that call any: the mix of tools |
| `tool_empty.<tool>`, `tool_result.<tool>`, `tool_shape.<tool>` | what a tool gives back: how often nothing, how long, and with which keys and types (as a hash); a failed run has no result |
| `found.<step>`, `found_nothing.<step>` | documents that one search or reranker hands on, and how often none |
| `vain_usd.<why>` | the day's cost in vain by why: failed, empty, truncated, retried, looped; each dollar once, in this order |
| `tool_schema.<tool>` | with which schema a tool is offered, as a hash; a change is an event, as is a tool that appears or is called no more |
| `pii.<type>` | answers that contain personal data of that type |
| your own | see [metrics of your own](custom_metrics.md) |
"""


def page() -> str:
    """The whole page as Markdown."""
    parts = [INTRODUCTION + _certificates()]
    for side, title in SIDES.items():
        chosen = [metric for metric in CATALOGUE.values() if metric.side == side]
        rows = [_row(metric) for metric in chosen]
        header = "| metric | told as | meaning | unit | kind | worse | matters | weight | measured from |\n|---|---|---|---|---|---|---|---|---|"
        parts.append(f"## {title}\n\n" + "\n".join([header, *rows]) + "\n")
    return "\n".join([*parts, DYNAMIC])


def _certificates() -> str:
    header = "| metric | finds | of | false | of | languages | shortest text |\n|---|---|---|---|---|---|---|"
    rows = [
        f"| `{metric}` | {_interval(each.finds, 2, 1)} | {each.cases} (n {each.finds.n:,}) | {_interval(each.false, 2, 100)} % |"
        f" {each.others} (n {each.false.n:,}) | {each.languages} | {each.shortest} |"
        for metric, each in sorted(certificates.everything().items())
    ]
    return "\n".join([header, *rows]) + "\n"


def _interval(share: certificates.Share, digits: int, times: int) -> str:
    value, low, high = (f"{times * part:.{digits}f}" for part in (share.value, *share.interval))
    return f"{value} [{low}, {high}]"


def _row(metric: Metric) -> str:
    kind = metric.kind
    if kind == "number":
        kind += f", {metric.scale}" + (", tail" if metric.tail else "")
    cells = [
        f"`{metric.name}`",
        called(metric.name),
        metric.doc,
        metric.unit,
        kind,
        metric.worse,
        _matters(metric),
        f"{metric.weight:g}",
        metric.source,
    ]
    return f"| {' | '.join(cells)} |"


def _matters(metric: Metric) -> str:
    if metric.kind == "vector":
        return f"{metric.matters:g}"
    if metric.kind in ("rate", "label"):
        return f"{metric.matters * 100:g} pp"
    if metric.kind == "count" or metric.scale == "log":
        return f"{metric.matters * 100:g} %"
    return f"{metric.matters:g}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE}: {len(CATALOGUE)} metrics")
