"""Local doubles of GitHub, Jira, PagerDuty and Opsgenie: over real HTTP, as far as their documented APIs are used."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class Tracker:
    """tickets: by number, what they hold. calls: what was asked. kill: the number of the call after which the caller hears nothing."""

    url: str = ""
    kind: str = ""
    tickets: dict[str, dict] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    kill: int | None = None

    @property
    def told(self) -> list[str]:
        return [text for ticket in self.tickets.values() for text in ticket["told"]]


def _github(on: Tracker, method: str, path: str, query: dict, body: dict) -> tuple[int, object]:
    number = (re.search(r"/issues/(\d+)", path) or [None, ""])[1]
    if not number:
        if method == "POST":
            made = str(len(on.tickets) + 1)
            on.tickets[made] = {
                "state": "open",
                "key": body["labels"][0],
                "body": body["body"],
                "told": [],
                "title": body["title"],
            }
            return 201, {"number": int(made)}
        found = [n for n, ticket in on.tickets.items() if ticket["key"] == query["labels"][0]]
        return 200, [{"number": int(n), "state": on.tickets[n]["state"]} for n in found]
    ticket = on.tickets[number]
    if path.endswith("/comments"):
        if method == "POST":
            ticket["told"].append(body["body"])
            return 201, {"id": 1}
        return 200, [{"body": text} for text in ticket["told"]] if query["page"] == ["1"] else []
    if method == "PATCH":
        ticket["state"] = body["state"]
    return 200, {"number": int(number), "state": ticket["state"], "body": ticket["body"]}


def _jira(on: Tracker, method: str, path: str, query: dict, body: dict) -> tuple[int, object]:
    if path == "/rest/api/3/search/jql":
        wanted = re.search(r'labels = "([^"]+)"', body["jql"])[1]
        return 200, {"issues": [{"key": key} for key, ticket in on.tickets.items() if ticket["key"] == wanted], "isLast": True}
    if path == "/rest/api/3/issue":
        made = f"OPS-{len(on.tickets) + 1}"
        fields = body["fields"]
        on.tickets[made] = {
            "state": "open",
            "key": fields["labels"][0],
            "body": fields["description"],
            "told": [],
            "title": fields["summary"],
        }
        return 201, {"id": "1", "key": made}
    ticket = on.tickets[path.split("/")[5]]
    if path.endswith("/comment"):
        if method == "POST":
            ticket["told"].append(json.dumps(body["body"]))
            return 201, {"id": "1"}
        return 200, {"comments": [{"body": json.loads(text)} for text in ticket["told"]], "total": len(ticket["told"])}
    if path.endswith("/transitions"):
        if method == "POST":
            ticket["state"] = {"11": "open", "31": "closed"}[body["transition"]["id"]]
            return 204, {}
        ways = [("11", "indeterminate"), ("31", "done")]
        return 200, {"transitions": [{"id": i, "to": {"statusCategory": {"key": key}}} for i, key in ways]}
    category = {"key": "done" if ticket["state"] == "closed" else "new"}
    return 200, {"fields": {"status": {"statusCategory": category}, "description": ticket["body"]}}


def _pagerduty(on: Tracker, method: str, path: str, query: dict, body: dict) -> tuple[int, object]:
    assert path == "/v2/enqueue" and body["routing_key"] == "secret"
    key = body["dedup_key"]
    if body["event_action"] == "resolve":
        if key in on.tickets:
            on.tickets[key]["state"] = "closed"
    else:
        ticket = on.tickets.setdefault(
            key, {"told": [], "key": key, "body": body["payload"], "title": body["payload"]["summary"]}
        )
        if ticket.get("state") == "open" and body["payload"] not in ticket["told"] and body["payload"] != ticket["body"]:
            ticket["told"].append(body["payload"])
        ticket["state"] = "open"
    return 202, {"status": "success", "message": "Event processed", "dedup_key": key}


def _opsgenie(on: Tracker, method: str, path: str, query: dict, body: dict) -> tuple[int, object]:
    accepted = 202, {"result": "Request will be processed", "requestId": "r"}
    if path == "/v2/alerts":
        on.tickets.setdefault(
            body["alias"],
            {"state": "open", "key": body["alias"], "body": body["description"], "told": [], "title": body["message"]},
        )
        return accepted
    assert query["identifierType"] == ["alias"]
    ticket = on.tickets.get(path.split("/")[3])
    if ticket is None:
        return 404, {"message": "Alert does not exist"}
    if path.endswith("/close"):
        ticket["state"] = "closed"
        ticket["told"].append(body["note"])
        return accepted
    if path.endswith("/notes"):
        if method == "POST":
            ticket["told"].append(body["note"])
            return accepted
        return 200, {"data": [{"note": text} for text in ticket["told"]]}
    return 200, {"data": {"status": ticket["state"], "alias": ticket["key"], "description": ticket["body"]}}


_KINDS = {"github": _github, "jira": _jira, "pagerduty": _pagerduty, "opsgenie": _opsgenie}


@contextmanager
def tracking(kind: str) -> Iterator[Tracker]:
    tracker = Tracker(kind=kind)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def _any(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if size else {}
            asked = urlsplit(self.path)
            tracker.calls.append(f"{self.command} {asked.path}")
            status, given = _KINDS[kind](tracker, self.command, asked.path, parse_qs(asked.query), body)
            if tracker.kill is not None and len(tracker.calls) == tracker.kill:
                self.close_connection = True
                self.connection.close()
                return
            data = b"" if status == 204 else json.dumps(given).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = _any

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    tracker.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield tracker
    finally:
        server.shutdown()
        server.server_close()
