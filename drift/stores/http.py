"""Asking a trace store's REST API: retries with back-off, adaptive concurrency, one clear line on failure.

Nothing here knows what a trace is. Answers are never logged and never quoted in an error.
"""

from __future__ import annotations

import email.utils
import re
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx
import tenacity

from drift.errors import StoreError
from drift.stores import json_text
from drift.text import addresses

addresses.keep_out_of_logs()

MAX_CONCURRENCY = 4
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
ATTEMPTS = 30
# a server that never answered is given up on sooner
CONNECT_ATTEMPTS = 5
BUSY = {429, 503}
PASSING = {408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529}
TOO_MUCH = {408, 413, 504, 524}
# how servers, and the gateways before them, say that they do not have an endpoint, or not any more
MISSING = {404, 405, 410, 501}

_TLS_REMEDY = "for an authority of your own set SSL_CERT_FILE to its certificates; for a server without TLS write http://"

T = TypeVar("T")


class NotFound(StoreError):
    """The server does not have this endpoint or thing (404 and the like)."""


class Refused(StoreError):
    """The server does not accept the key (401, 403)."""


class TooMuch(Exception):
    """The answer may have been too large or too slow: ask for less at once."""


class _Passing(Exception):
    def __init__(self, what: str, after: float | None = None, busy: bool = False):
        super().__init__(what)
        self.after = after
        self.busy = busy


class _Unreachable(_Passing):
    pass


class Gate:
    """How many requests run at once: halved when the server is busy, one more after each `limit` good answers."""

    def __init__(self, most: int = MAX_CONCURRENCY):
        self.most = most
        self.limit = float(most)
        self._running = 0
        self._changed = threading.Condition()

    @contextmanager
    def one(self) -> Iterator[None]:
        with self._changed:
            while self._running >= max(1, int(self.limit)):
                self._changed.wait()
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def slower(self) -> None:
        with self._changed:
            self.limit = max(1.0, self.limit / 2)

    def faster(self) -> None:
        with self._changed:
            self.limit = min(float(self.most), self.limit + 1 / self.limit)
            self._changed.notify_all()


