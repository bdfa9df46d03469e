"""`drift doctor`: does each part that a night needs work, and what to do if it does not. It changes nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from sqlalchemy.engine import make_url

from drift import stores
from drift.config import Config
from drift.errors import DriftError
from drift.judge import leaving
from drift.lake import Lake
from drift.night import preflight, sample
from drift.stores import Check
from drift.text import wording


def examine(config: Config) -> list[Check]:
    """Every check in the order of a night. Never raises for what it examines: that is a failed check."""
    checks: list[Check] = []
    for name, examination in (
        ("configuration", _names),
        ("store", _store),
        ("users", _salt),
        ("lake", _lake),
        ("database", _database),
        ("embedder", _embedder),
        ("judge", _judge),
        ("texts", _texts),
        ("alerts", _alerts),
        ("gauges", _gauges),
        ("heartbeat", _heartbeat),
    ):
        checks.extend(_guarded(name, examination, config))
    return checks


def send_test(config: Config) -> list[Check]:
    """Post a test message to every sink: whether it arrived, as far as the receiver says."""
    from drift import alerts
    from drift.alerts.notice import notify

    checks = []
    for sink in alerts.configured(config):
        if sink.keyed:
            checks.append(Check("test alert", True, f"{sink.channel}: not tried, for it would be a ticket"))
            continue
        failed = notify(
            [sink], "drift: a test alert", ["Sent by `drift doctor --send-test`. Nothing is wrong."], config.report.url
        )
        checks.append(Check("test alert", not failed, failed[0] if failed else f"{sink.channel}: accepted"))
    return checks or [
        Check(
            "test alert",
            False,
            "nobody is told: no sink is configured",
            "set DRIFT_SLACK_WEBHOOK to the URL of a Slack incoming webhook",
        )
    ]


def _guarded(name: str, examination: Callable[[Config], Iterator[Check]], config: Config) -> list[Check]:
    try:
        return list(examination(config))
    except DriftError as error:
        return [Check(name, False, str(error))]
    except Exception as error:  # a broken part must not hide the parts after it
        return [Check(name, False, f"{type(error).__name__}: {error}".splitlines()[0])]


def _names(config: Config) -> Iterator[Check]:
    from drift.features.context import check_dimensions

    check_dimensions(config.segments.dimensions)
    preflight.names(config)
    yield Check(
        "configuration", True, f"segments by {', '.join(config.segments.dimensions) or 'nothing'}; {len(config.rules)} rules"
    )


def _store(config: Config) -> Iterator[Check]:
    store = stores.open_store(config)
    done = store.check()
    yield from done
    if all(check.ok for check in done):
        yield from sample.checks(config, store)


def _salt(config: Config) -> Iterator[Check]:
    if os.environ.get("DRIFT_SALT"):
        yield Check("users", True, "user ids are hashed with DRIFT_SALT")
    else:
        yield Check(
            "users",
            config.store.type == "demo",
            "DRIFT_SALT is not set: hashed user ids can be guessed",
            "export DRIFT_SALT=$(openssl rand -hex 32), and keep it: another salt makes other users",
        )


def _lake(config: Config) -> Iterator[Check]:
    lake = Lake(config.lake.url)
    lake.write_bytes("doctor", b"ok")
    readable = lake.read_bytes("doctor") == b"ok"
    lake.remove("doctor")
    days = lake.days("profiles")
    stored = f"{len(days)} days, {days[0]} to {days[-1]}" if days else "no days yet"
    yield Check("lake", readable, f"{config.lake.url}: {stored}", "check the folder or bucket and its credentials")


def _database(config: Config) -> Iterator[Check]:
    url = make_url(config.results.url)
    shown = url.render_as_string(hide_password=True)
    if url.drivername.startswith("sqlite") and not os.path.exists(url.database or ""):
        yield Check("database", True, f"{shown}: will be made by the first run")
        return
    preflight.database(config)
    yield Check("database", True, shown)


def _embedder(config: Config) -> Iterator[Check]:
    from drift.features.embedding import open_embedder

    embedder = open_embedder(config)
    if embedder is None:
        yield Check("embedder", True, "off (embeddings.enabled = false): topics and meaning are not followed")
        return
    dimensions = embedder.embed(["Does this model answer?"]).shape[1]
    sample = f"{config.embeddings.sample:,} traces a day"
    yield Check("embedder", True, f"{embedder.encoder}, {dimensions} dimensions, at most {sample}")


def _judge(config: Config) -> Iterator[Check]:
    from drift.judge import anchors
    from drift.judge.chat import installed, prices_of
    from drift.judge.rubrics import chosen, of_sessions

    section = config.judge
    if not (section.rubrics or section.sessions) or not section.model:
        yield Check("judge", True, "off (judge.rubrics, judge.model): no model is asked about answers")
        return
    installed(section.provider)
    asked = [rubric.name for rubric in (*chosen(section), *of_sessions(section))]
    prices_of(section)
    known = len(anchors.read(section.anchors))
    yield Check(
        "judge",
        known > 0,
        f"{section.model} about {', '.join(asked)}: {wording.percent(section.share)} of the requests and sessions, "
        f"at most {section.calls:,} calls and "
        f"${section.usd:g} a night; {known} anchors",
        ""
        if known
        else "choose anchors with `drift judge anchors`: without them nobody knows whether it was the judge that changed",
    )


def _texts(config: Config) -> Iterator[Check]:
    """Which kind of text goes to which host."""
    yield Check("texts", True, leaving.told(config))


def _alerts(config: Config) -> Iterator[Check]:
    from drift import alerts

    sinks = alerts.configured(config)
    if not sinks:
        nobody = "nobody is told: set DRIFT_SLACK_WEBHOOK to the URL of a Slack incoming webhook"
        yield Check("alerts", True, nobody)
    for sink in sinks:
        yield Check("alerts", True, f"{sink.channel}: configured; `drift doctor --send-test` shows whether it works")


def _gauges(config: Config) -> Iterator[Check]:
    from drift.alerts import otel

    if not config.alerts.otel:
        yield Check("gauges", True, "off (alerts.otel = false): no OpenTelemetry gauges")
    elif problem := otel.missing():
        what, _, remedy = problem.partition("; ")
        yield Check("gauges", False, what, remedy)
    else:
        yield Check("gauges", True, f"each night as OpenTelemetry gauges to {otel.endpoint()}")


def _heartbeat(config: Config) -> Iterator[Check]:
    from drift.alerts import heartbeat

    silent = f"no dead man's switch ({heartbeat.URL}): that no night ran is noticed by `drift doctor --nights` alone"
    yield Check("heartbeat", True, "each night says that it ended to a dead man's switch" if heartbeat.address() else silent)
