"""Write .env for docker-compose.yml with new random secrets. It never overwrites: delete .env to have new ones."""

from __future__ import annotations

import base64
import os
import secrets
import sys
from pathlib import Path

RANDOM = (
    "AIRFLOW_SECRET_KEY",
    "AIRFLOW_JWT_SECRET",
    "AIRFLOW_DB_PASSWORD",
    "RESULTS_DB_PASSWORD",
    "REDIS_PASSWORD",
    "OBJECTS_PASSWORD",
    "DRIFT_SALT",
)


def variables() -> dict[str, str]:
    """A value for every variable that docker-compose.yml requires, and the optional ones empty."""
    made = {name: secrets.token_hex(24) for name in RANDOM}
    made["AIRFLOW_FERNET_KEY"] = base64.urlsafe_b64encode(os.urandom(32)).decode()
    made["OBJECTS_USER"] = "drift"
    return made | dict.fromkeys(("LANGFUSE_HOST", "LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY", "DRIFT_SLACK_WEBHOOK"), "")


def main(file: Path = Path(".env")) -> None:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        sys.exit(f"{file} exists already; delete it to make new secrets (the databases keep their old passwords)")
    with os.fdopen(descriptor, "w") as out:
        out.writelines(f"{name}={value}\n" for name, value in variables().items())
    print(f"wrote {file}; fill in LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY and, if you like, DRIFT_SLACK_WEBHOOK")


if __name__ == "__main__":
    main()
