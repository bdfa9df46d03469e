"""Offered traces in an annotation queue of Langfuse, by Langfuse's own SDK. Nothing is sent but trace ids."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from drift.config import Config
from drift.errors import ConfigError, StoreError
from drift.stores import own_store
from drift.stores.langfuse import LangfuseStore

_PAGE = 100


def put(config: Config, queue: str, traces: Iterable[str]) -> int:
    """Put traces, by their ids, into the queue of that name or id, and return how many are new there. Raises ConfigError where the store is no
    Langfuse, the SDK is missing or there is no such queue; StoreError where the server refuses."""
    if not config.privacy.texts_leave:
        raise ConfigError("privacy.texts_leave is false: nothing is written back to the store")
    store = own_store(config)
    if not isinstance(store, LangfuseStore):
        raise ConfigError(f"annotation queues are Langfuse's; store.type is {config.store.type!r}")
    try:
        from langfuse.api import AnnotationQueueObjectType, LangfuseAPI
    except ImportError:
        raise ConfigError("annotation queues need Langfuse's SDK; run: pip install langfuse") from None
    client = LangfuseAPI(
        base_url=store.host,
        username=os.environ.get("LANGFUSE_PUBLIC_KEY", ""),
        password=os.environ.get("LANGFUSE_SECRET_KEY", ""),
    )
    try:
        identity = _queue(client, queue)
        there = {item.object_id for page in _pages(client, identity) for item in page}
        new = [trace_id for trace_id in dict.fromkeys(traces) if trace_id not in there]
        for trace_id in new:
            client.annotation_queues.create_queue_item(
                identity, object_id=trace_id, object_type=AnnotationQueueObjectType.TRACE
            )
    except ConfigError:
        raise
    except Exception as error:
        status = getattr(error, "status_code", None)
        raise StoreError(f"Langfuse's annotation queue {queue!r:.80}: {status or type(error).__name__}") from None
    return len(new)


def _queue(client: Any, queue: str) -> str:
    names = {each.name: each.id for each in client.annotation_queues.list_queues(limit=_PAGE).data}
    if queue in names.values():
        return queue
    if queue not in names:
        raise ConfigError(f"Langfuse has no annotation queue {queue!r:.80}; there are {', '.join(sorted(names)) or 'none'}")
    return str(names[queue])


def _pages(client: Any, queue: str) -> Iterable[list[Any]]:
    page = 1
    while found := client.annotation_queues.list_queue_items(queue, page=page, limit=_PAGE).data:
        yield found
        page += 1
