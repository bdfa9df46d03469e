"""What a logged answer says beside its text, for spans that do not say it themselves: tokens and model, as providers and frameworks
write them into a response or a message's metadata."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from drift.stores import usage
from drift.stores.turns import decode

_USAGE = ("usage", "usage_metadata", "usageMetadata", "token_usage", "tokenUsage")
_MODEL = ("model", "model_version", "modelVersion", "model_name", "modelId")
# where the metadata of a message or of the first of several answers is
_INSIDE = ("replies", "generations", "llm_output", "message", "meta", "response_metadata", "kwargs", "data", "raw", "response")
# parts of a usage in an object that nothing serialised but its representation
_SHOWN = re.compile(r"'(cached_tokens|cache_write_tokens|reasoning_tokens)': (\d+)")
_DEPTH = 6


def with_parts(found: usage.Usage, attributes: Mapping[str, Any]) -> usage.Usage:
    """The tokens with the parts of their sides, where the span's own counts have none and the answer it keeps tells of them."""
    if found.parted:
        return found
    for key in ("gen_ai.usage.raw", "output.value"):
        given = decode(attributes.get(key))
        said = usage.of_answer(given) if key == "gen_ai.usage.raw" and isinstance(given, Mapping) else usage_and_model(given)[0]
        if said is not None and said.parted and (said.input, said.output) == (found.input, found.output):
            return said
    shown = attributes.get("output.value")
    parts = {k: float(n) for k, n in _SHOWN.findall(shown)} if isinstance(shown, str) and "'usage':" in shown else {}
    if any(parts.values()):
        return (
            usage.of(
                found.input,
                found.output,
                cache_read=parts.get("cached_tokens"),
                cache_write=parts.get("cache_write_tokens"),
                reasoning=parts.get("reasoning_tokens"),
            )
            or found
        )
    return found


def usage_and_model(output: Any) -> tuple[usage.Usage | None, str | None]:
    """(tokens, model) of an answer as it was logged; None where it does not say.

    >>> usage_and_model({"replies": [{"meta": {"model": "gpt-4o", "usage": {"prompt_tokens": 24, "completion_tokens": 3}}}]})[1]
    'gpt-4o'
    """
    value = decode(output)
    found: usage.Usage | None = None
    model: str | None = None
    level = [value]
    for _ in range(_DEPTH):
        deeper: list[Any] = []
        for each in level:
            each = each[0] if isinstance(each, list) and each else each
            each = each[0] if isinstance(each, list) and each else each
            if not isinstance(each, Mapping):
                continue
            given = next((each[k] for k in _USAGE if isinstance(each.get(k), Mapping)), None)
            if given is None and "inputTextTokenCount" in each:
                # Titan's counts stand beside its results
                results = each.get("results")
                made = [r.get("tokenCount") for r in results if isinstance(r, Mapping)] if isinstance(results, list) else []
                found = found or usage.of(each["inputTextTokenCount"], made[0] if made else None)
            if found is None and given is not None:
                found = usage.of_answer(given)
            model = model or next((each[k] for k in _MODEL if isinstance(each.get(k), str) and each[k]), None)
            deeper += [each[k] for k in _INSIDE if isinstance(each.get(k), (Mapping, list))]
        if (found is not None and model) or not deeper:
            break
        level = deeper
    return found, model
