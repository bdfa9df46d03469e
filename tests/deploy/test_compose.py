"""docker-compose.yml keeps to the Compose specification and to what docs/deploy.md promises of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

REPO = Path(__file__).parents[2]
FILE = REPO / "docker-compose.yml"
SECRET = re.compile(r"PASSWORD|SECRET|_KEY|SALT|TOKEN", re.IGNORECASE)
sys.path.insert(0, str(REPO / "deploy"))
import make_env  # noqa: E402


@pytest.fixture(scope="module")
def services() -> dict:
    return yaml.safe_load(FILE.read_text())["services"]


def test_it_is_valid_by_the_schema_of_the_specification():
    pytest.importorskip("check_jsonschema")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="Debian's docker-compose is not installed")
def test_docker_compose_reads_it_and_insists_on_each_secret(tmp_path):
    def config(values: dict[str, str]) -> subprocess.CompletedProcess:
        env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)} | values
        command = ["docker-compose", "-f", str(FILE), "config", "-q"]
        return subprocess.run(command, env=env, capture_output=True, text=True, cwd=tmp_path)

    given = make_env.variables()
    whole = config(given)
    assert whole.returncode == 0, whole.stderr
    for name in (*make_env.RANDOM, "AIRFLOW_FERNET_KEY", "OBJECTS_USER"):
        without = config({key: value for key, value in given.items() if key != name})
        assert without.returncode != 0
        assert "make_env" in without.stderr


def test_every_secret_comes_from_the_environment_and_has_no_default(services):
    for name, service in services.items():
        for key, value in service.get("environment", {}).items():
            if SECRET.search(key) and key not in ("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE",):
                optional = key.startswith(("LANGFUSE", "DRIFT_SLACK"))
                assert re.fullmatch(r"\$\{\w+:-\}" if optional else r"\$\{\w+:\?.+\}", value), f"{name}: {key}"
    assert not re.search(r":(?!//)\w{4,}@", re.sub(r"\$\{[^}]*\}", "", FILE.read_text())), "a password in a URL"


def test_every_service_has_a_memory_limit_and_every_lasting_one_a_health_check(services):
    for name, service in services.items():
        assert service["deploy"]["resources"]["limits"]["memory"], name
        if service.get("restart") == "unless-stopped":
            assert service["healthcheck"]["test"], name
            assert service["logging"]["options"]["max-size"], name


def test_nothing_that_lasts_runs_as_root_and_images_are_pinned(services):
    for name, service in services.items():
        assert service.get("user") != "0:0" or name == "own-objects"
        assert not service.get("privileged")
        assert not service["image"].endswith(":latest") or "AIRFLOW_IMAGE" in service["image"]


def test_ports_are_open_to_this_machine_only(services):
    for service in services.values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_what_must_survive_is_on_a_volume(services):
    volumes = yaml.safe_load(FILE.read_text())["volumes"]
    for name in ("postgres", "redis", "objects"):
        assert name in volumes
        assert any(volume.startswith(f"{name}:/") for volume in services[name]["volumes"])


def test_mounted_files_are_in_the_repository(services):
    for service in services.values():
        for volume in service.get("volumes", []):
            if volume.startswith("./") and "drift.toml" not in volume:
                assert (REPO / volume.split(":")[0]).is_file()


def test_make_env_writes_secrets_once_and_for_its_owner_only(tmp_path):
    file = tmp_path / ".env"
    make_env.main(file)
    assert file.stat().st_mode & 0o077 == 0
    required = set(re.findall(r"\$\{(\w+):\?", FILE.read_text()))
    assert required <= {line.split("=")[0] for line in file.read_text().splitlines() if line.split("=", 1)[1]}
    before = file.read_text()
    with pytest.raises(SystemExit, match="exists already"):
        make_env.main(file)
    assert file.read_text() == before


def test_the_image_copies_what_is_there_and_leaves_the_root_user():
    lines = (REPO / "Dockerfile").read_text().splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER")]
    assert users[-1] == "airflow"
    sources = [word for line in lines if line.startswith("COPY") for word in line.split()[2:-1]]
    assert all((REPO / source).exists() for source in sources if source != "requirements.lock")


def test_the_configuration_for_containers_is_read():
    from drift.config import Config

    config = Config.load(REPO / "deploy" / "drift.toml")
    assert config.store.type == "langfuse"


def test_the_helm_values_are_yaml_without_secrets():
    values = yaml.safe_load((REPO / "deploy" / "values.yaml").read_text())
    assert values["executor"] == "KubernetesExecutor"
    assert not any(SECRET.search(entry["name"]) for entry in values["env"])
