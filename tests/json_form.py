"""What holds for anything that drift tells as JSON, as `drift.text.json_form` says."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from typing import Any

import pytest

from drift.text import json_form

_DAYS = {"day", "since", "opened", "closed", "first", "last", "fixed_since"}
_TIMES = {"at", "from", "timestamp"}
_ID = re.compile(r"[0-9a-f]{12}")
# other names of what the form has a name for
_OTHERWISE = {
    *json_form.NAMES,
    *(end for ends in json_form.INTERVALS for end in ends),
    "change_low",
    "change_high",
    "dimension",
}


def valid(told: str, kind: str = "") -> dict[str, Any]:
    """What was printed, read again; fails where it is not of the form."""
    read = json.loads(told, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert list(read)[:2] == ["kind", "version"] and read["version"] == json_form.VERSION
    assert not kind or read["kind"] == kind
    _holds({name: value for name, value in read.items() if name not in ("kind", "version")}, "")
    return read


def _holds(value: Any, path: str) -> None:
    if isinstance(value, list):
        for number, each in enumerate(value):
            _holds(each, f"{path}[{number}]")
    elif isinstance(value, dict):
        for name, each in value.items():
            _named(name, each, value, f"{path}.{name}")
    else:
        assert value not in ("", "NaT", "nan", "None", "inf"), f"{path} is {value!r}, which is unknown"


def _named(name: str, value: Any, beside: dict[str, Any], path: str) -> None:
    # asked for with --dimension, which is no place
    assert name not in _OTHERWISE or name == "dimension" and "a" in beside, f"{path}: the form has another name for it"
    if name == "segment":
        assert list(value) == ["dimension", "value"] and value["dimension"], path
    elif name in ("row", "pairs"):
        json.dumps(value)
    elif name == "incident":
        assert value is None or _ID.fullmatch(value), f"{path} is {value!r}"
    elif name in _DAYS and isinstance(value, str):
        assert date.fromisoformat(value).isoformat() == value, path
    elif name in _TIMES and isinstance(value, str):
        assert datetime.fromisoformat(value).tzinfo is not None, f"{path} has no zone"
    elif name.endswith("interval"):
        assert value is None or len(value) == 2 and (None in value or value[0] <= value[1]), f"{path} is {value}"
    else:
        _holds(value, path)
