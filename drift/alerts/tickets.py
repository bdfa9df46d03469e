"""Tickets and pages: one an incident, opened under its key, added to when it gets worse, closed when it ends.

Each of these places is asked by the incident's key before anything is made there, and what was said in a ticket is looked for before it is said
again. So a message whose fate is unknown is simply posted again: a run that was killed at whichever call leaves one ticket.

APIs: GitHub REST issues (2022-11-28), Jira Cloud REST v3, PagerDuty Events v2, Opsgenie Alerts v2.
"""

from __future__ import annotations

import base64
import re
import time
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote

from drift.alerts import formats
from drift.alerts.requests import Sleep, checked, request
from drift.config.sections import TicketSection
from drift.errors import ConfigError
from drift.results.account import IncidentAccount, NightAccount
from drift.results.week import Weeks
from drift.text.escape import plain, url

# what an incident's end is told as, whichever way it ended
ENDED = "ended"
_SPEAKS = ("opened", "worse", ENDED)


@dataclass(frozen=True)
class Told:
    """What is said of one incident. key: the same for all that is said of it; mark: what only this message has, a line at its end."""

    key: str
    event: str
    title: str
    text: str
    link: str
    mark: str
    is_worse: bool


class Ticket:
    """What tickets of all kinds have in common. `keyed`: the same may be posted again."""

    threaded = True
    keyed = True
    place: ClassVar[str] = ""

    def __init__(self, section: TicketSection, secret: str, sleep: Sleep = time.sleep):
        self._section, self._secret, self._sleep = section, secret, sleep
        self.owner: str | None = section.owner or None
        self.channel = f"{section.kind}:{section.repository or section.project or section.owner or 'all'}"[:64]

    def form(self, account: NightAccount) -> Told:
        one = account.incidents[0]
        return told(one, one.event, str(account.day))

    def form_digest(self, weeks: Weeks) -> Any:
        raise NotImplementedError("no ticket is a digest")

    def post(self, content: Told, thread: str, key: str = "") -> str:
        if content.event == ENDED:
            found = self._find(content.key)
            if found is not None:
                self._close(found, content)
            return found or thread
        found = self._find(content.key)
        if found is None:
            return self._open(content)
        if content.event in _SPEAKS and content.event != "opened":
            self._add(found, content)
        return found

    def _find(self, key: str) -> str | None:
        """The ticket of that key, open or closed; None where there is none."""
        raise NotImplementedError

    def _open(self, content: Told) -> str:
        raise NotImplementedError

    def _add(self, ticket: str, content: Told) -> None:
        """Say it there, unless it was said."""
        raise NotImplementedError

    def _close(self, ticket: str, content: Told) -> None:
        raise NotImplementedError

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None, missing: bool = False) -> Any:
        return request(self.place, method, self._address + path, body, self._headers(), self._sleep, missing)

    @property
    def _address(self) -> str:
        return checked(self._section.url or self._default, f"tickets.url of {self._section.kind}").rstrip("/")

    _default: ClassVar[str] = ""

    def _headers(self) -> dict[str, str]:
        raise NotImplementedError


def told(one: IncidentAccount, event: str, day: str) -> Told:
    """The incident as every kind of ticket says it, in plain text."""
    key = f"drift-{one.id}"
    text = formats.paragraph(one) if event != ENDED else plain(f"over: {one.sentence}", 1500)
    return Told(
        key, event, plain(one.sentence, 200), text, url(one.report_url), f"{key} {day} {event}", one.direction == "worse"
    )


