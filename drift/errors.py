"""The errors drift raises on purpose: each message is one line that says what is wrong, where, and what to do."""

from __future__ import annotations

from typing import Literal

Extra = Literal["transformer", "pii", "airflow", "postgres", "s3", "apprise", "otel", "notebook"]

# on the package index `drift` is another project
DISTRIBUTION = "nightdrift"


def installing(extra: Extra) -> str:
    """The command that brings an extra."""
    return f"pip install '{DISTRIBUTION}[{extra}]'"


class DriftError(Exception):
    """Root of every error that a user can act on. The CLI prints the message alone and exits with `exit_code`."""

    exit_code = 1


class ConfigError(DriftError):
    """drift.toml or a DRIFT_… variable is wrong. Trying again cannot help."""


class MissingExtra(ConfigError):
    """What was asked for needs packages that a default install leaves out. The message ends with the command that brings them."""

    def __init__(self, what: str, extra: Extra):
        super().__init__(what, extra)

    def __str__(self) -> str:
        what, extra = self.args
        return f"{what}; run: {installing(extra)}"


class DataError(DriftError):
    """Input that cannot be read as traces: a missing column, a broken line, a wrong type. Trying again cannot help."""


class CheckFailed(DriftError):
    """A critical data-quality check failed: the day is not fit to compare."""


def missing_driver(where: str, dialect: str, reason: str) -> ConfigError:
    """The error for a database URL whose driver cannot be imported; `dialect` is the URL's, such as postgresql+psycopg."""
    if dialect in ("postgresql", "postgresql+psycopg"):
        return MissingExtra(f"{where}: PostgreSQL needs psycopg", "postgres")
    return ConfigError(f"{where}: {reason}; install the driver of {dialect}, or correct the URL")


class StoreError(DriftError):
    """The trace store did not give a whole window.

    `retryable` is True where waiting can help (unreachable, 429, 5xx, time-out) and False where it cannot
    (wrong key, unknown project).
    """

    def __init__(self, message: str, *, retryable: bool = False):
        super().__init__(message)
        self.retryable = retryable
