"""Which version of each prompt a label points at in Langfuse, by its API; a label that moved is a change that no trace announces."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from drift.stores.http import NotFound
from drift.stores.langfuse import LangfuseStore
from drift.stores.langfuse_api import API

_PAGE = 100


@dataclass(frozen=True)
class Labelled:
    """A prompt's version under a label. at: when the prompt was last changed, as Langfuse says it."""

    name: str
    version: int
    at: str


def labelled(store: LangfuseStore, label: str) -> list[Labelled]:
    """Of every prompt that has the label. Raises StoreError where Langfuse cannot be read."""
    http = store.http()
    try:
        found, page = [], 1
        while True:
            given, _ = http.get(f"{API}/v2/prompts", {"label": label, "page": page, "limit": _PAGE})
            for each in given["data"]:
                try:
                    prompt, _ = http.get(
                        f"{API}/v2/prompts/{quote(each['name'], safe='')}", {"label": label, "resolve": "false"}
                    )
                except NotFound:
                    # the label was taken away in the meantime
                    continue
                found.append(Labelled(each["name"], int(prompt["version"]), each["lastUpdatedAt"]))
            if page >= given["meta"]["totalPages"]:
                return found
            page += 1
    finally:
        http.close()