class GitHub(Ticket):
    """Issues of a repository; the key is a label."""

    place = "GitHub"
    _default = "https://api.github.com"

    def _headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self._secret}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }

    @property
    def _issues(self) -> str:
        return f"/repos/{self._section.repository}/issues"

    def _find(self, key: str) -> str | None:
        found = self._ask("GET", f"{self._issues}?labels={quote(key)}&state=all&per_page=10")
        # the first that was made, should somebody have labelled another
        numbers = sorted(each["number"] for each in found if "pull_request" not in each)
        return str(numbers[0]) if numbers else None

    def _open(self, content: Told) -> str:
        labels = [content.key, *self._section.labels]
        made = self._ask("POST", self._issues, {"title": content.title, "body": _markdown(content), "labels": labels})
        return str(made["number"])

    def _add(self, ticket: str, content: Told) -> None:
        if not self._has(ticket, content.mark):
            self._ask("POST", f"{self._issues}/{ticket}/comments", {"body": _markdown(content)})
        if self._ask("GET", f"{self._issues}/{ticket}")["state"] == "closed":
            self._ask("PATCH", f"{self._issues}/{ticket}", {"state": "open"})

    def _close(self, ticket: str, content: Told) -> None:
        if not self._has(ticket, content.mark):
            self._ask("POST", f"{self._issues}/{ticket}/comments", {"body": _markdown(content)})
        self._ask("PATCH", f"{self._issues}/{ticket}", {"state": "closed", "state_reason": "completed"})

    def _has(self, ticket: str, mark: str) -> bool:
        if mark in (self._ask("GET", f"{self._issues}/{ticket}").get("body") or ""):
            return True
        page = 1
        while listed := self._ask("GET", f"{self._issues}/{ticket}/comments?per_page=100&page={page}"):
            if any(mark in (each.get("body") or "") for each in listed):
                return True
            page += 1
        return False


def _markdown(content: Told) -> str:
    """The text where nothing in it is a mention, a link or a reference: in a fence longer than any in it."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", content.text)), default=0))
    link = f"\n\n<{content.link}>" if content.link else ""
    return f"{fence}text\n{content.text}\n{fence}{link}\n\n`{content.mark}`"


class Jira(Ticket):
    """Issues of a Jira Cloud project; the key is a label. The secret is `mail:API token`."""

    place = "Jira"

    def _headers(self) -> dict[str, str]:
        return {"Authorization": "Basic " + base64.b64encode(self._secret.encode()).decode(), "Accept": "application/json"}

    def _find(self, key: str) -> str | None:
        asked = {
            "jql": f'project = "{self._section.project}" AND labels = "{key}" ORDER BY created ASC',
            "fields": ["status"],
            "maxResults": 1,
        }
        found = self._ask("POST", "/rest/api/3/search/jql", asked)["issues"]
        return str(found[0]["key"]) if found else None

    def _open(self, content: Told) -> str:
        fields = {
            "project": {"key": self._section.project},
            "issuetype": {"name": self._section.issue_type},
            "summary": content.title,
            "description": _document(content),
            "labels": [content.key, *self._section.labels],
        }
        return str(self._ask("POST", "/rest/api/3/issue", {"fields": fields})["key"])

    def _add(self, ticket: str, content: Told) -> None:
        if not self._has(ticket, content.mark):
            self._ask("POST", f"/rest/api/3/issue/{quote(ticket)}/comment", {"body": _document(content)})
        if self._is_done(ticket):
            self._move(ticket, done=False)

    def _close(self, ticket: str, content: Told) -> None:
        if not self._has(ticket, content.mark):
            self._ask("POST", f"/rest/api/3/issue/{quote(ticket)}/comment", {"body": _document(content)})
        if not self._is_done(ticket):
            self._move(ticket, done=True)

    def _is_done(self, ticket: str) -> bool:
        found = self._ask("GET", f"/rest/api/3/issue/{quote(ticket)}?fields=status")
        return bool(found["fields"]["status"]["statusCategory"]["key"] == "done")

    def _move(self, ticket: str, done: bool) -> None:
        """By the first transition that leads to a status of that kind; a workflow without one leaves the issue where it is."""
        path = f"/rest/api/3/issue/{quote(ticket)}/transitions"
        ways = self._ask("GET", path)["transitions"]
        way = next((each for each in ways if (each["to"]["statusCategory"]["key"] == "done") == done), None)
        if way is not None:
            self._ask("POST", path, {"transition": {"id": way["id"]}})

    def _has(self, ticket: str, mark: str) -> bool:
        description = self._ask("GET", f"/rest/api/3/issue/{quote(ticket)}?fields=description")["fields"]["description"]
        if mark in str(description):
            return True
        start = 0
        while True:
            page = self._ask("GET", f"/rest/api/3/issue/{quote(ticket)}/comment?startAt={start}&maxResults=100")
            if any(mark in str(each["body"]) for each in page["comments"]):
                return True
            start += len(page["comments"])
            if not page["comments"] or start >= page["total"]:
                return False


def _document(content: Told) -> dict[str, Any]:
    """The text in Atlassian's document format, where a code block has no markup."""

    def paragraph(text: str, marks: list[dict[str, Any]]) -> dict[str, Any]:
        return {"type": "paragraph", "content": [{"type": "text", "text": text, "marks": marks}]}

    blocks: list[dict[str, Any]] = [{"type": "codeBlock", "content": [{"type": "text", "text": content.text}]}]
    if content.link:
        blocks.append(paragraph(content.link, [{"type": "link", "attrs": {"href": content.link}}]))
    blocks.append(paragraph(content.mark, [{"type": "code"}]))
    return {"type": "doc", "version": 1, "content": blocks}


