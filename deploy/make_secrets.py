"""Write the folder secrets/ for docker-compose.yml: a file a secret, random where they may be. It never overwrites.

The folder is its owner's alone; the files in it may be read by the users of the containers that they are mounted into, whoever those are.
"""

from __future__ import annotations

import base64
import os
import secrets
import sys
from pathlib import Path

# yours to fill in; a file that stays empty is none
OWN = ("langfuse_public_key", "langfuse_secret_key", "slack_webhook")


def contents() -> dict[str, str]:
    """What stands in each file. Addresses hold the passwords of the files beside them."""
    airflow, results, redis = (secrets.token_hex(24) for _ in range(3))
    return {
        "airflow_fernet_key": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "airflow_secret_key": secrets.token_hex(24),
        "airflow_jwt_secret": secrets.token_hex(24),
        "airflow_database_password": airflow,
        "airflow_database_url": f"postgresql+psycopg2://airflow:{airflow}@postgres/airflow",
        "airflow_broker_url": f"redis://:{redis}@redis:6379/0",
        "airflow_result_backend": f"db+postgresql://airflow:{airflow}@postgres/airflow",
        "results_database_password": results,
        "results_database_url": f"postgresql+psycopg://drift:{results}@postgres/drift",
        "redis_password": redis,
        "objects_user": "drift",
        "objects_password": secrets.token_hex(24),
        "drift_salt": secrets.token_hex(24),
        **dict.fromkeys(OWN, ""),
    }


def main(folder: Path = Path("secrets")) -> None:
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        sys.exit(f"{folder} exists already; move it away to make new secrets (the databases keep their old passwords)")
    for name, text in contents().items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o644 if name in OWN else 0o444)
    print(f"wrote {folder}/; write your keys into {OWN[0]} and {OWN[1]} and, if you like, an address into {OWN[2]}")


if __name__ == "__main__":
    main()
