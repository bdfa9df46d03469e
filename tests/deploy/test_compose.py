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

from drift.config.secrets import is_secret_file

REPO = Path(__file__).parents[2]
FILE = REPO / "docker-compose.yml"
SECRET = re.compile(r"PASSWORD|SECRET|_KEY|SALT|TOKEN", re.IGNORECASE)
sys.path.insert(0, str(REPO / "deploy"))
import make_secrets  # noqa: E402


@pytest.fixture(scope="module")
def services() -> dict:
    return yaml.safe_load(FILE.read_text())["services"]


def test_it_is_valid_by_the_schema_of_the_specification():
    pytest.importorskip("check_jsonschema")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="Debian's docker-compose is not installed")
def test_docker_compose_reads_it(tmp_path):
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    command = ["docker-compose", "-f", str(FILE), "config", "-q"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_every_secret_is_a_file_and_none_is_in_an_environment(services, tmp_path):
    make_secrets.main(tmp_path / "secrets")
    declared = yaml.safe_load(FILE.read_text())["secrets"]
    assert declared == {name: {"file": f"./secrets/{name}"} for name in sorted(declared)}
    assert {path.name for path in (tmp_path / "secrets").iterdir()} == set(declared)
    for name, service in services.items():
        for key, value in service.get("environment", {}).items():
            if SECRET.search(key) and key != "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE":
                assert re.fullmatch(r"(cat )?/run/secrets/\w+", value), f"{name}: {key}"
    assert not re.search(r":(?!//)\w{4,}@", re.sub(r"\$\{[^}]*\}", "", FILE.read_text())), "a password in a URL"


def test_a_service_is_given_the_secrets_that_it_reads_and_no_others(services):
    scripts = {"postgres": (REPO / "deploy" / "make_drift_database.sh").read_text()}
    for name, service in services.items():
        read = set(re.findall(r"/run/secrets/(\w+)", str(service) + scripts.get(name, "")))
        assert set(service.get("secrets", [])) == read, name


def test_what_drift_reads_from_files_are_secrets_that_it_knows(services):
    environ = {key: value for key, value in services["worker"]["environment"].items() if key.endswith("_FILE")}
    environ.pop("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE")
    assert len(environ) == 7 and all(is_secret_file(key) for key in environ)


def test_airflow_takes_each_of_its_secrets_from_a_command(services, tmp_path, monkeypatch):
    conf = pytest.importorskip("airflow.configuration").conf
    given = {key: value for key, value in services["worker"]["environment"].items() if key.endswith("_CMD")}
    assert len(given) == 6
    for key, value in given.items():
        _, section, option = key.removesuffix("_CMD").lower().split("__")
        assert (section, option) in conf.sensitive_config_values, key
        (tmp_path / "secret").write_text(f"secret of {option}")
        monkeypatch.delenv(key.removesuffix("_CMD"), raising=False)
        monkeypatch.setenv(key, re.sub(r"/run/secrets/\w+", str(tmp_path / "secret"), value))
        assert conf.get(section, option) == f"secret of {option}"
        monkeypatch.delenv(key)


def test_roots_are_read_only_but_those_of_airflow_which_writes_into_its_home(services):
    for name, service in services.items():
        assert service.get("read_only", False) == ("AIRFLOW" not in service["image"]), name
        assert service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"], name
        assert service.get("cap_add", []) == (["CHOWN"] if name == "own-objects" else []), name


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


def test_secrets_are_made_once_in_a_folder_of_its_owner_alone(tmp_path):
    folder = tmp_path / "secrets"
    make_secrets.main(folder)
    assert folder.stat().st_mode & 0o077 == 0
    made = {path.name: path.read_text() for path in folder.iterdir()}
    assert all((text == "") == (name in make_secrets.OWN) for name, text in made.items())
    assert made["results_database_password"] in made["results_database_url"]
    assert made["redis_password"] in made["airflow_broker_url"]
    with pytest.raises(SystemExit, match="exists already"):
        make_secrets.main(folder)
    assert made == {path.name: path.read_text() for path in folder.iterdir()}


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
