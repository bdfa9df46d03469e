"""What is secret: never in drift.toml, read from the environment, or from a file that the environment names."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path

from drift.errors import ConfigError

SECRETS = (
    "DRIFT_SALT",
    "DRIFT_SLACK_WEBHOOK",
    "DRIFT_SLACK_TOKEN",
    "DRIFT_WEBHOOK_URL",
    "DRIFT_APPRISE_URLS",
    "DRIFT_HEARTBEAT_URL",
    "DRIFT_GITHUB_TOKEN",
    "DRIFT_JIRA_TOKEN",
    "DRIFT_PAGERDUTY_KEY",
    "DRIFT_OPSGENIE_KEY",
    "DRIFT_EMBEDDINGS_KEY",
    "DRIFT_JUDGE_KEY",
    "DRIFT_GOLDEN_KEY",
    "DRIFT_EXPERIMENT_KEY",
)
# what stores and clients of others read, and drift's one setting that may hold a password
_OTHERS = frozenset(
    (
        "LANGFUSE_PUBLIC_KEY",
        "LANGFUSE_SECRET_KEY",
        "PHOENIX_API_KEY",
        "MLFLOW_TRACKING_TOKEN",
        "MLFLOW_TRACKING_PASSWORD",
        "OPENAI_API_KEY",
        "ANTHROPIC_API_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "TRACES_DATABASE_URL",
        "DRIFT_RESULTS__URL",
    )
)
_FILE = "_FILE"


def secrets_of_files(environ: MutableMapping[str, str] = os.environ) -> None:
    """Put in the place of each `NAME_FILE` the secret NAME that is in the file, as containers have them; NAME itself goes before, an empty
    file is none. Raises ConfigError for a file that cannot be read."""
    for name in [name for name in environ if is_secret_file(name)]:
        secret = name.removesuffix(_FILE)
        if environ[name] and not environ.get(secret):
            try:
                content = Path(environ[name]).read_text("utf-8").strip()
            except (OSError, ValueError) as error:
                why = error.strerror if isinstance(error, OSError) and error.strerror else "no text in UTF-8"
                raise ConfigError(f"{name}: {environ[name]!r:.200} cannot be read: {why}") from None
            if content:
                environ[secret] = content
        del environ[name]


def is_secret_file(name: str) -> bool:
    """Whether a variable names the file of a secret; of an owner or a ticket's place too (`DRIFT_SLACK_WEBHOOK__BILLING_FILE`)."""
    secret = name.removesuffix(_FILE)
    return secret != name and (secret in _OTHERS or secret.split("__")[0] in SECRETS)