class Http:
    """A JSON API at `host`. `who` names the store in errors; `key_hint` says where its key comes from."""

    def __init__(
        self,
        host: str,
        *,
        who: str,
        key_hint: str,
        auth: tuple[str, str] | None = None,
        headers: dict[str, str] | None = None,
        timeout_s: float = 60,
        patience_s: float = 600,
    ):
        url = address(host)
        # a password in the URL is for the server alone
        self.host = re.sub(r"//[^/@]*@", "//", url)
        self.who = who
        self.key_hint = key_hint
        self.patience_s = patience_s
        self.gate = Gate()
        self._stopped = threading.Event()
        self._answered = False
        self._headers: httpx.Headers = httpx.Headers()
        try:
            self._client = httpx.Client(
                base_url=url,
                auth=auth,
                headers=headers,
                timeout=timeout_s,
                follow_redirects=True,
                limits=httpx.Limits(max_connections=2 * MAX_CONCURRENCY, max_keepalive_connections=MAX_CONCURRENCY),
            )
        except (httpx.InvalidURL, ValueError, UnicodeError):
            raise StoreError(f"{self.host}: not a URL; it must be like https://traces.example.com") from None
        except OSError as error:
            raise StoreError(
                f"the certificates to trust cannot be read ({type(error).__name__}); check SSL_CERT_FILE"
            ) from None

    def get(
        self, path: str, params: dict | None = None, *, shrinkable: bool = False, attempts: int = ATTEMPTS
    ) -> tuple[Any, int]:
        """The decoded answer and its size in bytes. See `request`."""
        return self.request("GET", path, params=params, shrinkable=shrinkable, attempts=attempts)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: dict | None = None,
        body: Any = None,
        shrinkable: bool = False,
        attempts: int = ATTEMPTS,
    ) -> tuple[Any, int]:
        """Ask until it is answered, within `patience_s`.

        Raises Refused, NotFound, StoreError (retryable where waiting can help), or, where `shrinkable`, TooMuch at once.
        """
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Passing),
            stop=lambda state: state.attempt_number >= attempts or self._out_of_patience(state),
            wait=self._wait,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(self._once, method, path, params, body, shrinkable)
        except _Passing as error:
            raise StoreError(
                f"{self.who} at {self.host}: {error}; gave up after several tries, run again later", retryable=True
            ) from None

    def text(self, path: str) -> str:
        """The first words of a plain answer, such as a version; `unknown` where there is none."""
        try:
            answer = self._client.get(path)
        except httpx.HTTPError:
            return "unknown"
        return answer.text.strip()[:40] if answer.status_code == 200 else "unknown"

    def header(self, name: str) -> str:
        """A header of the last answer; `unknown` where it had none."""
        return self._headers.get(name, "unknown")

    def pause(self, failures: int) -> None:
        """Waits after so many answers in a row that were too much."""
        self._sleep(min(FIRST_WAIT_S * 2 ** (failures - 1), LONGEST_WAIT_S))

    def close(self) -> None:
        self._stopped.set()
        self._client.close()

    def _once(self, method: str, path: str, params: dict | None, body: Any, shrinkable: bool) -> tuple[Any, int]:
        if self._stopped.is_set():
            raise StoreError(f"{self.who} at {self.host}: stopped", retryable=True)
        try:
            with self.gate.one():
                answer = self._client.request(method, path, params=params, json=body)
        except httpx.TimeoutException:
            self.gate.slower()
            if shrinkable:
                raise TooMuch from None
            raise _Passing("no answer in time") from None
        except httpx.ConnectError as error:
            if (problem := _tls_problem(error)) is not None:
                raise StoreError(f"{self.who} at {self.host}: no secure connection ({problem}); {_TLS_REMEDY}") from None
            raise _Unreachable("cannot be reached (is the host right, is the server up?)") from None
        except httpx.ProxyError:
            raise _Unreachable("cannot be reached through the proxy (HTTPS_PROXY, NO_PROXY)") from None
        except httpx.TooManyRedirects:
            raise StoreError(f"{self.who} at {self.host} only redirects; give the address that a browser ends at") from None
        except httpx.TransportError as error:
            if shrinkable:
                raise TooMuch from None
            raise _Passing(f"the answer was cut ({type(error).__name__})") from None
        except httpx.HTTPError as error:
            raise _Passing(f"{type(error).__name__}") from None
        return self._decoded(answer, path, shrinkable)

    def _decoded(self, answer: httpx.Response, path: str, shrinkable: bool) -> tuple[Any, int]:
        status = answer.status_code
        self._headers = answer.headers
        self._answered = True
        if status == 200:
            try:
                value = json_text.loads(answer.content)
            except (ValueError, RecursionError):
                if "html" in answer.headers.get("content-type", "") or answer.content.lstrip()[:1] == b"<":
                    raise StoreError(
                        f"{self.host}{path} answered a web page: this host does not serve {self.who}'s API"
                    ) from None
                if shrinkable:
                    raise TooMuch from None
                raise _Passing("the answer was cut (not valid JSON)") from None
            self.gate.faster()
            return value, len(answer.content)
        if status in (401, 403):
            raise Refused(f"{self.who} at {self.host} refused the key ({status}); check {self.key_hint}")
        if status in MISSING:
            raise NotFound(f"{self.who} at {self.host} has no {path} ({status})")
        if status in PASSING or status >= 500:
            if status in BUSY or status in TOO_MUCH:
                self.gate.slower()
            if shrinkable and status in TOO_MUCH:
                raise TooMuch
            raise _Passing(f"answered {status}", _retry_after(answer), status in BUSY)
        if status == 413 and shrinkable:
            raise TooMuch
        raise StoreError(f"{self.who} at {self.host} answered {status} to {path}: {_message(answer)}")

    def _out_of_patience(self, state: tenacity.RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        # a server that was there is being restarted; one that never answered is a wrong address
        if isinstance(error, _Unreachable) and not self._answered and state.attempt_number >= CONNECT_ATTEMPTS:
            return True
        wait = self._wait(state) if state.outcome else 0
        return (state.seconds_since_start or 0) + wait > self.patience_s

    def _wait(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, _Passing) and error.after is not None:
            return error.after
        spread = tenacity.wait_exponential_jitter(initial=FIRST_WAIT_S, max=LONGEST_WAIT_S, jitter=FIRST_WAIT_S)
        return spread(state)

    def _sleep(self, seconds: float) -> None:
        self._stopped.wait(seconds)


def address(host: str) -> str:
    """A server's URL as a person gave it, without what copying adds. Raises StoreError where it is none."""
    url = host.strip().strip("\"'").rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise StoreError(f"{url[:200]!r}: not a server's URL; it must begin with http:// or https://")
    return url


def in_order(tasks: Iterable[Callable[[], T]], ahead: int = MAX_CONCURRENCY) -> Iterator[T]:
    """Results of the tasks in their order, up to `ahead` running at once and no more finished ones waiting.

    Left early, it does not wait for what still runs: closing the `Http` that the tasks use ends them.
    """
    pool = ThreadPoolExecutor(ahead, thread_name_prefix="drift-pull")
    waiting: deque[Future[T]] = deque()
    try:
        for task in tasks:
            waiting.append(pool.submit(task))
            if len(waiting) > ahead:
                yield _next_result(waiting)
        while waiting:
            yield _next_result(waiting)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _next_result(waiting: deque[Future[T]]) -> T:
    """The first result, or at once the error of any of the others: none of them can be done without."""
    while not waiting[0].done():
        for future in waiting:
            if future.done() and future.exception() is not None:
                return future.result()
        wait([f for f in waiting if not f.done()], return_when=FIRST_COMPLETED)
    return waiting.popleft().result()


def _tls_problem(error: BaseException) -> str | None:
    """What is wrong with the certificate or the handshake, where that is why there is no connection."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"certificate: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return str(cause.reason or "TLS").replace("_", " ").lower()
        cause = cause.__cause__ or cause.__context__
    return None


def _retry_after(answer: httpx.Response) -> float | None:
    given = answer.headers.get("retry-after")
    if not given:
        return None
    try:
        return max(0.0, float(given))
    except ValueError:
        pass
    try:
        moment = email.utils.parsedate_to_datetime(given)
    except (TypeError, ValueError):
        return None
    return max(0.0, (moment - datetime.fromtimestamp(time.time(), UTC)).total_seconds())


def _message(answer: httpx.Response) -> str:
    try:
        said = answer.json()
        text = said.get("message") or said.get("detail") or said.get("error") if isinstance(said, dict) else None
    except ValueError:
        text = None
    return " ".join(str(text or "no explanation").split())[:200]
