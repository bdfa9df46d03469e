"""When a search index was last built, asked of the index itself: when its file, folder or object last changed."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from drift import lake, traces
from drift.errors import DriftError

log = logging.getLogger(__name__)

_TIMES = ("mtime", "LastModified", "last_modified", "updated", "modified", "created")


def last_change(url: str) -> datetime | None:
    """The time at which what is at `url` last changed, in UTC; None, with one log line, where it does not say.

    An http(s) URL answers with its Last-Modified header; anything else is looked up with fsspec, and of a folder the newest
    file counts.
    """
    try:
        if url.startswith(("http://", "https://")):
            return _last_modified(url)
        return _newest(url)
    except DriftError as error:
        log.warning("freshness.index: %s; index_age_hours is unknown", error)
    except Exception as error:  # whatever a server or a file system does, the night goes on without the index's age
        log.warning("freshness.index could not be asked for its age (%s); index_age_hours is unknown", type(error).__name__)
    return None


def _last_modified(url: str) -> datetime | None:
    import httpx

    response = httpx.head(url, timeout=10, follow_redirects=True).raise_for_status()
    header = response.headers.get("last-modified")
    return parsedate_to_datetime(header).astimezone(UTC) if header else None


def _newest(url: str) -> datetime | None:
    system, path = lake.opened(url)
    found = system.find(path, detail=True) if system.isdir(path) else {path: system.info(path)}
    times = [traces.parse_time(next((info[key] for key in _TIMES if info.get(key)), None)) for info in found.values()]
    return max((time for time in times if time is not None), default=None)
