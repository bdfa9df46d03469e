"""One HTTP request with one deadline: a receiver that drips its answer byte by byte holds nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import httpx

from drift.text import addresses

addresses.keep_out_of_logs()


def send(method: str, address: str, body: dict[str, Any] | None, headers: dict[str, str], seconds: float) -> httpx.Response:
    """A request with a body as JSON; redirects are not followed. Raises httpx.HTTPError, ReadTimeout where the whole answer is not there in time."""
    return _within(seconds, lambda: httpx.request(method, address, json=body, headers=headers, timeout=seconds))


def get(address: str, seconds: float) -> httpx.Response:
    """GET; redirects are not followed. Raises as `send`."""
    return _within(seconds, lambda: httpx.get(address, timeout=seconds))


def _within(seconds: float, ask: Callable[[], httpx.Response]) -> httpx.Response:
    done: list[httpx.Response | Exception] = []

    def work() -> None:
        try:
            done.append(ask())
        except Exception as error:
            done.append(error)

    # a timeout of the client begins anew with every byte; a thread that is left behind ends with the process
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if not done:
        raise httpx.ReadTimeout("the answer was not whole in time")
    if isinstance(done[0], Exception):
        raise done[0]
    return done[0]
