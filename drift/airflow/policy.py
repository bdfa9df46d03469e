"""When a task is tried again: where waiting can help, and not where it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule
from airflow.sdk.exceptions import AirflowFailException

# each try waits twice as long as the one before it: 1, 2, 4, 8, then 15 minutes
RETRIES = {
    "retries": 5,
    "retry_delay": timedelta(minutes=1),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=15),
    "retry_policy": ExceptionRetryPolicy(
        rules=[
            RetryRule(
                exception=["drift.errors.ConfigError", "drift.errors.DataError", "drift.errors.CheckFailed"],
                action=RetryAction.FAIL,
                reason="trying again cannot help",
            ),
        ]
    ),
}


@contextmanager
def fail_at_once_where_retrying_is_useless() -> Iterator[None]:
    """Turn errors that say `retryable = False`, such as a wrong key, into a failure without retries."""
    from drift.errors import DriftError

    try:
        yield
    except DriftError as error:
        if getattr(error, "retryable", True):
            raise
        raise AirflowFailException(str(error)) from error
