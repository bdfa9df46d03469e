"""Real servers for the slow tests, each started once a session from the venvs that `.ci/servers.sh` makes."""

from __future__ import annotations

import functools
import os
import shutil
import socket
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from stores_under_test import wait_for

HOME = Path(os.environ.get("DRIFT_SERVERS", "/tmp/drift-servers"))
_running: list[tuple[subprocess.Popen, str]] = []


@functools.cache
def phoenix() -> str:
    port, grpc = _free_port(), _free_port()
    folder = tempfile.mkdtemp(prefix="drift-phoenix-")
    given = {
        "PHOENIX_WORKING_DIR": folder,
        "PHOENIX_PORT": str(port),
        "PHOENIX_GRPC_PORT": str(grpc),
        "PHOENIX_HOST": "127.0.0.1",
        "PHOENIX_TELEMETRY_ENABLED": "false",
    }
    return _start([_tool("phoenix", "phoenix"), "serve"], folder, port, "/healthz", given)


@functools.cache
def mlflow() -> str:
    port = _free_port()
    folder = tempfile.mkdtemp(prefix="drift-mlflow-")
    command = [_tool("mlflow", "mlflow"), "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
               "--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", folder]  # fmt: skip
    return _start(command, folder, port, "/health", {"MLFLOW_DISABLE_TELEMETRY": "true"})


@functools.cache
def bucket() -> tuple[str, dict]:
    """(URL of a bucket, fsspec's options for it) of a moto server."""
    port = _free_port()
    folder = tempfile.mkdtemp(prefix="drift-moto-")
    url = _start([_tool("moto", "moto_server"), "-H", "127.0.0.1", "-p", str(port)], folder, port, "/moto-api/", {})
    options = {"endpoint_url": url, "key": "test", "secret": "test"}
    import s3fs

    s3fs.S3FileSystem(**options).mkdir("drift-traces")
    return "s3://drift-traces", options


@functools.cache
def postgres() -> str:
    """URL of a PostgreSQL cluster of its own, run as a user that is not root."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("no PostgreSQL here; run .ci/servers.sh")
    tools, folder, port = found[-1].parent, tempfile.mkdtemp(prefix="drift-postgres-"), _free_port()
    as_user: list[str] = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    subprocess.run(
        [*as_user, tools / "initdb", "-D", f"{folder}/data", "-U", "drift", "--auth=trust"], check=True, capture_output=True
    )
    command = [*as_user, str(tools / "postgres"), "-D", f"{folder}/data", "-p", str(port), "-k", folder, "-h", "127.0.0.1"]
    _running.append(
        (subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True), folder)
    )
    ready = [*as_user, str(tools / "pg_isready"), "-h", "127.0.0.1", "-p", str(port), "-q"]
    wait_for(lambda: subprocess.run(ready).returncode == 0)
    return f"postgresql+psycopg://drift@127.0.0.1:{port}/postgres"


def stop() -> None:
    for process, folder in _running:
        os.killpg(process.pid, 15)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
        shutil.rmtree(folder, ignore_errors=True)
    _running.clear()
    for made in (phoenix, mlflow, bucket, postgres):
        made.cache_clear()


def _tool(venv: str, name: str) -> str:
    path = HOME / venv / "bin" / name
    if not path.exists():
        pytest.skip(f"no {path}; run .ci/servers.sh")
    return str(path)


def _start(command: list[str], folder: str, port: int, health: str, environment: dict[str, str]) -> str:
    log = open(f"{folder}/log", "wb")  # noqa: SIM115
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, **environment}, stdout=log, stderr=log, start_new_session=True
    )
    _running.append((process, folder))
    url = f"http://127.0.0.1:{port}"

    def up() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"{command[0]} ended; see {folder}/log")
        try:
            return urllib.request.urlopen(url + health, timeout=5).status == 200
        except (urllib.error.URLError, OSError):
            return False

    wait_for(up, 180)
    return url


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]
