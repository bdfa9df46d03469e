"""Work in other processes of this machine: many pieces at once on all cores, or one piece beside what this process does."""

from __future__ import annotations

import copy
import logging
import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from logging.handlers import QueueHandler
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from typing import Any, ParamSpec, Protocol, TypeVar

from drift.errors import DriftError, UnforeseenError, in_one_line

Given = TypeVar("Given")
Made = TypeVar("Made")
Piece = ParamSpec("Piece")


class Map(Protocol):
    """What `map` is, of one iterable."""

    def __call__(self, work: Callable[[Given], Made], pieces: Iterable[Given], /) -> Iterator[Made]: ...


def cores() -> int:
    """How many of the machine's cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def workers(pieces: int) -> Iterator[Map]:
    """A `map` over at most so many pieces at once; results come in order. In this process where there is one core, or one piece.

    Raises what the work raised, and UnforeseenError where a process was killed.
    """
    if min(pieces, cores()) < 2:
        yield map
        return
    given = (dict(os.environ),)
    pool = ProcessPoolExecutor(min(pieces, cores()), mp_context=_context(), initializer=_alone, initargs=given)
    try:
        yield pool.map
    except BrokenProcessPool:
        raise UnforeseenError(
            "a process that worked on a shard was killed; the machine may be out of memory: raise pull.shards"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def beside(work: Callable[Piece, Made]) -> Iterator[Callable[Piece, Callable[[], Made]]]:
    """`work` as a function that begins it in a process beside this one and returns what waits for it. One piece of work at a time; the
    process lives as long as the block, and what it logs is logged here.

    Waiting raises what the work raised, and UnforeseenError where the process was killed.
    """
    context = _context()
    here, there = context.Pipe()
    given = (there, work, dict(os.environ), logging.getLogger().getEffectiveLevel())
    process = context.Process(target=_serve, args=given, daemon=True)  # type: ignore[attr-defined]
    process.start()
    there.close()

    def wait() -> Made:
        while True:
            try:
                ended, made = here.recv()
            except (EOFError, ConnectionResetError):
                raise UnforeseenError(
                    "a process that worked beside this one was killed; the machine may be out of memory: raise pull.shards"
                ) from None
            if not ended:
                logging.getLogger(made.name).handle(made)
            elif isinstance(made, Exception):
                raise made
            else:
                return made  # type: ignore[no-any-return]

    def begin(*piece: Piece.args, **named: Piece.kwargs) -> Callable[[], Made]:
        # of a process that is gone it is said when somebody waits for it
        with suppress(BrokenPipeError):
            here.send((piece, named))
        return wait

    try:
        yield begin
    finally:
        process.kill()
        process.join()
        here.close()


def _serve(there: Connection, work: Callable[..., Any], environment: dict[str, str], level: int) -> None:
    _environment(environment)
    # an interrupt of the terminal reaches all its processes; the one that began this one says so
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    log = _Sent(there)
    # the message alone, for where it is handled it gets its time and name
    logging.basicConfig(level=level, handlers=[log], format="%(message)s", force=True)
    # until the process that began this one is gone
    with suppress(EOFError, OSError):
        while True:
            piece, named = there.recv()
            try:
                made = work(*piece, **named)
            except Exception as error:
                made = _portable(error)
            log.send(True, made)


class _Sent(QueueHandler):
    """Sends what is logged to the process that began this one, in the form (is the work ended, what it made or a record)."""

    def __init__(self, there: Connection):
        super().__init__(None)  # type: ignore[arg-type]
        self._there, self._lock = there, threading.Lock()

    def enqueue(self, record: logging.LogRecord) -> None:
        self.send(False, record)

    def send(self, ended: bool, what: object) -> None:
        with self._lock:
            self._there.send((ended, what))


def _portable(error: Exception) -> DriftError:
    """The error as the other process can raise it, with the traceback of this one."""
    found = error if isinstance(error, DriftError) else UnforeseenError(in_one_line(error))
    try:
        copy.copy(found)
    except Exception:
        # of a store that is not drift's own, with an __init__ of its own
        found = UnforeseenError(in_one_line(found))
    # without its message, see `in_one_line`
    found.add_note("".join(traceback.format_tb(error.__traceback__)))
    return found


def _context() -> BaseContext:
    # this process must not be forked, for it has threads, as Arrow's; one that imported what a night needs and did nothing else may be,
    # so that the seconds of importing are spent once and not by each process of each step
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["drift.night.pull", "drift.night.sum_up"])
    return context


def _environment(environment: dict[str, str]) -> None:
    # the process that this one is forked from may be older than what is set now
    os.environ.clear()
    os.environ.update(environment)


def _alone(environment: dict[str, str]) -> None:
    _environment(environment)
    # one thread a process: they would wait for each other
    import pyarrow as pa

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
