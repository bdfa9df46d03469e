"""A day as it is compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pyarrow as pa


@dataclass(frozen=True)
class DayProfile:
    """A day as it is compared: its profile (schema `drift.profiles.SCHEMA`) and whether it is fit to be compared with.

    foreign: another version of drift read it than the day that it is compared with.
    """

    day: date
    table: pa.Table
    ok: bool = True
    foreign: bool = False
