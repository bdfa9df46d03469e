"""The same work on many pieces, in processes on all cores of this machine."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.context import BaseContext
from typing import Protocol, TypeVar

from drift.errors import UnforeseenError

Given = TypeVar("Given")
Made = TypeVar("Made")


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


def _context() -> BaseContext:
    # this process must not be forked, for it has threads, as Arrow's; one that imported what a night needs and did nothing else may be,
    # so that the seconds of importing are spent once and not by each process of each step
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["drift.night.pull", "drift.night.sum_up"])
    return context


def _alone(environment: dict[str, str]) -> None:
    # the process that this one is forked from may be older than what is set now
    os.environ.clear()
    os.environ.update(environment)
    # one thread a process: they would wait for each other
    import pyarrow as pa

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
