"""`drift mcp`: what drift knows, for an assistant that asks by the Model Context Protocol over stdin and stdout. Read only."""

from __future__ import annotations

import typer

from drift.cli.command import ConfigPath

commands = typer.Typer()


@commands.command()
def mcp(config: ConfigPath = None) -> None:
    """Serve nights, incidents, metrics and comparisons to an assistant (Model Context Protocol, over stdin and stdout); read only."""
    from drift.cli.mcp_server import server
    from drift.config import Config

    server(Config.load(config)).run("stdio")
