"""Airflow connections as the environment variables that stores and sinks read; the environment is the fallback.

Connections are read when a task runs, never when a DAG file is parsed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, MutableMapping
from typing import Protocol

LANGFUSE = "langfuse_default"
SLACK = "slack_default"
_SLACK_HOST = "https://hooks.slack.com/services"


class Connection(Protocol):
    conn_type: str
    host: str | None
    login: str | None
    password: str | None
    port: int | None
    schema: str | None


def use_connections(find: Callable[[str], Connection | None], environ: MutableMapping[str, str] = os.environ) -> None:
    """Set in `environ` what the connections `langfuse_default` and `slack_default` say; what they leave out stays.

    langfuse_default: host, login (the public key), password (the secret key). slack_default: of type `slack` the password is
    a bot token; otherwise host and password are the two halves of an incoming webhook's address.
    """
    langfuse, slack = find(LANGFUSE), find(SLACK)
    found: dict[str, str | None] = {}
    if langfuse is not None:
        found["LANGFUSE_PUBLIC_KEY"] = langfuse.login
        found["LANGFUSE_SECRET_KEY"] = langfuse.password
        found["LANGFUSE_HOST"] = _address(langfuse)
    if slack is not None and slack.conn_type == "slack":
        found["DRIFT_SLACK_TOKEN"] = slack.password
    elif slack is not None and slack.password:
        half = slack.password.lstrip("/")
        found["DRIFT_SLACK_WEBHOOK"] = half if "://" in half else f"{_address(slack) or _SLACK_HOST}/{half}"
    environ.update({name: value for name, value in found.items() if value})


def _address(connection: Connection) -> str | None:
    """The connection's host with scheme, port and path; None without a host."""
    host = (connection.host or "").rstrip("/")
    if not host:
        return None
    if "://" not in host:
        scheme = connection.schema if connection.schema in ("http", "https") else "https"
        host = f"{scheme}://{host}"
    scheme, _, rest = host.partition("://")
    name, slash, path = rest.partition("/")
    port = f":{connection.port}" if connection.port and ":" not in name else ""
    return f"{scheme}://{name}{port}{slash}{path}"


def find_connection(name: str) -> Connection | None:
    """The Airflow connection of that name, None where there is none."""
    from airflow.sdk import Connection as AirflowConnection
    from airflow.sdk.exceptions import AirflowNotFoundException, AirflowRuntimeError

    try:
        return AirflowConnection.get(name)
    except AirflowNotFoundException:
        return None
    except AirflowRuntimeError as error:
        # how the API server says the same
        if "NOT_FOUND" in str(error):
            return None
        raise
