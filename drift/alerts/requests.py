"""One request to a place that alerts go to: tried again where that can help, with one deadline, and one clear error."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import httpx

from drift.alerts import deadline
from drift.errors import ConfigError, DriftError
from drift.text.escape import plain

ATTEMPTS, LONGEST_WAIT_S, TIMEOUT_S = 4, 60.0, 20.0
IDEMPOTENCY = "Idempotency-Key"

Sleep = Callable[[float], None]


class SinkError(DriftError):
    """A message could not be posted. `retryable`: a later night may succeed with the same message; `unknown`: it may have arrived."""

    def __init__(self, message: str, *, retryable: bool, unknown: bool = False):
        super().__init__(message)
        self.retryable = retryable
        self.unknown = unknown


def request(
    place: str,
    method: str,
    address: str,
    body: dict[str, Any] | None,
    headers: dict[str, str],
    sleep: Sleep,
    missing: bool = False,
) -> Any:
    """The JSON that is answered ({} where it is none), after tries again on 429 (as long as the server says), 5xx and a connection
    that failed. missing: a 404 is None. Raises SinkError."""
    waited = 0.0
    for attempt in range(1, ATTEMPTS + 1):
        retry_after, problem = None, ""
        try:
            answer = deadline.send(method, address, body, {IDEMPOTENCY: _key(body), **headers} if body else headers, TIMEOUT_S)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            problem = f"{place} cannot be reached: {plain(error)}"
        except httpx.HTTPError as error:
            # it may have arrived: another try, now or in a later night, could post it twice
            raise SinkError(f"{place} did not answer: {type(error).__name__}", retryable=False, unknown=True) from None
        else:
            if missing and answer.status_code == 404:
                return None
            given = _answer(answer)
            refused = str(given.get("error", "")) if isinstance(given, dict) and given.get("ok") is False else ""
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


def checked(address: str, name: str) -> str:
    """The address. Raises ConfigError where it is none."""
    if not address.lower().startswith(("https://", "http://")):
        raise ConfigError(f"{name}: not an http(s) address")
    return address


def _key(body: dict[str, Any]) -> str:
    """The same for each try of one request, so that a receiver can drop the second."""
    return hashlib.blake2b(json.dumps(body, sort_keys=True, default=str).encode(), digest_size=16).hexdigest()


def _answer(answer: httpx.Response) -> Any:
    try:
        given = answer.json()
    except ValueError:
        return {}
    return given if isinstance(given, (dict, list)) else {}


def _seconds(value: str | None) -> float | None:
    try:
        return max(0.0, float(value)) if value is not None else None
    except ValueError:
        return None
