"""What `drift doctor` says of a Langfuse server: reachable, authorised, which generation, and what one trace shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from drift.errors import StoreError
from drift.stores import Check
from drift.stores.http import Http, Refused
from drift.stores.langfuse_api import API, Source, detect
from drift.stores.langfuse_rows import EXPAND
from drift.stores.sample import describe
from drift.stores.spans import RECORD, row
from drift.text.escape import plain

if TYPE_CHECKING:
    from drift.stores.langfuse import LangfuseStore

# https://langfuse.com/docs/api: each region of Langfuse Cloud is a server of its own
_CLOUD = (
    "https://cloud.langfuse.com",
    "https://us.cloud.langfuse.com",
    "https://hipaa.cloud.langfuse.com",
    "https://jp.cloud.langfuse.com",
)
_SPANS = ((timedelta(hours=1), "hour"), (timedelta(days=1), "day"), (timedelta(days=30), "30 days"))


def check(store: LangfuseStore) -> list[Check]:
    """One Check for each of server, key, sample trace; nothing of a trace's text."""
    try:
        http = store.http(patience_s=10)
    except Refused as error:
        return [Check("langfuse key", False, str(error), "set both in the environment drift runs in")]
    except StoreError as error:
        return [Check("langfuse server", False, str(error), "set [store] host or LANGFUSE_HOST to the server's URL")]
    try:
        done: list[Check] = []
        try:
            health, _ = http.get(f"{API}/health")
            version = str(health.get("version", "unknown")) if isinstance(health, dict) else "unknown"
        except StoreError as error:
            return [Check("langfuse server", False, str(error), "set [store] host or LANGFUSE_HOST to the server's URL")]
        done.append(Check("langfuse server", True, f"{http.host} answers, version {version}"))
        now = datetime.now(UTC)
        try:
            source = detect(
                http, now - timedelta(hours=1), now, EXPAND, store.options.environments, tuple(store.options.retrievers)
            )
        except Refused as error:
            return [*done, Check("langfuse key", False, str(error), _other_regions(http.host))]
        except StoreError as error:
            return [*done, Check("langfuse API", False, str(error), "see the message")]
        done.append(Check("langfuse key", True, f"accepted{_project(http)}; reading by the {source.version} API"))
        try:
            return [*done, *_sample(store, source, now)]
        except StoreError as error:
            return [*done, Check("sample trace", False, str(error), "try again")]
    finally:
        http.close()


def _project(http: Http) -> str:
    """The project that the key belongs to, for there is one key a project; empty where the server does not say."""
    try:
        answer, _ = http.get(f"{API}/projects")
    except (StoreError, Refused):
        return ""
    found = answer.get("data") if isinstance(answer, dict) else None
    name = found[0].get("name") if isinstance(found, list) and found and isinstance(found[0], dict) else None
    return f" for project {plain(name, 80)}" if name else ""


def _other_regions(host: str) -> str:
    """A key of Langfuse Cloud is known in its own region only."""
    others = [region for region in _CLOUD if urlsplit(host).hostname != urlsplit(region).hostname]
    if len(others) == len(_CLOUD):
        return "copy both keys again from Settings, API Keys"
    return (
        f"copy both keys again from Settings, API Keys; if the project is in another region, its host is {' or '.join(others)}"
    )


def _sample(store: LangfuseStore, source: Source, now: datetime) -> list[Check]:
    for span, name in _SPANS:
        newest = source.newest(now - span, now)
        if not newest:
            continue
        # a trace that is over and that the filters keep says most
        chosen = max(newest, key=lambda s: (store.options.keeps_environment(s.environment), s.end is not None, s.is_root))
        spans = source.rest(chosen.trace_id, chosen.start - timedelta(minutes=1)) or [chosen]
        if chosen.kind == RECORD:
            spans = [chosen, *spans]
        scores = source.scores(
            chosen.start, min(now, chosen.start + timedelta(hours=store.options.score_hours)), chosen.trace_id
        )
        made = row(spans, store.salt, [given for _, _, trace_id, given in scores if trace_id == chosen.trace_id])
        return describe(spans, made, f"the last {name}", store.options.passes(made))
    return [
        Check(
            "sample trace",
            False,
            "no observation in the last 30 days",
            "check that the keys are those of the project the application writes to",
        )
    ]
