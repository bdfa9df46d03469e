"""Several applications in one place: a folder of drift.toml files, each an application of its own with its lake, tables and budget.

The folder's applications share the environment's secrets, one page that lists them, and one digest a week.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from drift import alerts
from drift.config import Config
from drift.config import applications as files_of
from drift.errors import ConfigError, DataError
from drift.lake import Lake
from drift.night.run import last_day
from drift.results import Results
from drift.results.account import NightAccount, tell

PAGE = "applications.html"
_SUNDAY = 6


@dataclass(frozen=True)
class Application:
    """One of the folder's files; its name is the file's. weekly: the digest is wanted, which all of them have together, so that `config`
    has none of its own."""

    name: str
    file: Path
    config: Config
    weekly: bool


def load(folder: str | os.PathLike[str] | None = None) -> list[Application]:
    """The applications of the folder, or of $DRIFT_CONFIG; none where that is no folder.

    Raises ConfigError where one cannot be read, or two would write to one place.
    """
    found = [_application(name, file) for name, file in files_of(folder).items()]
    for what in ("lake", "results"):
        places: dict[str, list[str]] = defaultdict(list)
        for each in found:
            places[getattr(each.config, what).url].append(each.name)
        for url, of in places.items():
            if len(of) > 1:
                raise ConfigError(f"{what}.url: {url} is that of {' and '.join(of)}; each application needs its own")
    return found


def _application(name: str, file: Path) -> Application:
    config = Config.load(file)
    alone = config.alerts.model_copy(update={"digest": False})
    return Application(name, file, config.model_copy(update={"alerts": alone}), weekly=config.alerts.digest)


def accounts(applications: Sequence[Application]) -> list[tuple[Application, NightAccount | None]]:
    """The last night of each; None where none was run."""
    out: list[tuple[Application, NightAccount | None]] = []
    for each in applications:
        results = Results.of(each.config)
        try:
            out.append((each, tell(results, last_day(each.config), each.config.report.url)))
        except DataError:
            out.append((each, None))
        finally:
            results.close()
    return out


def write_page(applications: Sequence[Application]) -> None:
    """The page that lists them, into the report of each."""
    from drift.report import together

    told = accounts(applications)
    for each in applications:
        if each.config.report.enabled:
            rows = [together.Row(other.name, _address(other, each), account) for other, account in told]
            together.write(Lake(each.config.lake.url), PAGE, rows, each.config.timezone)


def _address(other: Application, reader: Application) -> str:
    """Where another application's report is for a reader of this one's; empty where that is not known."""
    if other.config.report.url:
        return f"{other.config.report.url.rstrip('/')}/index.html"
    there, here = (Lake(each.config.lake.url).local_path("report") for each in (other, reader))
    return f"{os.path.relpath(there, here)}/index.html" if there and here else ""


def tell_week(applications: Sequence[Application], day: date) -> list[alerts.Delivery]:
    """Post the digest of the week that the last Sunday up to `day` ended, of all of them in one message, once.

    It is written down in the tables of the first, and goes to the places that its configuration names. On Sunday's night itself it waits
    for the last of them.
    """
    if not applications or not applications[0].weekly:
        return []
    with ExitStack() as stack:
        opened = [(each.name, Results.of(each.config)) for each in applications]
        for _, results in opened:
            stack.callback(results.close)
        if day.weekday() == _SUNDAY and not all(results.verdicts(day, day) for _, results in opened):
            return []
        return alerts.deliver_week(opened, alerts.configured(applications[0].config), day)
