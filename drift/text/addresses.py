"""A library's log lines with a whole address, and the key in it, stay out of every log: httpx writes one for each request, at INFO, the
level that Airflow's tasks log at.
"""

from __future__ import annotations

import logging


def _is_no_request(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


def keep_out_of_logs() -> None:
    """From now on, in this process; called by what makes requests to addresses that may be secret."""
    # a filter that is there already is not added again
    logging.getLogger("httpx").addFilter(_is_no_request)