class PagerDuty(Ticket):
    """A service's Events API; the key is the event's `dedup_key`, by which PagerDuty itself keeps one alert. The secret is the routing key."""

    place = "PagerDuty"
    _default = "https://events.pagerduty.com"

    def post(self, content: Told, thread: str, key: str = "") -> str:
        if content.event == ENDED:
            self._ask("POST", "/v2/enqueue", self._event("resolve", content))
        elif content.event in _SPEAKS or not thread:
            details = {"text": content.text[:4000], "mark": content.mark}
            severity = "error" if content.is_worse else "warning"
            payload = {"summary": content.title, "source": "drift", "severity": severity, "custom_details": details}
            links = {"links": [{"href": content.link, "text": "the report"}]} if content.link else {}
            self._ask("POST", "/v2/enqueue", {**self._event("trigger", content), "payload": payload, **links})
        return content.key

    def _event(self, action: str, content: Told) -> dict[str, Any]:
        return {"routing_key": self._secret, "event_action": action, "dedup_key": content.key}

    def _headers(self) -> dict[str, str]:
        return {}


class Opsgenie(Ticket):
    """Alerts of a team's API integration; the key is the alert's alias, by which Opsgenie itself keeps one open alert."""

    place = "Opsgenie"
    _default = "https://api.opsgenie.com"

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"GenieKey {self._secret}"}

    def _alert(self, key: str, rest: str = "", more: str = "") -> str:
        return f"/v2/alerts/{quote(key)}{rest}?identifierType=alias{more}"

    def _find(self, key: str) -> str | None:
        found = self._ask("GET", self._alert(key), missing=True)
        return key if found is not None and found["data"]["status"] != "closed" else None

    def _open(self, content: Told) -> str:
        alert = {
            "message": plain(content.title, 130),
            "alias": content.key,
            "description": f"{content.text}\n{content.link}\n{content.mark}"[:15_000],
            "tags": ["drift", *self._section.labels],
            "source": "drift",
            "priority": "P2" if content.is_worse else "P3",
        }
        self._ask("POST", "/v2/alerts", alert)
        return content.key

    def _add(self, ticket: str, content: Told) -> None:
        notes = self._ask("GET", self._alert(ticket, "/notes", "&limit=100"))["data"]
        there = self._ask("GET", self._alert(ticket))["data"].get("description") or ""
        if content.mark not in there and not any(content.mark in each["note"] for each in notes):
            note = f"{content.text}\n{content.link}\n{content.mark}"[:25_000]
            self._ask("POST", self._alert(ticket, "/notes"), {"note": note, "source": "drift"})

    def _close(self, ticket: str, content: Told) -> None:
        self._ask(
            "POST", self._alert(ticket, "/close"), {"note": f"{content.text}\n{content.mark}"[:25_000], "source": "drift"}
        )


_KINDS: dict[str, tuple[type[Ticket], str]] = {
    "github": (GitHub, "DRIFT_GITHUB_TOKEN"),
    "jira": (Jira, "DRIFT_JIRA_TOKEN"),
    "pagerduty": (PagerDuty, "DRIFT_PAGERDUTY_KEY"),
    "opsgenie": (Opsgenie, "DRIFT_OPSGENIE_KEY"),
}


def of_section(section: TicketSection, environ: Any, sleep: Sleep = time.sleep) -> Ticket:
    """The place of a `[[tickets]]`. Raises ConfigError where its secret is missing."""
    kind, secret = _KINDS[section.kind]
    own = f"{secret}__{section.owner.upper()}" if section.owner else ""
    given = environ.get(own) or environ.get(secret)
    if not given:
        raise ConfigError(f"tickets of {section.kind}: {own or secret} is not set")
    return kind(section, given, sleep)
