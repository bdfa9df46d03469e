"""The pages that are written from the code are up to date, complete, and in the site; what they show as drift.toml is one."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from drift.config import SECRETS, Config
from drift.config.sections import GoldenSection, MetricSection, OwnerSection, SpendLimit, TicketSection
from drift.detect.rule import parse_all
from drift.detect.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
REPO = DOCS.parent


def _written_by(script: str):
    spec = importlib.util.spec_from_file_location(script, DOCS / f"{script}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("script", "page"), [("configuration_page", "configuration.md"), ("commands_page", "commands.md")])
def test_a_page_that_is_written_from_the_code_is_up_to_date(script, page):
    assert (DOCS / page).read_text("utf-8") == _written_by(script).page(), f"run: python docs/{script}.py"


def _keys() -> list[tuple[str, str, str]]:
    found = []
    for name, field in Config.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            found += [(f"[{name}]", key, inner.description or "") for key, inner in section.model_fields.items()]
        elif name not in ("metrics", "rules", "golden", "owners", "tickets"):
            found.append(("Above all sections", name, field.description or ""))
    named = {
        "[metrics.NAME]": MetricSection,
        "[golden.NAME]": GoldenSection,
        "[[owners]]": OwnerSection,
        "[[tickets]]": TicketSection,
        "[[spend.limits]]": SpendLimit,
    }
    return found + [
        (at, key, field.description or "") for at, section in named.items() for key, field in section.model_fields.items()
    ]


@pytest.mark.parametrize(("section", "key", "description"), _keys())
def test_every_key_of_drift_toml_has_a_row_that_says_what_it_does(section, key, description):
    assert description, f"{section} {key}: give its Field a description"
    page = (DOCS / "configuration.md").read_text("utf-8")
    # a table within a section has a heading and a test of its own
    own = page.split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0].split("\n### ", 1)[0]
    (row,) = [line for line in own.splitlines() if line.startswith(f"| `{key}` |")]
    assert description.split("`")[0] in row


def test_every_secret_is_on_the_page():
    page = (DOCS / "configuration.md").read_text("utf-8")
    assert all(f"| `{name}` |" in page for name in SECRETS)


def test_every_page_is_in_the_site():
    nav = yaml.safe_load((REPO / "mkdocs.yml").read_text())["nav"]

    def pages(part) -> list[str]:
        return (
            [part]
            if isinstance(part, str)
            else [page for each in (part.values() if isinstance(part, dict) else part) for page in pages(each)]
        )

    assert sorted(pages(nav)) == sorted(str(file.relative_to(DOCS)) for file in DOCS.rglob("*.md"))


def _shown() -> list[tuple[str, str]]:
    pages = [REPO / "README.md", *sorted(DOCS.rglob("*.md"))]
    return [
        (page.name, block) for page in pages for block in re.findall(r"```toml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    ]


@pytest.mark.parametrize(("page", "block"), _shown())
def test_what_a_page_shows_as_drift_toml_is_one(page, block, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    parse_all(Settings.of(Config.of(tomllib.loads(block))))


@pytest.mark.parametrize(("name", "shows"), [("nights", "Is it ordinary?"), ("incident", "Refusals in billing-chat rose")])
def test_a_picture_shows_what_the_readme_says(name, shows):
    image = pytest.importorskip("PIL.Image")
    told = image.open(DOCS / "img" / f"{name}.png").text["shows"]
    assert told.startswith(shows)
    if name == "incident":
        assert told.split(";")[0] in (DOCS.parent / "README.md").read_text("utf-8"), "run: make pictures"
