"""drift.toml, the environment over it, and one clear line for whatever is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from drift.config import Config
from drift.config.secrets import secrets_of_files
from drift.errors import ConfigError
from drift.night import start


def _file(tmp_path, text: str):
    path = tmp_path / "drift.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_file_that_init_writes_says_exactly_the_defaults(tmp_path):
    written = Config.load(_file(tmp_path, start.for_store("demo")))
    default = Config.load(_file(tmp_path, ""))
    assert written == default


def test_the_environment_overrides_the_file(tmp_path, monkeypatch):
    path = _file(tmp_path, '[store]\ntype = "files"\npath = "x.parquet"\n[baseline]\ndays = 14\nmin_days = 5\n')
    monkeypatch.setenv("DRIFT_STORE__TYPE", "demo")
    monkeypatch.setenv("DRIFT_BASELINE__DAYS", "21")
    config = Config.load(path)
    assert (config.store.type, config.baseline.days, config.baseline.min_days) == ("demo", 21, 5)


def test_relative_places_are_taken_from_the_files_own_folder(tmp_path, monkeypatch):
    path = _file(tmp_path, "")
    monkeypatch.chdir("/")
    config = Config.load(path)
    assert config.lake.url == str(tmp_path / "drift-data/lake")
    assert config.results.url == f"sqlite:///{tmp_path}/drift-data/drift.db"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[baseline]\ndayz = 3\n", ["baseline.dayz", "unknown key", "days, exclude, min_days"]),
        ("[baseline]\ndays = 'many'\n", ["baseline.days", "integer", "'many'"]),
        ("[baseline]\ndays = 1\n", ["baseline.days", "greater than or equal to 2", "1"]),
        ("[detect]\nbudget = 2\n", ["detect.budget", "less than 1", "2"]),
        ("timezone = 'Mars'\n", ["timezone", "Europe/Berlin", "'Mars'"]),
        ("nonsense = 1\n", ["nonsense", "unknown key", "baseline"]),
        ("[metrics.refusal]\nmatter = 1\n", ["metrics.refusal.matter", "enabled, matters"]),
        ("[store\n", ["drift.toml", "not valid TOML"]),
    ],
)
def test_a_wrong_file_is_one_line_that_names_the_key_the_value_and_what_is_allowed(tmp_path, text, says):
    with pytest.raises(ConfigError) as error:
        Config.load(_file(tmp_path, text))
    assert "\n" not in str(error.value)
    for part in says:
        assert part in str(error.value)


def test_a_misspelt_variable_is_an_error_and_not_ignored(tmp_path, monkeypatch):
    monkeypatch.setenv("DRIFT_STOER__TYPE", "demo")
    with pytest.raises(ConfigError, match="DRIFT_STOER__TYPE: unknown environment variable"):
        Config.load(_file(tmp_path, ""))


def test_no_file_says_how_to_get_one(tmp_path):
    with pytest.raises(ConfigError, match="drift init"):
        Config.load(tmp_path / "drift.toml")


def test_a_day_is_the_zones_own_and_short_when_clocks_go_forward():
    config = Config.of({"timezone": "Europe/Berlin"})
    start, end = config.window(date(2026, 3, 29))
    assert start == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert (end - start).total_seconds() == 23 * 3600


def test_lists_of_the_store_can_be_set_in_the_environment(tmp_path, monkeypatch):
    """Containers have nothing else: DRIFT_STORE__ENVIRONMENTS='["production"]'."""
    from drift import stores

    monkeypatch.setenv("DRIFT_STORE__ENVIRONMENTS", '["production", "eu"]')
    monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", "pk")
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", "sk")
    config = Config.load(_file(tmp_path, '[store]\ntype = "langfuse"\n'))
    assert stores.open_store(config).options.environments == ["production", "eu"]


def test_a_limit_of_spending_is_of_what_is_followed():
    limits = [{"of": "endpoint=chat", "day": 1.0}, {"of": "user", "month": 2.0}]
    spend = Config.of({"spend": {"month": 100.0, "limits": limits}}).spend
    assert [(each.dimension, each.value, each.day, each.month) for each in spend.every] == [
        ("all", "", None, 100.0), ("name", "chat", 1.0, None), ("user", "", None, 2.0)]  # fmt: skip
    assert Config.of({}).spend.every == []
    with pytest.raises(ConfigError, match="segments.dimensions"):
        Config.of({"spend": {"limits": [{"of": "metadata.team", "day": 1.0}]}})


def test_a_secret_may_be_in_a_file_and_the_variable_itself_goes_before(tmp_path):
    for name, text in (("salt", "from a file\n"), ("hook", "https://hooks.example\n"), ("none", ""), ("url", "sqlite:///x.db")):
        (tmp_path / name).write_text(text)
    environ = {
        "DRIFT_SALT_FILE": f"{tmp_path}/salt", "DRIFT_SLACK_WEBHOOK__BILLING_FILE": f"{tmp_path}/hook", "AWS_SHARED_CREDENTIALS_FILE": "/x",
        "LANGFUSE_SECRET_KEY_FILE": f"{tmp_path}/none", "DRIFT_JUDGE_KEY": "itself", "DRIFT_JUDGE_KEY_FILE": "/nowhere", "DRIFT_RESULTS__URL_FILE": f"{tmp_path}/url",
    }  # fmt: skip
    secrets_of_files(environ)
    assert environ == {
        "DRIFT_SALT": "from a file", "DRIFT_SLACK_WEBHOOK__BILLING": "https://hooks.example", "AWS_SHARED_CREDENTIALS_FILE": "/x",
        "DRIFT_JUDGE_KEY": "itself", "DRIFT_RESULTS__URL": "sqlite:///x.db",
    }  # fmt: skip
    with pytest.raises(ConfigError, match=r"DRIFT_SALT_FILE: '/nowhere' cannot be read: No such file"):
        secrets_of_files({"DRIFT_SALT_FILE": "/nowhere"})


def test_a_file_stands_for_a_variable_in_every_command(tmp_path, monkeypatch):
    (tmp_path / "url").write_text(f"sqlite:///{tmp_path}/elsewhere.db")
    monkeypatch.setenv("DRIFT_RESULTS__URL", "")
    monkeypatch.delenv("DRIFT_RESULTS__URL")
    monkeypatch.setenv("DRIFT_RESULTS__URL_FILE", f"{tmp_path}/url")
    assert Config.load(_file(tmp_path, "")).results.url.endswith("elsewhere.db")
