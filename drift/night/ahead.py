"""The pulls of a backfill: while a day is compared, the next one is pulled and measured beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from drift.config import Config
from drift.night import processes
from drift.night.pull import pull_day, pull_shard


class Pulls:
    """The parts of one day after another.

    What a pull reads of earlier days is their profiles and topics: it may begin as soon as the day before is summed up.
    """

    def __init__(self, config: Config, begin: Callable[[Config, date], Callable[[], str]] | None):
        self._config, self._begin = config, begin
        self._next: Callable[[], str] | None = None

    def begin(self, day: date) -> None:
        """Begin to pull the day that is asked for next, where there is a core for it."""
        if self._begin is not None:
            self._next = self._begin(self._config, day)

    def parts(self, day: date) -> list[str]:
        """The names of the day's parts in the lake. Raises as `pull_day`."""
        begun, self._next = self._next, None
        return [begun()] if begun is not None else pull_day(self._config, day)


@contextmanager
def pulls(config: Config, in_advance: bool) -> Iterator[Pulls]:
    """The pulls of days that follow each other; at the end one that is under way is given up, as if its process had died.

    in_advance: in a process of its own, where there is a core for it. It imports the program that was started, which must therefore do
    its work below `if __name__ == "__main__"`.
    """
    # several shards of a day take all cores by themselves
    if not in_advance or config.pull.shards > 1 or processes.cores() < 2:
        yield Pulls(config, None)
        return
    with processes.beside(pull_shard) as begin:
        yield Pulls(config, begin)
