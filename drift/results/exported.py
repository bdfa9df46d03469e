"""Deployments and releases as GitHub's REST API gives them (`gh api repos/OWNER/NAME/deployments`, `…/releases`), as the fields of events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.errors import DataError


def is_of_github(given: Mapping[str, Any]) -> bool:
    return "tag_name" in given or {"sha", "ref", "environment"} <= given.keys()


def of_github(given: Mapping[str, Any]) -> dict[str, Any] | None:
    """What `drift.results.announced.event` takes; None for a release that is a draft, for nothing happened yet. Raises DataError where it is neither
    a deployment nor a release."""
    if not is_of_github(given):
        raise DataError("neither a deployment nor a release of GitHub")
    if "tag_name" in given:
        if given.get("draft"):
            return None
        what, at = f"release {given.get('name') or given['tag_name']}", given.get("published_at")
    else:
        what, at = f"{given['ref']} to {given['environment']}", given.get("created_at")
    return {"what": what, "kind": "deploy", "at": at, "source": given.get("html_url") or given.get("url") or ""}
