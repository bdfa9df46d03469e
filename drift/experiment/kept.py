"""What stays of an experiment beside its numbers: its verdict, for whoever opens the incident later. It holds no text of a trace."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from drift.lake import Lake


@dataclass(frozen=True)
class Kept:
    """The last experiment of an incident. day: when it was made, as YYYY-MM-DD; sentence: its verdict; causes: the parts that are proved."""

    day: str
    sentence: str
    causes: tuple[str, ...] = ()
    not_there: bool = False

    def __str__(self) -> str:
        return f"{self.day}: {self.sentence}"


def keep(lake: Lake, incident: str, kept: Kept) -> None:
    """In place of what was kept of an earlier one."""
    lake.write_bytes(_path(incident), json.dumps(asdict(kept), ensure_ascii=False).encode())


def kept(lake: Lake, incident: str) -> Kept | None:
    """The last experiment of an incident (its whole id); None where none was made, or by a drift that kept no sentence."""
    found = lake.read_bytes(_path(incident))
    given = json.loads(found) if found else {}
    if not given.get("sentence"):
        return None
    return Kept(given["day"], given["sentence"], tuple(given["causes"]), given["not_there"])


def _path(incident: str) -> str:
    return f"experiments/{incident}.json"
