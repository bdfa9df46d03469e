"""The whole answer behind the pieces of a stream, where an application logged the pieces: Chat Completions, Responses, Anthropic,
Gemini, Ollama, the Vercel AI SDK, as a list or as server-sent events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from drift.stores import json_text

_DATA = "data:"
_DELTAS = {"response.output_text.delta", "text-delta", "text_delta", "content_block_delta", "contentBlockDelta"}
# pieces of a stream that carry none of its text
_SILENT = ("message_", "content_block_", "response.", "ping", "text-", "reasoning-", "start", "finish", "tool-", "thread.")


def of_events(text: str) -> list[Any] | None:
    """The objects of server-sent events (`data: {…}` lines); None where the text is none."""
    if not text.lstrip()[:6].startswith((_DATA, "event:")):
        return None
    found = []
    for line in text.splitlines():
        given = line.strip()[len(_DATA) :].strip() if line.strip().startswith(_DATA) else ""
        if given and given != "[DONE]":
            try:
                found.append(json_text.loads(given))
            except (ValueError, RecursionError):
                return None
    return found or None


def whole(value: list[Any]) -> dict[str, Any] | None:
    """The answer that a list of pieces makes up, as Chat Completions writes one; None for any other list.

    >>> whole([{"choices": [{"delta": {"content": t}}]} for t in ("On ", "Monday.")])["choices"][0]["message"]["content"]
    'On Monday.'
    """
    if not value or not all(isinstance(piece, dict) and _is_piece(piece) for piece in value):
        return None
    if not any(_marked(piece) for piece in value):
        # whole answers of several requests are no pieces of one
        return None
    done = next(
        (p["response"] for p in value if p.get("type") == "response.completed" and isinstance(p.get("response"), dict)), None
    )
    if done is not None:
        return done
    text: list[str] = []
    calls: dict[Any, dict[str, Any]] = {}
    usage: dict[str, Any] = {}
    model = reason = None
    for piece in value:
        inner = piece["message"] if piece.get("type") == "message_start" and isinstance(piece.get("message"), dict) else piece
        text += _texts(piece)
        _gather(piece, calls)
        for key in ("usage", "usageMetadata", "usage_metadata"):
            if isinstance(inner.get(key), dict):
                usage.update({k: v for k, v in inner[key].items() if v is not None})
        usage.update({k: piece[k] for k in ("prompt_eval_count", "eval_count") if piece.get(k) is not None})
        model = next((inner[k] for k in ("model", "modelVersion", "model_version") if isinstance(inner.get(k), str)), model)
        reason = _reason(piece) or reason
    said = "".join(text)
    message: dict[str, Any] = {"role": "assistant", "content": said if said or not calls else None}
    if calls:
        message["tool_calls"] = list(calls.values())
    out: dict[str, Any] = {"choices": [{"message": message, "finish_reason": reason}]}
    return out | ({"usage": usage} if usage else {}) | ({"model": model} if model else {})


def _is_piece(piece: dict[str, Any]) -> bool:
    return _marked(piece) or piece.get("choices") == []


def _marked(piece: dict[str, Any]) -> bool:
    kind = piece.get("type")
    if isinstance(kind, str):
        return kind in _DELTAS or (kind.startswith(_SILENT) and "role" not in piece and "content" not in piece)
    if piece.get("object") == "chat.completion.chunk" or _of_ollama(piece) or "contentBlockDelta" in piece:
        return True
    if "candidates" in piece:
        return True
    return any("delta" in choice for choice in _dicts(piece.get("choices")))


def _of_ollama(piece: dict[str, Any]) -> bool:
    return isinstance(piece.get("done"), bool) and ("message" in piece or "response" in piece)


def _texts(piece: dict[str, Any]) -> Iterable[str]:
    given: list[Any] = [choice.get("delta") for choice in _dicts(piece.get("choices"))[:1]]
    if isinstance(block := piece.get("contentBlockDelta"), dict):
        given.append(block.get("delta"))
    if piece.get("type") in _DELTAS:
        given.append(piece.get("delta") if piece.get("delta") is not None else piece)
    if _of_ollama(piece):
        given.append(piece.get("message") if isinstance(piece.get("message"), dict) else {"text": piece.get("response")})
    for candidate in _dicts(piece.get("candidates"))[:1]:
        content = candidate.get("content")
        given += [p for p in _dicts(content.get("parts") if isinstance(content, dict) else None) if not p.get("thought")]
    for each in given:
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict) and each.get("type") not in ("thinking_delta", "input_json_delta", "signature_delta"):
            found = next((each[k] for k in ("content", "text", "textDelta", "delta") if isinstance(each.get(k), str)), None)
            if found is not None:
                yield found


def _gather(piece: dict[str, Any], calls: dict[Any, dict[str, Any]]) -> None:
    for choice in _dicts(piece.get("choices"))[:1]:
        delta = choice.get("delta")
        for part in _dicts(delta.get("tool_calls") if isinstance(delta, dict) else None):
            given = part.get("function")
            function: dict[str, Any] = given if isinstance(given, dict) else {}
            call = calls.setdefault(
                part.get("index", len(calls)), {"id": part.get("id"), "function": {"name": "", "arguments": ""}}
            )
            call["function"]["name"] += function.get("name") or ""
            call["function"]["arguments"] += function.get("arguments") or ""
    block, delta = piece.get("content_block"), piece.get("delta")
    if isinstance(block, dict) and block.get("type") in ("tool_use", "server_tool_use"):
        calls[piece.get("index")] = {"id": block.get("id"), "function": {"name": block.get("name") or "", "arguments": ""}}
    elif isinstance(delta, dict) and isinstance(delta.get("partial_json"), str) and piece.get("index") in calls:
        calls[piece.get("index")]["function"]["arguments"] += delta["partial_json"]
    for candidate in _dicts(piece.get("candidates"))[:1]:
        content = candidate.get("content")
        for part in _dicts(content.get("parts") if isinstance(content, dict) else None):
            called = part.get("functionCall") or part.get("function_call")
            if isinstance(called, dict):
                calls[len(calls)] = {"function": {"name": called.get("name"), "arguments": called.get("args")}}


def _reason(piece: dict[str, Any]) -> str | None:
    for each in (
        *_dicts(piece.get("choices"))[:1],
        *_dicts(piece.get("candidates"))[:1],
        piece.get("delta"),
        piece.get("messageStop"),
        piece,
    ):
        if isinstance(each, dict):
            for key in ("finish_reason", "finishReason", "stop_reason", "stopReason", "done_reason"):
                if isinstance(each.get(key), str) and each[key]:
                    return each[key]
    return None


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
