"""The tools that a model was offered, and whether what it asked for keeps to them.

A tool is told by its name and the hash of its schema; descriptions, which are prompts, are left out of it. Of a schema only what JSON
Schema makes certain is held against arguments: a property that is required, one that is not allowed, a plain type, a listed value.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from drift.stores import json_text
from drift.stores.billed import Call
from drift.stores.messages import decode
from drift.stores.turns import ANSWERS, ToolCall

_DEFINITIONS = (
    "gen_ai.tool.definitions",
    "gen_ai.request.tools",
    "ai.prompt.tools",
    "mlflow.chat.tools",
    "model_request_parameters",
)
_OPENINFERENCE, _OPENLLMETRY = "llm.tools.{}.tool.json_schema", "llm.request.functions.{}."
# where a tool's schema stands beside its name
_SCHEMAS = ("parameters", "input_schema", "inputSchema", "parameters_json_schema", "parametersJsonSchema", "json_schema")
_LISTS = ("tools", "function_tools", "functions", "functionDeclarations", "function_declarations")
_OPEN = frozenset({"patternProperties", "allOf", "anyOf", "oneOf", "$ref"})
_MOST, _DEPTH, _LONGEST_NAME = 128, 5, 60
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


class Offered(NamedTuple):
    """A tool as it was offered; `schema` is None where only its name is told."""

    name: str
    schema: Any
    hash: str


class Kept(NamedTuple):
    """Of the calls that a model asked for, how many were of no tool that it was offered, and how many with arguments that break the
    tool's schema; None where that is not known."""

    not_offered: int | None
    bad_arguments: int | None
    tools: tuple[str, ...] | None = None


def definitions(attributes: Mapping[str, Any]) -> str | None:
    """The tools that a span of OpenTelemetry offers, as one text; None where it names none."""
    for key in _DEFINITIONS:
        if (given := attributes.get(key)) not in (None, "", []):
            return given if isinstance(given, str) else _text(given)
    found: list[Any] = []
    for n in range(_MOST):
        schema = attributes.get(_OPENINFERENCE.format(n))
        if schema is None:
            name = attributes.get(_OPENLLMETRY.format(n) + "name")
            if name is None:
                break
            schema = {"name": name, "parameters": attributes.get(_OPENLLMETRY.format(n) + "parameters")}
        found.append(schema)
    return _text(found) if found else None


def beside(request: Any) -> str | None:
    """The tools that stand beside the messages in a request as it was sent."""
    if isinstance(request, str):
        request = decode(request) if '"tools"' in request or '"functions"' in request else None
    given = request.get("tools") or request.get("functions") if isinstance(request, Mapping) else None
    return _text(given) if isinstance(given, list) and given else None


def listed(given: Any) -> str | None:
    """Definitions that a store keeps in a place of their own."""
    return given if isinstance(given, str) and given else _text(given) if isinstance(given, (list, dict)) and given else None


def of(generations: Sequence[Call], asked: Sequence[ToolCall]) -> Kept:
    """What the model calls of a trace were offered, and what of their wishes keeps to it. A trace that offers no tool is unknown."""
    schemas: dict[str, Any] = {}
    hashes: dict[str, str] = {}
    for text in dict.fromkeys(s.tools for call in generations for s in call.spans if s.tools):
        for tool in _read(text):
            # of two instrumentations the one that has the schema, else the first
            name = _plain(tool.name)
            if schemas.get(name) is None:
                schemas[name], hashes[name] = tool.schema, f"{tool.name[:_LONGEST_NAME]}@{tool.hash}"
    if not schemas:
        return Kept(None, None)
    tools = tuple(sorted(hashes.values())[:_MOST])
    # what the provider runs by itself is offered by another name; what stands for a final answer is no tool
    wished = [call for call in asked if not call.ran and call.name not in ANSWERS]
    strange = sum(_plain(call.name) not in schemas for call in wished)
    broken = sum(_breaks(schemas.get(_plain(call.name)), _arguments(call.arguments)) for call in wished)
    return Kept(strange, broken, tools)


