"""The errors drift raises on purpose: each message is one line that says what is wrong, where, and what to do."""

from __future__ import annotations

import os
import traceback
from typing import Literal

Extra = Literal[
    "transformer", "pii", "airflow", "postgres", "s3", "apprise", "otel", "notebook", "calendar", "judge", "anthropic", "mcp"
]  # fmt: skip

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


class DamagedError(DriftError):
    """Something that drift stored itself is there no longer, or not as it was written."""


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


class UnforeseenError(DriftError):
    """Something that drift did not raise on purpose ended the work: a defect, or a machine without memory."""


def in_one_line(error: Exception) -> str:
    """What an error is for a person: the message of one that was raised on purpose; else its type and where in drift it arose.

    The message of any other error may hold the text of a trace, or a secret: it is left out.
    """
    if isinstance(error, DriftError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    home = os.path.dirname(__file__)
    ours = [frame for frame in frames if frame.filename.startswith(home + os.sep)]
    place = ""
    if ours:
        name = os.path.relpath(ours[-1].filename, os.path.dirname(home))
        place = f" in {name}, line {ours[-1].lineno}"
    return f"failed: {type(error).__name__}{place}"


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
