"""The other ends of the network: a trace store that pages its days, and the places that messages go to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from unittest import mock

import httpx
import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from drift.errors import StoreError
from drift.stores import Check
from drift.stores.batches import in_batches
from drift.stores.http import Http
from faults.traffic import rows

PAGE, TRACES, LATE, LEFT = 20, 40, 4, 14

Ask = Callable[[str], str]


def traces_of(day: date, night: int, traffic: str, traces: int) -> list[dict]:
    """A day's first traces; night: counted from the first that faults happen in, earlier ones are negative."""
    if traffic == "no scores" and night >= 0:
        changes: dict[str, Any] = {"scores": None}
    elif traffic == "short answers" and night >= 1 or traffic == "one bad day" and night == 0:
        changes = {"output": "No.", "latency_s": 30.0}
    else:
        changes = {}
    return [{**row, "timestamp": datetime.fromisoformat(row["timestamp"])} for row in rows(day, TRACES, **changes)][:traces]


class PagedStore:
    """A store over HTTP, by drift's own client; complete or failed. `handler` answers in place of a server."""

    class Options(BaseModel):
        model_config = ConfigDict(extra="allow")

    def __init__(self, handler: Callable[[httpx.Request], httpx.Response], sleep: Callable[[float], None]):
        self._handler, self._sleep = handler, sleep

    def pull(self, start: datetime, end: datetime) -> Iterator[pa.Table]:
        return in_batches(self._rows(start, end))

    def _rows(self, start: datetime, end: datetime) -> Iterator[dict]:
        with mock.patch.object(httpx, "Client", partial(httpx.Client, transport=httpx.MockTransport(self._handler))):
            http = Http("http://store", who="the store", key_hint="nothing")
        http._sleep = self._sleep  # type: ignore[method-assign]
        at, got = 0, 0
        try:
            while True:
                answer, _ = http.get("/traces", {"from": start.isoformat(), "to": end.isoformat(), "at": at})
                for row in answer["rows"]:
                    got += 1
                    yield {**row, "timestamp": datetime.fromisoformat(row["timestamp"])}
                if answer["next"] is None:
                    break
                at = answer["next"]
            if got != answer["total"]:
                raise StoreError(f"the store counts {answer['total']} traces and gave {got}", retryable=True)
        finally:
            http.close()

    def count(self, start: datetime, end: datetime) -> int | None:
        return None

    def check(self) -> list[Check]:
        return []

    def trace_url(self, trace_id: str) -> str | None:
        return f"http://store/{trace_id}"


def answer_of(ask: Ask, shown: Callable[[date], list[dict]]) -> Callable[[httpx.Request], httpx.Response]:
    """A server: ask() says what goes wrong with a request, empty for nothing; shown: what the store has of a day now."""

    def handler(request: httpx.Request) -> httpx.Response:
        wrong = ask("ask")
        if wrong == "time-out":
            raise httpx.ReadTimeout("no answer", request=request)
        if wrong == "cut":
            raise httpx.RemoteProtocolError("peer closed connection", request=request)
        if wrong == "refused":
            raise httpx.ConnectError("refused", request=request)
        if wrong in ("429", "500"):
            return httpx.Response(int(wrong), headers={"Retry-After": "1"} if wrong == "429" else {}, request=request)
        start, end = (datetime.fromisoformat(request.url.params[name]) for name in ("from", "to"))
        days = (start.date() + timedelta(days=n) for n in range((end.date() - start.date()).days + 1))
        found = [row for day in days for row in shown(day) if start <= row["timestamp"] < end]
        at = int(request.url.params["at"])
        page = [{**row, "timestamp": row["timestamp"].isoformat()} for row in found[at : at + PAGE]]
        after = at + PAGE if at + PAGE < len(found) else None
        body = json.dumps({"rows": page, "next": after, "total": len(found)}).encode()
        return httpx.Response(200, content=body[: len(body) // 2] if wrong == "half an answer" else body, request=request)

    return handler


@dataclass
class Receiver:
    """A place for messages. honours: it drops a message whose key it has seen."""

    honours: bool
    keys: set[str] = field(default_factory=set)
    taken: list[dict[str, Any]] = field(default_factory=list)

    def take(self, body: dict[str, Any], key: str) -> None:
        if not (self.honours and key in self.keys):
            self.taken.append(body)
        self.keys.add(key)

    def news(self) -> Counter[tuple[str, str, str]]:
        """How often each piece of news was taken: (what, event, day)."""
        out: Counter[tuple[str, str, str]] = Counter()
        for body in self.taken:
            if "applications" in body:
                # the digest of a week
                out["", "digest", body["applications"][""]["last"]] += 1
                continue
            if body["status"] == "failed":
                out["", "failed", body["day"]] += 1
            for one in body["incidents"]:
                out[one["incident"], one["event"], body["day"]] += 1
        return out

    def remarks(self) -> str:
        return " ".join(body.get("remark") or "" for body in self.taken)


def post_to(ask: Ask, receivers: dict[str, Receiver]) -> Callable[..., httpx.Response]:
    """In place of `drift.alerts.deadline.send`."""

    def post(method: str, address: str, body: dict[str, Any], headers: dict[str, str], seconds: float) -> httpx.Response:
        wrong, request = ask("post"), httpx.Request(method, address)
        if wrong == "refused":
            raise httpx.ConnectError("refused", request=request)
        if wrong == "time-out before":
            raise httpx.ReadTimeout("no answer", request=request)
        if wrong in ("429", "500"):
            return httpx.Response(int(wrong), headers={"Retry-After": "1"} if wrong == "429" else {}, request=request)
        receivers[address].take(body, headers["Idempotency-Key"])
        if wrong == "time-out after it was taken":
            raise httpx.ReadTimeout("no answer", request=request)
        if wrong == "500 after it was taken":
            return httpx.Response(500, request=request)
        return httpx.Response(200, json={"ok": True}, request=request)

    return post
