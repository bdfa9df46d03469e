"""What of a store's files cannot be read: a broken line costs itself and is counted, a share of them the days around them.

Where a line stands is known by the rows around it in its file; for a file that cannot be read at all, by its name and by when it was
last written.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

from drift.errors import DataError, StoreError
from drift.stores.readers import File, UnfinishedError, UnreadableError

log = logging.getLogger(__name__)

# share of a window's lines that may be lost
_LOST = 0.1
# a file that cannot be read to its end and was written to so lately may still be being written
_QUIET = timedelta(minutes=10)
# a file is named by the day in which it was begun, or by the one in which it was written
_NAMED = timedelta(days=2)
_DATE = re.compile(r"(?<!\d)(20\d\d)[-_]?([01]\d)[-_]?([0-3]\d)(?!\d{3})")


class Damage:
    """The reading of one window, [start, end), from files that may be broken. `lost` and `seen` are called in the order of a file."""

    def __init__(self, start: datetime, end: datetime):
        self._start, self._end = start, end
        self._seen_any = False
        self._good = self._bad = self._waiting = 0
        self._last: datetime | None = None
        self._first: DataError | None = None
        self._elsewhere: list[DataError] = []

    @contextmanager
    def reading(self, file: File) -> Iterator[None]:
        """Around the reading of a file. Raises DataError where what cannot be read may be of the window, StoreError where it is written to."""
        self._last, self._waiting = None, 0
        try:
            yield
        except UnreadableError as error:
            self._unreadable(file, error)

    def seen(self, moment: datetime) -> None:
        """A row that could be read."""
        self._seen_any = True
        if self._start <= moment < self._end:
            self._good += 1
            self._bad += self._waiting
        self._last, self._waiting = moment, 0

    def lost(self, error: DataError) -> None:
        """A row that could not."""
        self._first = self._first or error
        if isinstance(error, UnfinishedError):
            # what is being written now is not of a day that is over
            return
        if self._last is not None and self._start <= self._last < self._end:
            self._bad += 1
        else:
            self._waiting += 1

    def tell(self) -> None:
        """Says what was left out. Raises DataError where it is too much of the window, or everything there is."""
        for error in self._elsewhere:
            log.warning("%s; it is left out: its rows seem to be of other days than %s", error, f"{self._start:%Y-%m-%d}")
        if self._first is None:
            return
        if not self._seen_any:
            raise self._first
        lines = self._good + self._bad
        if self._bad > _LOST * lines:
            raise DataError(f"{self._first}; of {lines:,} lines of {self._start:%Y-%m-%d} {self._bad:,} cannot be read")
        if self._bad:
            log.warning("%s; %s of %s lines cannot be read and are left out", self._first, f"{self._bad:,}", f"{lines:,}")

    def _unreadable(self, file: File, error: UnreadableError) -> None:
        written = file.modified()
        if not self._may_be_of_the_window(file, written):
            self._elsewhere.append(error)
        elif error.cut and written is not None and datetime.now(UTC) - written < _QUIET:
            raise StoreError(
                f"{error}; it was written to at {written:%H:%M} UTC and may not be whole yet", retryable=True
            ) from None
        else:
            raise error

    def _may_be_of_the_window(self, file: File, written: datetime | None) -> bool:
        named = _named(file.name)
        if named is not None:
            return self._start.date() - _NAMED <= named <= self._end.date() + _NAMED
        if self._last is not None:
            return self._start <= self._last < self._end
        return written is None or written >= self._start


def _named(name: str) -> date | None:
    """The last day that a file's name tells."""
    for year, month, day in reversed(_DATE.findall(name)):
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            continue
    return None
