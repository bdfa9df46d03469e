"""A library's log lines with a whole address, and the key in it, or with a whole request stay out of every log: httpx writes one for each
request, at INFO, the level that Airflow's tasks log at; the clients of models write what was asked, at DEBUG.
"""

from __future__ import annotations

import logging

# a filter of a logger is not asked about what loggers below it write, so each is named that writes such lines
_WRITERS = ("httpx", "httpx2", "openai._base_client", "anthropic._base_client")


def _is_no_request(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


def keep_out_of_logs() -> None:
    """From now on, in this process; called by what makes requests to addresses that may be secret."""
    for name in _WRITERS:
        # a filter that is there already is not added again
        logging.getLogger(name).addFilter(_is_no_request)
