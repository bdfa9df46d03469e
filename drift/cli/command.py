"""What every command shares: the application, the two consoles, and the options that several take."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

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
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day; write it as 2026-11-20") from None


def days_back(text: str) -> int:
    number = str(text).removesuffix("d")
    if not number.isdigit() or not 1 < int(number) <= 730:
        raise typer.BadParameter(f"{text!r} is not a number of days from 2 to 730; write it as 30d")
    return int(number)


def _tell_version(asked: bool) -> None:
    if asked:
        print(f"drift {__version__}")
        raise typer.Exit()


ConfigPath = Annotated[Path | None, typer.Option("--config", "-c", help="drift.toml (default: $DRIFT_CONFIG, else here)")]
Strict = Annotated[bool, typer.Option("--strict", help="exit 3 also where nothing is new but an incident is still open")]
Day = Annotated[date | None, typer.Option(parser=day_of, metavar="YYYY-MM-DD", help="default: yesterday")]


@app.callback()
def _whole(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="say which one this is")
    ] = False,
) -> None: ...
