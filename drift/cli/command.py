"""What every command shares: the application, the two consoles, and the options that several take."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from drift import __version__

app = typer.Typer(
    no_args_is_help=True,
    # with rich, typer imports markdown, tracebacks and syntax highlighting, which takes longer than all the rest
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Every morning, whether yesterday was an ordinary day of an LLM application, and if not, what changed.",
    epilog="Exits with 0 nothing new, 1 error, 2 wrong usage, 3 drift found.",
)
out = Console()
err = Console(stderr=True)


def day_of(text: str) -> date:
    try:
        return _in_reach(date.fromisoformat(text))
    except ValueError:
        raise typer.BadParameter(f"{text!r:.80} is not a day; write it as 2026-11-20") from None


# a day has another before and after it in any zone, and no store has traces of the 19th century
_YEARS = range(1970, 9000)
_Day = TypeVar("_Day", bound=date)


def _in_reach(day: _Day) -> _Day:
    """The day or time itself. Raises ValueError for one of which nothing can be asked."""
    if day.year not in _YEARS:
        raise ValueError(day)
    return day


_AGO = {"h": "hours", "m": "minutes"}


def moment_of(text: str) -> datetime:
    """A point in time, with a zone where it says one, or how long ago it was."""
    try:
        if text[-1:] in _AGO and text[:-1].isdecimal():
            return _in_reach(datetime.now(UTC) - timedelta(**{_AGO[text[-1]]: int(text[:-1])}))
        return _in_reach(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            f"{text!r:.80} is no time; write it as 2026-11-29T14:00, or how long ago as 2h or 90m"
        ) from None


def days_back(text: str) -> int:
    number = str(text).removesuffix("d")
    if not (number.isdecimal() and len(number) < 9) or not 1 < int(number) <= 730:
        raise typer.BadParameter(f"{text!r:.80} is not a number of days from 2 to 730; write it as 30d")
    return int(number)


def print_json(kind: str, content: Mapping[str, Any]) -> None:
    """One JSON object, as `drift.text.json_form` says."""
    from drift.text import json_form

    print(json.dumps(json_form.of(kind, content), ensure_ascii=False, indent=2, allow_nan=False))


def _tell_version(asked: bool) -> None:
    if asked:
        print(f"drift {__version__}")
        raise typer.Exit()


ConfigPath = Annotated[Path | None, typer.Option("--config", "-c", help="drift.toml (default: $DRIFT_CONFIG, else here)")]
Strict = Annotated[bool, typer.Option("--strict", help="exit 3 also where nothing is new but an incident is still open")]
Json = Annotated[bool, typer.Option("--json", help="all of it, as one JSON object")]
Day = Annotated[date | None, typer.Option(parser=day_of, metavar="YYYY-MM-DD", help="default: yesterday")]


@app.callback()
def _whole(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="say which one this is")
    ] = False,
) -> None: ...
