"""Writes docs/commands.md from the command line: `python docs/commands_page.py`. A test checks that the page is up to date."""

from __future__ import annotations

from pathlib import Path

import typer
from typer.cli import get_docs_for_click

from drift.cli import app
from drift.text import json_form

PAGE = Path(__file__).with_name("commands.md")

INTRODUCTION = """# The command line

<!-- written by `python docs/commands_page.py` from drift/cli; change it there -->

| exit code | means |
|---|---|
| 0 | ordinary, or done |
| 1 | an error: one line on standard error says what, where and what to do |
| 2 | wrong usage |
| 3 | drift found, or a gate that stops a worsening |
| 4 | too early to tell (`drift ab`) |

`drift --version` says which version this is. `drift --install-completion` teaches your shell (bash, zsh, fish, PowerShell) to complete
commands and options; `drift --show-completion` prints what it would add. `python -m drift` is the same command.

## JSON

`--json` prints one object, in the same form whatever the command; the [webhook](alerts.md#the-webhook) has it too.

{form}
"""


def page() -> str:
    group = typer.main.get_command(app)
    context = typer.Context(group, info_name="drift")
    parts = [
        get_docs_for_click(obj=command, ctx=context, indent=1, name=name, call_prefix="drift").strip()
        for name, command in sorted(group.commands.items())
    ]
    form = "\n".join(line for line in (json_form.__doc__ or "").splitlines() if line.startswith("|"))
    return "\n\n".join([INTRODUCTION.replace("{form}", form).strip(), *parts]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