def _text(given: Any) -> str | None:
    try:
        return json.dumps(given, sort_keys=True, default=str)
    except (ValueError, TypeError, RecursionError):
        return None


# a run's requests mostly offer one and the same tools
@lru_cache(maxsize=256)
def _read(text: str) -> tuple[Offered, ...]:
    schemas = dict(_named(decode(text), _DEPTH))
    return tuple(Offered(name, schemas[name], _hash(schemas[name])) for name in sorted(schemas))


def _hash(schema: Any) -> str:
    return hashlib.sha256((_text(_without_words(schema)) or "").encode()).hexdigest()[:8]


def _named(given: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """(name, schema) of each tool in what may be a list of definitions, one of them, or a text of it."""
    if isinstance(given, str):
        try:
            given = json_text.loads(given)
        except (ValueError, RecursionError):
            return
    if depth <= 0:
        return
    if isinstance(given, list):
        for each in given[:_MOST]:
            yield from _named(each, depth - 1)
    elif isinstance(given, dict):
        if isinstance(given.get("function"), dict):
            yield from _named(given["function"], depth - 1)
        elif isinstance(given.get("toolSpec"), dict):
            yield from _named(given["toolSpec"], depth - 1)
        elif isinstance(given.get("name"), str) and given["name"]:
            yield given["name"], next((s for key in _SCHEMAS if (s := _schema(given.get(key))) is not None), None)
        else:
            for key in _LISTS:
                yield from _named(given.get(key), depth - 1)


def _schema(given: Any) -> dict[str, Any] | None:
    given = decode(given)
    if isinstance(given, dict) and isinstance(given.get("json"), dict):
        # Bedrock's
        given = given["json"]
    if isinstance(given, dict) and isinstance(given.get("jsonSchema"), dict):
        # the Vercel AI SDK's
        given = given["jsonSchema"]
    return given if isinstance(given, dict) else None


def _without_words(schema: Any, depth: int = 12) -> Any:
    """The schema without its descriptions and examples: prompts, and no part of what is allowed."""
    if depth <= 0:
        return None
    if isinstance(schema, dict):
        return {
            key: _without_words(value, depth - 1)
            for key, value in schema.items()
            if key not in ("title", "examples", "example") and not (key == "description" and isinstance(value, str))
        }
    return [_without_words(each, depth - 1) for each in schema] if isinstance(schema, list) else schema


def _plain(name: str) -> str:
    """`functions.find` and `find` are one."""
    return name.rpartition(".")[2].lower()


def _arguments(given: Any) -> Any:
    return decode(given) if isinstance(given, str) else given


def _breaks(schema: Any, given: Any, depth: int = _DEPTH) -> bool:
    """Whether arguments certainly break a schema."""
    if not isinstance(schema, dict) or depth <= 0 or given is None:
        return False
    kind = schema.get("type")
    kind = kind.lower() if isinstance(kind, str) else None
    if kind in _TYPES and not _is(given, kind):
        return True
    listed = schema.get("enum")
    if isinstance(listed, list) and isinstance(given, (str, int, float, bool)) and given not in listed:
        return True
    if isinstance(given, list):
        return any(_breaks(schema.get("items"), each, depth - 1) for each in given[:50])
    if not isinstance(given, dict):
        return False
    known = schema.get("properties")
    known = known if isinstance(known, dict) else {}
    required = schema.get("required")
    if isinstance(required, list) and any(isinstance(name, str) and name not in given for name in required):
        return True
    # a property may be let in by a pattern or by another of several schemas
    closed = schema.get("additionalProperties") is False and _OPEN.isdisjoint(schema)
    if closed and any(name not in known for name in given):
        return True
    return any(_breaks(known.get(name), value, depth - 1) for name, value in given.items() if value is not None)


def _is(given: Any, kind: str) -> bool:
    if isinstance(given, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(given, float):
        return given.is_integer()
    return isinstance(given, _TYPES[kind])
