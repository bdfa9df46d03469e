"""The places that an account is posted to. A sink says which messages a night makes there and posts one; it keeps nothing."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import httpx

from drift.alerts import deadline, formats, slack
from drift.config import Config
from drift.errors import ConfigError, DriftError, MissingExtra
from drift.results.account import NightAccount
from drift.results.week import Weeks
from drift.text.escape import plain

ATTEMPTS, LONGEST_WAIT_S, TIMEOUT_S = 4, 60.0, 20.0

Sleep = Callable[[float], None]


class SinkError(DriftError):
    """A message could not be posted. `retryable`: a later night may succeed with the same message; `unknown`: it may have arrived."""

    def __init__(self, message: str, *, retryable: bool, unknown: bool = False):
        super().__init__(message)
        self.retryable = retryable
        self.unknown = unknown


class Sink(Protocol):
    """One place. `channel` is its key in the table of deliveries: the same place has the same one, and it holds no secret.

    `threaded`: one message an incident, updates in the thread of the first; otherwise one message a night. `owner`: whose place it
    is, and so told of their incidents alone; empty where it is told of those that nobody owns, None where of all. Nights that failed and
    the digest are told where no owner is.
    """

    channel: str
    threaded: bool
    owner: str | None

    def form(self, account: NightAccount) -> Any:
        """The account, cut to what this message tells, as what `post` takes."""

    def form_digest(self, weeks: Weeks) -> Any:
        """The week of one application, or of several, as what `post` takes."""

    def post(self, content: Any, thread: str) -> str:
        """Post it and return a receipt (where it can be answered), empty where there is none. Raises SinkError."""


class SlackWebhook:
    """Slack by incoming webhook: one message a night."""

    threaded = False

    def __init__(self, address: str, mention: str = "", sleep: Sleep = time.sleep, owner: str = ""):
        self.owner: str | None = owner
        name = f"DRIFT_SLACK_WEBHOOK__{owner.upper()}" if owner else "DRIFT_SLACK_WEBHOOK"
        self._address, self._mention, self._sleep = _checked(address, name), mention, sleep
        self.channel = f"slack:{_digest(address)}"

    def form(self, account: NightAccount) -> dict[str, Any]:
        return slack.night(account, self._mention)

    def form_digest(self, weeks: Weeks) -> dict[str, Any]:
        return slack.digest(weeks)

    def post(self, content: dict[str, Any], thread: str) -> str:
        _post("Slack", self._address, content, {}, self._sleep)
        return ""


class SlackBot:
    """Slack by bot token: one thread an incident, updates in the thread, a change for the worse shown in the channel too."""

    threaded = True

    def __init__(self, token: str, channel: str, api: str, mention: str = "", sleep: Sleep = time.sleep, owner: str = ""):
        if not channel:
            raise ConfigError(
                "alerts.slack_channel: missing; DRIFT_SLACK_TOKEN is set, so say which channel, such as C012AB3CD"
            )
        self._token, self._channel, self._mention, self._sleep = token, channel, mention, sleep
        self._address = _checked(api, "alerts.slack_api").rstrip("/") + "/chat.postMessage"
        self.channel = f"slack-bot:{channel}"[:64]
        self.owner: str | None = owner

    def form(self, account: NightAccount) -> dict[str, Any]:
        told = [incident for incident in account.incidents if not incident.silent]
        if len(told) == 1:
            return {**slack.incident(account, told[0], self._mention), "reply_broadcast": told[0].event == "worse"}
        return slack.night(account, self._mention)

    def form_digest(self, weeks: Weeks) -> dict[str, Any]:
        return slack.digest(weeks)

    def post(self, content: dict[str, Any], thread: str) -> str:
        body = {"channel": self._channel, **content}
        broadcast = body.pop("reply_broadcast", False)
        if thread:
            body |= {"thread_ts": thread, "reply_broadcast": broadcast}
        answer = _post("Slack", self._address, body, {"Authorization": f"Bearer {self._token}"}, self._sleep)
        return str(answer.get("ts", ""))


class Webhook:
    """Any address that takes the account as JSON."""

    threaded = False
    owner: str | None = None

    def __init__(self, address: str, sleep: Sleep = time.sleep):
        self._address, self._sleep = _checked(address, "DRIFT_WEBHOOK_URL"), sleep
        self.channel = f"webhook:{_digest(address)}"

    def form(self, account: NightAccount) -> dict[str, Any]:
        return formats.payload(account)

    def form_digest(self, weeks: Weeks) -> dict[str, Any]:
        return {"kind": "digest", "version": 1, "applications": {name: formats.digest(found) for name, found in weeks}}

    def post(self, content: dict[str, Any], thread: str) -> str:
        _post("the webhook", self._address, content, {}, self._sleep)
        return ""


class Apprise:
    """Mail, Teams, PagerDuty and whatever else Apprise reaches; needs the extra `apprise`."""

    threaded = False
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

    def post(self, content: tuple[str, str], thread: str) -> str:
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
    return sinks


def _post(place: str, address: str, body: dict[str, Any], headers: dict[str, str], sleep: Sleep) -> dict[str, Any]:
    """POST as JSON, tried again after 429 (as long as the server says), 5xx and a connection that failed. Raises SinkError."""
    waited = 0.0
    for attempt in range(1, ATTEMPTS + 1):
        retry_after, problem = None, ""
        try:
            answer = deadline.post(address, body, {"Idempotency-Key": _key(body), **headers}, TIMEOUT_S)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            problem = f"{place} cannot be reached: {plain(error)}"
        except httpx.HTTPError as error:
            # it may have arrived: another try, now or in a later night, could post it twice
            raise SinkError(f"{place} did not answer: {type(error).__name__}", retryable=False, unknown=True) from None
        else:
            given = _answer(answer)
            refused = str(given.get("error", "")) if given.get("ok") is False else ""
            if answer.is_success and not refused:
                return given
            problem = f"{place} answered {answer.status_code}: {plain(refused or answer.text, 120)}"
            if answer.status_code == 429 or refused in ("ratelimited", "rate_limited"):
                retry_after = _seconds(answer.headers.get("Retry-After"))
            elif answer.status_code < 500 and refused not in ("internal_error", "fatal_error", "service_unavailable"):
                raise SinkError(problem, retryable=False)
        pause = retry_after if retry_after is not None else 2.0 ** (attempt - 1)
        if attempt == ATTEMPTS or waited + pause > LONGEST_WAIT_S:
            break
        sleep(pause)
        waited += pause
    raise SinkError(problem, retryable=True)


def _key(body: dict[str, Any]) -> str:
    """The same for each try of one message, so that a receiver can drop the second."""
    return hashlib.blake2b(json.dumps(body, sort_keys=True, default=str).encode(), digest_size=16).hexdigest()


def _answer(answer: httpx.Response) -> dict[str, Any]:
    try:
        given = answer.json()
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


def _seconds(value: str | None) -> float | None:
    try:
        return max(0.0, float(value)) if value is not None else None
    except ValueError:
        return None


def _checked(address: str, name: str) -> str:
    if not address.lower().startswith(("https://", "http://")):
        raise ConfigError(f"{name}: not an http(s) address")
    return address


def _digest(address: str) -> str:
    return hashlib.blake2b(address.encode(), digest_size=6).hexdigest()
