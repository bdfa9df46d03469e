"""The command line. It parses, calls the pipeline, prints and exits: 0 nothing new, 1 error, 2 wrong usage, 3 drift found.

One file for a family of commands.
"""

from __future__ import annotations

import logging
import sys

from drift.cli import comparing, events, experiment, golden, incidents, judge, judging, keeping, looking, mcp, nights, starting
from drift.cli.command import app, err
from drift.errors import DriftError, in_one_line

__all__ = ["app", "main"]

# in the order in which `drift --help` lists them
for family in (starting, nights, incidents, events, experiment, looking, comparing, golden, judge, judging, keeping, mcp):
    app.add_typer(family.commands)


def main() -> None:
    """Entry point of the `drift` command: whatever goes wrong is one line on stderr and exit code 1."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        app()
    except DriftError as error:
        _exit_with(str(error), error.exit_code)
    except Exception as error:
        _exit_with(in_one_line(error), DriftError.exit_code)


def _exit_with(line: str, code: int) -> None:
    err.print(f"error: {line}", markup=False, highlight=False, soft_wrap=True)
    sys.exit(code)
