"""Writes docs/configuration.md from drift/config/: `python docs/configuration_page.py`. A test checks that the page is up to date."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from drift.config import SECRETS, Config
from drift.config.sections import GoldenSection, MetricSection, OwnerSection, SpendLimit, StoreSection, TicketSection

PAGE = Path(__file__).with_name("configuration.md")

INTRODUCTION = """# drift.toml

<!-- written by `python docs/configuration_page.py` from drift/config/; change it there -->

Every key, its default and what it does. `drift init` writes a file with the common ones; what a file leaves out has its default. A key
or a variable that drift does not know is an error that names the allowed ones. The file is `drift.toml` where you are, `$DRIFT_CONFIG`, or what
`--config` names; relative folders in it are taken from its own folder.

**In the environment** every key is a variable that wins over the file: `DRIFT_`, the section, two underscores, the key.
`detect.budget` is `DRIFT_DETECT__BUDGET`; lists are JSON: `DRIFT_SEGMENTS__DIMENSIONS='["name", "metadata.tenant"]'`.
"""

RULES = """Plain limits beside the statistics: a name of yours, and what must not be. A rule says what its writer says, whatever the day's
ordinary variation and however few the traces.

```toml
[rules]
slow = "ttft_p95 > 2 s"
refusals = "refusal > 1.5 × baseline"
stale = "index_age > 24 h"
billing = 'latency_p95 > 4 s where name = "billing-chat" and model = gpt-4o'
other-language = "output_language:other > baseline + 2 %"
```

