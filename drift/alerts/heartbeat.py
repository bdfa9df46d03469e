"""A sign of life a night: a row in the tables, and a request to a dead man's switch that calls somebody where none comes.

`DRIFT_HEARTBEAT_URL` is an address that Healthchecks, Dead Man's Snitch, Cronitor or Uptime Kuma gave out; it is asked with GET after
the night's tables were written and its news were told.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from datetime import date

import httpx

from drift.alerts import deadline
from drift.errors import ConfigError
from drift.results import Results, watch

log = logging.getLogger(__name__)

URL = "DRIFT_HEARTBEAT_URL"
_TRIES, _TIMEOUT_S = 2, 10.0


def beat(results: Results, day: date, environ: Mapping[str, str] = os.environ) -> bool:
    """Write down that the night of `day` ended, and say so to the switch, where there is one. Returns whether it heard; never raises
    for the switch, whose whole point is that it notices silence."""
    watch.beat(results.database, day)
    try:
        url = address(environ)
    except ConfigError as error:
        log.warning("%s", error)
        return False
    if not url:
        return False
    problem = ""
    for _ in range(_TRIES):
        try:
            answer = deadline.get(url, _TIMEOUT_S)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            problem = type(error).__name__
            continue
        if answer.is_success:
            return True
        problem = f"it answered {answer.status_code}"
    # the address holds the key to the switch
    log.warning("the heartbeat of %s was not heard by %s: %s", day, URL, problem)
    return False


def address(environ: Mapping[str, str] = os.environ) -> str:
    """The switch's address, empty without one. Raises ConfigError where it is none."""
    url = environ.get(URL, "")
    if url and not url.lower().startswith(("https://", "http://")):
        raise ConfigError(f"{URL}: not an http(s) address")
    return url
