"""One night at a time: nights of one lake and one database take turns, by whatever they were started.

A night is compared with the incidents of the nights before it, so two that overlap would each miss what the other finds. A process that
dies gives its turn back.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from drift.config import Config
from drift.errors import DriftError
from drift.lake import Lake
from drift.results import Results

log = logging.getLogger(__name__)

PATIENCE_S = 6 * 3600
_PAUSE_S = 1.0
_FILE = ".night.lock"


@contextmanager
def turn(config: Config, sleep: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """Wait for the nights that are under way, and keep others waiting. Raises DriftError after `PATIENCE_S`."""
    results = Results(config.results.url)
    with ExitStack() as held:
        held.callback(results.close)
        here = Lake(config.lake.url).local_path(_FILE) or results.database.beside(_FILE)
        if here is not None:
            _wait(held, lambda: _file_lock(Path(here), f"lake.url {config.lake.url}"), f"the lake {config.lake.url}", sleep)
        _wait(held, results.database.night_lock, f"the tables {results.database.name}", sleep)
        yield


def _wait(held: ExitStack, lock: Callable[[], AbstractContextManager[bool]], what: str, sleep: Callable[[float], None]) -> None:
    waited = 0.0
    while True:
        with ExitStack() as tried:
            if tried.enter_context(lock()):
                held.push(tried.pop_all())
                return
        if waited == 0:
            log.info("another night of %s is under way; waiting for it", what)
        if waited >= PATIENCE_S:
            raise DriftError(
                f"another night of {what} has been under way for {PATIENCE_S // 3600} h; end it, or run again later"
            )
        sleep(_PAUSE_S)
        waited += _PAUSE_S


@contextmanager
def _file_lock(path: Path, what: str) -> Iterator[bool]:
    """Whether the lock was free; it is held until the end. The file stays, for one that is deleted can be locked twice."""
    try:
        import fcntl
    except ImportError:
        # not on Windows
        yield True
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a")
    except OSError as error:
        raise DriftError(f"{what}: {error.strerror}: {path}, by which nights take turns") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        except OSError:
            # a file system without locks
            log.warning("%s cannot be locked: nights that overlap are not kept apart", path)
        yield True
