"""How the process holds memory while it measures: it keeps what it has, instead of giving it back after every batch."""

from __future__ import annotations

import ctypes
import sys
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_KEPT = 256 << 20
# the largest that glibc takes
_FROM_HEAP = 32 << 20


@cache
def keep() -> bool:
    """Let the C library keep up to 256 MB of freed memory for the next batch; returns whether it could be told so.

    Batches make and drop arrays of a few megabytes. Handing each back to the kernel and asking for it again took a sixth of
    the time (`python -m benchmarks.speed`). Only glibc understands this; elsewhere nothing happens.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _FROM_HEAP)) and bool(mallopt(_TRIM_THRESHOLD, _KEPT))