| part | is |
|---|---|
| what | a [metric](metrics.md); of a number `_p1` to `_p99` or `_mean`, of a label `:` and one of its values. Without a suffix the mean is meant, of a count the day's total |
| comparison | `>`, `>=`, `<`, `<=` |
| limit | a number with a unit (`%`, `ms`, `s`, `min`, `h`, `d`, `USD` or the metric's own), or `baseline`, with a factor, or with something added or taken off |
| `where` | segments, joined by `and`; a value with blanks in quotes |

A rule that cannot be read stops the run before anything is pulled, with what is wrong and what would be right.
"""

SECRETS_TABLE = """## Secrets

Read from the environment only (on Airflow also from its connections, see [deploying](deploy.md)), never from the file. `NAME_FILE` may name a
file that holds NAME, as containers have secrets: `DRIFT_SALT_FILE=/run/secrets/salt`; so may `LANGFUSE_SECRET_KEY_FILE`, `DRIFT_RESULTS__URL_FILE`
and the keys of other stores. NAME itself goes before; an empty file is none.

| variable | is |
|---|---|
"""

# what each of drift.config.SECRETS is; the stores' own are with the stores
MEANING = {
    "DRIFT_SALT": "what user ids are hashed with; the same on every machine, and kept",
    "DRIFT_SLACK_WEBHOOK": "the URL of a Slack incoming webhook; of an owner `DRIFT_SLACK_WEBHOOK__NAME`",
    "DRIFT_SLACK_TOKEN": "a Slack bot token (scope `chat:write`), with `alerts.slack_channel`",
    "DRIFT_WEBHOOK_URL": "an address that is sent each night's account as JSON",
    "DRIFT_APPRISE_URLS": "addresses of Apprise, separated by spaces",
    "DRIFT_HEARTBEAT_URL": "the address of a dead man's switch, which is asked after each night that was compared",
    "DRIFT_EMBEDDINGS_KEY": "the key of `embeddings.endpoint`",
    "DRIFT_JUDGE_KEY": "the key of the judge's service",
    "DRIFT_GOLDEN_KEY": "the key of a golden set's target: of its endpoint, or sent to its URL as a bearer token",
    "DRIFT_EXPERIMENT_KEY": "the key of the service that an [experiment](experiment.md) asks",
    "DRIFT_GITHUB_TOKEN": "of `[[tickets]]`: may write issues; of an owner `DRIFT_GITHUB_TOKEN__NAME`, and so the three below",
    "DRIFT_JIRA_TOKEN": "`mail:API token` of a Jira Cloud account",
    "DRIFT_PAGERDUTY_KEY": "the routing key of a service's Events API v2",
    "DRIFT_OPSGENIE_KEY": "the key of a team's API integration",
}

CLOSING = "The keys and secrets of each trace store are on the page about [stores](stores.md).\n"


def page() -> str:
    tops = [(name, field) for name, field in Config.model_fields.items() if _section(field) is None and name not in _NAMED]
    parts = [INTRODUCTION, "## Above all sections\n", _table("", dict(tops))]
    for name, field in Config.model_fields.items():
        if (section := _section(field)) is not None:
            parts += [f"## [{name}]\n", _doc(section), _table(name, section.model_fields)]
            if name in _INSIDE:
                heading, inside = _INSIDE[name]
                parts += [f"## {heading}\n", _doc(inside), _table(heading, inside.model_fields)]
        elif name in _NAMED:
            heading, text, fields = _NAMED[name]
            parts += [f"## {heading}\n", text, *([_table(heading, fields)] if fields else [])]
    secrets = "".join(f"| `{name}` | {MEANING[name]} |\n" for name in SECRETS)
    return "\n".join([*parts, SECRETS_TABLE + secrets, CLOSING]).replace("\n\n\n", "\n\n")


# tables of which a section may hold several
_INSIDE: dict[str, tuple[str, type[BaseModel]]] = {"spend": ("[[spend.limits]]", SpendLimit)}
# sections whose keys are names that you choose
_NAMED: dict[str, tuple[str, str, dict[str, FieldInfo]]] = {
    "metrics": (
        "[metrics.NAME]",
        'One section a metric of [the catalogue](metrics.md), such as `[metrics.refusal]` or `[metrics."score.helpful"]`.\n',
        MetricSection.model_fields,
    ),
    "rules": ("[rules]", RULES, {}),
    "golden": (
        "[golden.NAME]",
        "One section a [golden set](golden.md).\n",
        GoldenSection.model_fields,
    ),
    "owners": (
        "[[owners]]",
        "One an owner, see [alerts](alerts.md). An incident is told to the first whose endpoint, metric or team it is, instead of to everybody.\n",
        OwnerSection.model_fields,
    ),
    "tickets": (
        "[[tickets]]",
        "One a place where an incident is a ticket or a page, see [alerts](alerts.md).\n",
        TicketSection.model_fields,
    ),
}


def _table(section: str, fields: dict[str, FieldInfo]) -> str:
    rows = [
        f"| `{name}` | {_type(field.annotation)} | {_default(field, section)} | {_cell(field.description or '')}{_limits(field)} |"
        for name, field in fields.items()
    ]
    return "\n".join(["| key | type | default | what it does |", "|---|---|---|---|", *rows, ""])


def _section(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _doc(section: type[BaseModel]) -> str:
    text = section.__dict__.get("__doc__") or ""
    more = " See [where traces come from](stores.md)." if section is StoreSection else ""
    return f"{' '.join(text.split())}{more}\n" if text else ""


def _type(kind: Any) -> str:
    origin, inside = get_origin(kind), get_args(kind)
    if origin is Literal:
        return " or ".join(f"`{value!r}`".replace("'", '"') for value in inside)
    if origin in (Union, types.UnionType):
        return _type(next(each for each in inside if each is not type(None)))
    if origin is list:
        return f"list of {_plural(_type(inside[0]))}"
    if origin is dict:
        return "table"
    return {str: "text", int: "whole number", float: "number", bool: "true or false"}.get(
        kind, getattr(kind, "__name__", str(kind))
    )


def _plural(name: str) -> str:
    return {"text": "texts", "date": "days", "AnnouncedSection": "tables", "SpendLimit": "tables"}.get(name, f"{name}s")


def _default(field: FieldInfo, section: str) -> str:
    value = field.get_default(call_default_factory=True)
    if field.is_required():
        return "must be given"
    if value is None:
        return "the catalogue's" if section.startswith("[metrics") else "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, dict):
        return "none"
    if isinstance(value, list):
        return "`[" + ", ".join(f'"{each}"' for each in value) + "]`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


def _limits(field: FieldInfo) -> str:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    found = [
        f"{sign} {value:g}"
        for limit in field.metadata
        for name, sign in signs.items()
        if (value := getattr(limit, name, None)) is not None
    ]
    return f" ({', '.join(found)})" if found else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
