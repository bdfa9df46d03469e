"""The command line. It parses, calls the pipeline, prints and exits: 0 nothing new, 1 error, 2 wrong usage, 3 drift found.

One file for a family of commands.
"""

from __future__ import annotations

import logging
import sys

from drift.cli import comparing, events, experiment, golden, incidents, judge, judging, keeping, looking, mcp, nights, starting
from drift.cli.command import app, err
from drift.errors import DriftError, in_one_line
from drift.text.escape import plain

# what somebody typed or a file holds may be in it, and is as long as it is
_LONGEST = 2000

__all__ = ["app", "main"]

# in the order in which `drift --help` lists them
for family in (starting, nights, incidents, events, experiment, looking, comparing, golden, judge, judging, keeping, mcp):
    app.add_typer(family.commands)


def main() -> None:
    """Entry point of the `drift` command: whatever goes wrong is one line on stderr and exit code 1."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    for number, given in enumerate(sys.argv[1:], 1):
        # bytes that are no text reach Python as lone surrogates, which no database and no file takes
        if any("\ud800" <= character <= "\udfff" for character in given):
            _exit_with(f"argument {number} is not valid UTF-8: {ascii(given)[:80]}", 2)
    try:
        app()
    except DriftError as error:
        _exit_with(str(error), error.exit_code)
    except Exception as error:
        _exit_with(in_one_line(error), DriftError.exit_code)


def _exit_with(line: str, code: int) -> None:
    err.print(f"error: {plain(line, _LONGEST)}", markup=False, highlight=False, soft_wrap=True)
    sys.exit(code)
