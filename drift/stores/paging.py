"""Listings that come a page at a time, by cursor or by number, in pages that adapt to what the server can give at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from drift.errors import StoreError
from drift.stores.http import Http, TooMuch

# Langfuse Cloud documents a cap of 5 MB an answer; a page is kept below it
PAGE_BYTES = 4_500_000
SMALLEST_PAGE = 5


class PageSize:
    """Rows to ask for at once: kept below `PAGE_BYTES` an answer, halved when an answer fails as too much."""

    def __init__(self, most: int):
        self.most = most
        self.limit = most
        self._ceiling = float(most)

    def seen(self, rows: int, size: int) -> None:
        if rows:
            self._ceiling = min(self.most, self._ceiling * 1.5)
            fits = int(PAGE_BYTES / max(size / rows, 1))
            self.limit = max(SMALLEST_PAGE, min(int(self._ceiling), fits))

    def shrink(self, asked: int) -> bool:
        """Ask for less than was `asked`; False where that is not possible any more."""
        if asked <= SMALLEST_PAGE:
            return False
        self._ceiling = max(SMALLEST_PAGE, min(self._ceiling, asked / 2))
        self.limit = int(self._ceiling)
        return True


def by_cursor(
    http: Http, path: str, params: dict, size: PageSize, cursor_of: Callable[[dict], str | None] | None = None
) -> Iterator[list[dict]]:
    """The rows of every page of a listing that hands out a cursor (by default `meta.cursor`), absent on the last page.

    Raises StoreError where a cursor comes again: the listing would never end or would skip.
    """
    cursor: str | None = None
    seen: set[str] = set()
    failures = 0
    while True:
        asked = size.limit
        try:
            answer, weight = http.get(
                path, {**params, "limit": asked, **({"cursor": cursor} if cursor else {})}, shrinkable=asked > SMALLEST_PAGE
            )
        except TooMuch:
            failures += 1
            size.shrink(asked)
            http.pause(failures)
            continue
        failures = 0
        rows = _rows(http, path, answer)
        size.seen(len(rows), weight)
        yield rows
        cursor = cursor_of(answer) if cursor_of else meta_of(answer).get("cursor")
        if not cursor:
            return
        if cursor in seen:
            raise StoreError(
                f"{http.who} at {http.host}: {path} repeated a cursor, the listing is not whole; run again", retryable=True
            )
        seen.add(cursor)


def by_page(http: Http, path: str, params: dict, size: PageSize) -> Iterator[tuple[list[dict], int | None]]:
    """(rows, meta.totalItems) of every page of a numbered listing. A page that is too much is asked for in smaller ones."""
    done = failures = 0
    limit = size.limit
    while True:
        try:
            answer, _ = http.get(path, {**params, "limit": limit, "page": done // limit + 1}, shrinkable=limit > SMALLEST_PAGE)
        except TooMuch:
            # a limit that divides what is done, so that the next page starts where the last one ended
            limit = next(n for n in range(max(limit // 2, 1), 0, -1) if done % n == 0)
            size.limit = max(limit, SMALLEST_PAGE)
            failures += 1
            http.pause(failures)
            continue
        failures = 0
        rows = _rows(http, path, answer)
        total = meta_of(answer).get("totalItems")
        yield rows, total
        done += limit
        if len(rows) < limit and (total is None or done >= total):
            return
        if total is not None and done >= total:
            return


def _rows(http: Http, path: str, answer: object) -> list[dict]:
    """The rows of an answer. Raises StoreError where it has none, not even an empty list."""
    rows = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise StoreError(f"{http.who} at {http.host}: {path} answered without a list of data")
    if not all(isinstance(row, dict) for row in rows):
        raise StoreError(f"{http.who} at {http.host}: {path} answered with rows that are none; run again", retryable=True)
    return rows


def meta_of(answer: Any) -> dict[str, Any]:
    """What an answer says of its listing; nothing where that is no object."""
    given = answer.get("meta") if isinstance(answer, dict) else None
    return given if isinstance(given, dict) else {}
