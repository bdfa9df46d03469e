"""The errors drift raises on purpose: each message is one line that says what is wrong, where, and what to do."""

from __future__ import annotations


class DriftError(Exception):
    """Root of every error that a user can act on. The CLI prints the message alone and exits with `exit_code`."""

    exit_code = 1


class ConfigError(DriftError):
    """drift.toml or a DRIFT_… variable is wrong. Trying again cannot help."""


class DataError(DriftError):
    """Input that cannot be read as traces: a missing column, a broken line, a wrong type. Trying again cannot help."""


class CheckFailed(DriftError):
    """A critical data-quality check failed: the day is not fit to compare."""


class StoreError(DriftError):
    """The trace store did not give a whole window.

    `retryable` is True where waiting can help (unreachable, 429, 5xx, time-out) and False where it cannot
    (wrong key, unknown project).
    """

    def __init__(self, message: str, *, retryable: bool = False):
        super().__init__(message)
        self.retryable = retryable
