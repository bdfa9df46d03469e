"""Housekeeping: old rows go, damage is found, profiles can be made again."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from drift.cli import app
from drift.config import Config
from drift.features.embedding import Embedder, VectorCache, open_encoder
from drift.lake import Lake
from drift.night import maintenance, run
from drift.night.pull import pull_shard
from drift.text import wording

DAYS = [date(2026, 11, day) for day in (9, 10, 11)]


def _config(folder: Path) -> Config:
    given = {"store": {"type": "demo", "traces_per_day": 100}, "embeddings": {"enabled": False}}
    given |= {"lake": {"url": str(folder / "lake")}, "results": {"url": f"sqlite:///{folder}/drift.db"}}
    return Config.of(given)


@pytest.fixture(scope="module")
def three_nights(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("three_nights")
    for day in DAYS:
        run.run_day(_config(folder), day)
    return folder


@pytest.fixture
def config(three_nights, tmp_path) -> Config:
    shutil.copytree(three_nights, tmp_path, dirs_exist_ok=True)
    return _config(tmp_path)


def _parts(config: Config, kind: str, day: date) -> list[Path]:
    return sorted((Path(config.lake.url) / kind / f"day={day}").glob("*.parquet"))


def test_a_whole_lake_has_no_faults(config):
    assert maintenance.verify(config) == []


def test_damage_and_loss_are_named_with_the_remedy(config):
    _parts(config, "profiles", DAYS[0])[0].write_bytes(b"damaged")
    _parts(config, "features", DAYS[1])[0].unlink()
    faults = maintenance.verify(config)
    assert len(faults) == 2
    assert any("profiles of 2026-11-09" in fault and "damaged" in fault for fault in faults)
    assert any("features of 2026-11-10" in fault and "drift run --day 2026-11-10" in fault for fault in faults)


def test_a_day_that_was_never_compared_is_found(config):
    Lake(config.lake.url).delete("findings", DAYS[2])
    assert "never compared" in maintenance.verify(config)[0]


def test_feature_rows_and_vectors_are_kept_as_long_as_configured_and_profiles_for_ever(config):
    today = DAYS[2] + timedelta(days=config.lake.retention_days)
    vectors = Path(config.lake.url) / "embeddings"
    for day in DAYS:
        Embedder(open_encoder(), VectorCache(str(vectors), day)).embed(["kept by its hash"])
    pruned = maintenance.prune(config, today)
    assert list(pruned.days) == DAYS[:2]
    lake = Lake(config.lake.url)
    assert lake.days("features") == [DAYS[2]]
    assert [path.name for path in vectors.iterdir()] == [f"day={DAYS[2]}"]
    assert lake.days("profiles") == DAYS


def test_a_nightly_run_without_airflow_deletes_what_is_too_old(config, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "yesterday", lambda config: DAYS[2])
    file = tmp_path / "drift.toml"
    file.write_text(
        f'store.type = "demo"\nstore.traces_per_day = 100\nembeddings.enabled = false\nlake.url = "{config.lake.url}"\n'
    )
    with file.open("a") as more:
        more.write(f'lake.retention_days = 1\nresults.url = "{config.results.url}"\n')
    for given in (["--day", f"{DAYS[2]}"], []):
        assert CliRunner().invoke(app, ["run", "--config", str(file), *given]).exit_code in (0, 3)
        assert Lake(config.lake.url).days("features") == (DAYS if given else DAYS[1:])


def test_what_killed_runs_left_behind_goes_but_not_what_may_be_being_written(config):
    for day in DAYS:
        (Path(config.lake.url) / "features" / f"day={day}" / "left.parquet").write_bytes(b"x")
    # the 11th was yesterday, and the 10th may be being pulled again
    assert maintenance.prune(config, date(2026, 11, 12)).orphans == 1


def test_making_profiles_again_after_a_segment_was_added(config):
    assert list(maintenance.profile_again(config, date(2026, 12, 1), date(2026, 12, 2))) == []
    config.segments.dimensions = ["name", "release"]
    nights = list(maintenance.profile_again(config, DAYS[1], DAYS[2]))
    assert [night.day for night in nights] == DAYS[1:]
    profile = Lake(config.lake.url).read("profiles", DAYS[2])
    assert "release" in set(profile["dimension"].to_pylist())


def test_a_segment_that_the_stored_features_lack_needs_the_store(config):
    every = (DAYS[0], DAYS[-1])
    assert maintenance.lacking(config, *every) == []
    config.segments.dimensions = ["name", "environment"]
    assert maintenance.lacking(config, *every) == DAYS
    pulled = {day: [pull_shard(config, day)] for day in DAYS[1:]}
    assert maintenance.lacking(config, *every) == DAYS
    assert len(list(maintenance.profile_again(config, DAYS[1], DAYS[2], pulled))) == 2
    assert maintenance.lacking(config, *every) == DAYS[:1]
    profile = Lake(config.lake.url).read("profiles", DAYS[2])
    assert "environment" in set(profile["dimension"].to_pylist())


def test_a_day_of_which_the_store_has_nothing_left_stays(config):
    lake = Lake(config.lake.url)
    before = lake.manifest("profiles", DAYS[1])
    nothing = lake.write_part("features", DAYS[1], lake.read("features", DAYS[1]).slice(0, 0))
    assert [night.day for night in maintenance.profile_again(config, DAYS[1], DAYS[2], {DAYS[1]: [nothing]})] == DAYS[2:]
    assert lake.manifest("profiles", DAYS[1]) == before
    assert lake.read("features", DAYS[1]).num_rows > 0


def test_the_report_shows_what_was_made_again_and_the_last_night_stays_the_last(config):
    report = Path(config.lake.url) / "report"
    old = {path: path.read_text() for path in report.rglob("*.html")}
    config.segments.dimensions = ["name", "release"]
    list(maintenance.profile_again(config, DAYS[0], DAYS[1]))
    assert wording.day(DAYS[2]) in (report / "index.html").read_text()
    # volume is followed in each segment, and so in each release now
    page = report / "metric" / "volume.html"
    assert page.read_text() != old[page] and "release = " in page.read_text()
