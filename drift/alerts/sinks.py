"""The places that an account is posted to. A sink says which messages a night makes there and posts one; it keeps nothing."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from typing import Any, Protocol

from drift.alerts import formats, slack, tickets
from drift.alerts.requests import IDEMPOTENCY, SinkError, Sleep, checked, request
from drift.config import Config
from drift.errors import ConfigError, MissingExtra
from drift.results.account import NightAccount
from drift.results.week import Weeks
from drift.text import json_form


class Sink(Protocol):
    """One place. `channel` is its key in the table of deliveries: the same place has the same one, and it holds no secret.

    `threaded`: one message an incident, updates in the thread of the first; otherwise one message a night. `owner`: whose place it
    is, and so told of their incidents alone; empty where it is told of those that nobody owns, None where of all. Nights that failed and
    the digest are told where no owner is. `keyed`: a ticket: what is there is looked for by the incident's key, so that the same may be posted
    again; it is told of incidents alone, and of the end of those it was told of.
    """

    channel: str
    threaded: bool
    keyed: bool
    owner: str | None

    def form(self, account: NightAccount) -> Any:
        """The account, cut to what this message tells, as what `post` takes."""

    def form_digest(self, weeks: Weeks) -> Any:
        """The week of one application, or of several, as what `post` takes."""

    def post(self, content: Any, thread: str, key: str = "") -> str:
        """Post it and return a receipt (where it can be answered), empty where there is none. Raises SinkError.

        key: the same for each try of the message, so that a receiver can drop the second; empty where it is tried in one call alone.
        """


class SlackWebhook:
    """Slack by incoming webhook: one message a night."""

    threaded = keyed = False

    def __init__(self, address: str, mention: str = "", sleep: Sleep = time.sleep, owner: str = ""):
        self.owner: str | None = owner
        name = f"DRIFT_SLACK_WEBHOOK__{owner.upper()}" if owner else "DRIFT_SLACK_WEBHOOK"
        self._address, self._mention, self._sleep = checked(address, name), mention, sleep
        self.channel = f"slack:{_digest(address)}"

    def form(self, account: NightAccount) -> dict[str, Any]:
        return slack.night(account, self._mention)

    def form_digest(self, weeks: Weeks) -> dict[str, Any]:
        return slack.digest(weeks)

    def post(self, content: dict[str, Any], thread: str, key: str = "") -> str:
        _post("Slack", self._address, content, {}, self._sleep, key)
        return ""


class SlackBot:
    """Slack by bot token: one thread an incident, updates in the thread, a change for the worse shown in the channel too."""

    threaded, keyed = True, False

    def __init__(self, token: str, channel: str, api: str, mention: str = "", sleep: Sleep = time.sleep, owner: str = ""):
        if not channel:
            raise ConfigError(
                "alerts.slack_channel: missing; DRIFT_SLACK_TOKEN is set, so say which channel, such as C012AB3CD"
            )
        self._token, self._channel, self._mention, self._sleep = token, channel, mention, sleep
        self._address = checked(api, "alerts.slack_api").rstrip("/") + "/chat.postMessage"
        self.channel = f"slack-bot:{channel}"[:64]
        self.owner: str | None = owner

    def form(self, account: NightAccount) -> dict[str, Any]:
        told = [incident for incident in account.incidents if not incident.silent]
        if len(told) == 1:
            return {**slack.incident(account, told[0], self._mention), "reply_broadcast": told[0].event == "worse"}
        return slack.night(account, self._mention)

    def form_digest(self, weeks: Weeks) -> dict[str, Any]:
        return slack.digest(weeks)

    def post(self, content: dict[str, Any], thread: str, key: str = "") -> str:
        body = {"channel": self._channel, **content}
        broadcast = body.pop("reply_broadcast", False)
        if thread:
            body |= {"thread_ts": thread, "reply_broadcast": broadcast}
        answer = _post("Slack", self._address, body, {"Authorization": f"Bearer {self._token}"}, self._sleep, key)
        return str(answer.get("ts", ""))


class Webhook:
    """Any address that takes the account as JSON."""

    threaded = keyed = False
    owner: str | None = None

    def __init__(self, address: str, sleep: Sleep = time.sleep):
        self._address, self._sleep = checked(address, "DRIFT_WEBHOOK_URL"), sleep
        self.channel = f"webhook:{_digest(address)}"

    def form(self, account: NightAccount) -> dict[str, Any]:
        return json_form.of("night", formats.payload(account))

    def form_digest(self, weeks: Weeks) -> dict[str, Any]:
        return json_form.of("digests", {"applications": {name: formats.digest(found) for name, found in weeks}})

    def post(self, content: dict[str, Any], thread: str, key: str = "") -> str:
        _post("the webhook", self._address, content, {}, self._sleep, key)
        return ""


class Apprise:
    """Mail, Teams, PagerDuty and whatever else Apprise reaches; needs the extra `apprise`."""

    threaded = keyed = False
    owner: str | None = None

    def __init__(self, addresses: str):
        try:
            import apprise
        except ImportError:
            raise MissingExtra("DRIFT_APPRISE_URLS is set but Apprise is not installed", "apprise") from None
        self._apprise = apprise.Apprise()
        for position, address in enumerate(addresses.split(), start=1):
            if not self._apprise.add(address):
                raise ConfigError(f"DRIFT_APPRISE_URLS: address {position} is not one that Apprise knows")
        self.channel = f"apprise:{_digest(addresses)}"

    def form(self, account: NightAccount) -> tuple[str, str]:
        return formats.text(account)

    def form_digest(self, weeks: Weeks) -> tuple[str, str]:
        return formats.digest_text(weeks)

    def post(self, content: tuple[str, str], thread: str, key: str = "") -> str:
        title, body = content
        if not self._apprise.notify(title=title, body=body, body_format="text"):
            raise SinkError("Apprise: a notification was not accepted; its log says which", retryable=True)
        return ""


def configured(config: Config, environ: Mapping[str, str] = os.environ, sleep: Sleep = time.sleep) -> list[Sink]:
    """The sinks that the environment's secrets and `[alerts]` ask for. Raises ConfigError."""
    alerts = config.alerts
    sinks: list[Sink] = []
    if alerts.slack and environ.get("DRIFT_SLACK_TOKEN"):
        sinks.append(SlackBot(environ["DRIFT_SLACK_TOKEN"], alerts.slack_channel, alerts.slack_api, alerts.mention, sleep))
    elif alerts.slack and environ.get("DRIFT_SLACK_WEBHOOK"):
        sinks.append(SlackWebhook(environ["DRIFT_SLACK_WEBHOOK"], alerts.mention, sleep))
    for owner in config.owners if alerts.slack else ():
        secret = f"DRIFT_SLACK_WEBHOOK__{owner.name.upper()}"
        if environ.get("DRIFT_SLACK_TOKEN") and owner.slack_channel:
            token, api = environ["DRIFT_SLACK_TOKEN"], alerts.slack_api
            sinks.append(SlackBot(token, owner.slack_channel, api, alerts.mention, sleep, owner.name))
        elif environ.get(secret):
            sinks.append(SlackWebhook(environ[secret], alerts.mention, sleep, owner.name))
    if environ.get("DRIFT_WEBHOOK_URL"):
        sinks.append(Webhook(environ["DRIFT_WEBHOOK_URL"], sleep))
    if environ.get("DRIFT_APPRISE_URLS"):
        sinks.append(Apprise(environ["DRIFT_APPRISE_URLS"]))
    sinks += [tickets.of_section(section, environ, sleep) for section in config.tickets]
    return sinks


def _post(place: str, address: str, body: dict[str, Any], headers: dict[str, str], sleep: Sleep, key: str) -> dict[str, Any]:
    """POST as JSON. Raises SinkError."""
    given = request(place, "POST", address, body, headers | ({IDEMPOTENCY: key} if key else {}), sleep)
    return given if isinstance(given, dict) else {}


def _digest(address: str) -> str:
    return hashlib.blake2b(address.encode(), digest_size=6).hexdigest()
