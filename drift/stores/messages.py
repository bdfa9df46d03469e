"""The user's question, the system prompt and the answer in what an application logged as input and output.

A shape that is not understood is unknown: an object is never taken for text, whatever is wrapped around what.
How messages are recognised: `turns`. What of a message is text: `content`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drift.stores import json_text, markup, unread
from drift.stores.content import is_prose, plain, text_of, without_reasoning
from drift.stores.tool_results import is_failure
from drift.stores.turns import ANSWERS, ASSISTANT, SYSTEM, USER, Turn, decode, turns, turns_in, written

__all__ = ["answer", "as_text", "conversation", "decode", "finish_reason", "question", "system_prompt", "tool_calls"]

QUESTION_KEYS = (
    "question", "query", "user_input", "user_message", "user_query", "user_question", "user_prompt", "chat_input", "inputs",
    "input", "prompt", "prompts", "contents", "input_str", "query_str", "message", "text", "content", "q", "kwargs",
    "input_data", "data", "body", "payload", "request", "state", "args", "inputText",
    "chatInput", "userInput", "userMessage", "userQuery", "instances", "json",
)  # fmt: skip
ANSWER_KEYS = (
    "answer", "final_answer", "outputs", "output", "response", "completion", "replies", "answers", "generated_text", "output_text",
    "generation", "final_output", "final_result", "reply", "message", "raw", "text", "content", "result", "a", "return_values",
    "output_data", "data", "body", "payload", "state", "outputText", "predictions",
)  # fmt: skip
_NOW = ("question", "query", "user_input", "user_message", "user_query")
# what stands beside texts and is none
_TECHNICAL = {
    "id", "name", "type", "model", "session_id", "sessionid", "user_id", "userid", "thread_id", "run_id", "trace_id", "conversation_id",
    "status", "event", "kind", "object", "role", "language", "locale", "lang", "version", "tenant", "tenant_id", "request_id", "key",
    "stop_reason", "finish_reason", "config", "tags", "metadata", "format", "mode", "temperature", "provider", "deployment",
}  # fmt: skip
_REASONING = {"reasoning", "rationale", "thinking", "thought", "reasoning_content", "reasoning_details", "chain_of_thought"}
_REASONS = ("finish_reason", "finishReason", "stop_reason", "stopReason", "finish_reasons", "done_reason", "completionReason")
_REASON_SIGNS = frozenset(_REASONS)
_REASON_INSIDE = (
    "choices",
    "results",
    "candidates",
    "generations",
    "replies",
    "response_metadata",
    "generation_info",
    "meta",
    "message",
    "kwargs",
)
# characters; a token has four
_PIECE = 12
_DEPTH = 10


def question(value: Any) -> str | None:
    """What the user asked: the last user message of a conversation, the question in an object, or the text itself."""
    said = turns_in(value)
    if said and said[-1].role == ASSISTANT and (beside := _beside(decode(value))) is not None:
        return beside
    found = _asked(said) if said is not None else _unspoken(decode(value), QUESTION_KEYS, _asked, _DEPTH)
    if found is None and said is None:
        unread.note("question", decode(value))
    return found


def answer(value: Any) -> str | None:
    """What was answered: the last assistant message, the answer in an object, or the text itself, without reasoning.

    The body of a failed request is no answer; nor is a message that only calls tools.
    """
    said = turns_in(value)
    found = _answered(said) if said is not None else _unspoken(decode(value), ANSWER_KEYS, _answered, _DEPTH)
    if found is None and said is None:
        unread.note("answer", decode(value))
    return None if found is None else markup.without_ends(without_reasoning(found))


def system_prompt(value: Any) -> str | None:
    """The system (or developer) messages of a conversation, joined by an empty line; None without one."""
    decoded = decode(value)
    found = [t.text for t in turns_in(value) or () if t.role == SYSTEM and t.text]
    if not found and isinstance(decoded, dict):
        # Anthropic, Bedrock, Responses and Gemini carry it beside the messages
        given_config = decoded.get("config")
        config = given_config if isinstance(given_config, dict) else {}
        for given in (
            *(decoded.get(k) for k in ("system", "instructions", "system_instruction", "systemInstruction")),
            *(config.get(k) for k in ("system_instruction", "systemInstruction")),
        ):
            inner = given["parts"] if isinstance(given, dict) and isinstance(given.get("parts"), list) else given
            if (text := text_of(inner)) and (set(decoded) - {"system", "instructions"}):
                return text
    return "\n\n".join(found) or None


def conversation(value: Any) -> list[tuple[str, str]]:
    """(role, text) of each chat message in `value`; empty where it holds no conversation."""
    return [(t.role, t.text or "") for t in turns_in(value) or ()]


def tool_calls(value: Any) -> list[tuple[str, str]]:
    """(name, arguments) of the tools a model asked for in its answer."""
    return [(c.name, as_text(c.arguments) or "") for t in turns_in(value) or () for c in t.calls]


def finish_reason(value: Any) -> str | None:
    """Why the model stopped, where the logged answer says so."""
    decoded = decode(value)
    for _ in range(_DEPTH):
        if isinstance(decoded, list):
            decoded = decoded[-1] if decoded else None
        if not isinstance(decoded, dict):
            return None
        for key in _REASONS if not _REASON_SIGNS.isdisjoint(decoded) else ():
            found = decoded.get(key)
            if isinstance(found, list):
                found = found[-1] if found else None
            if isinstance(found, str) and found:
                return found.lower().removeprefix("finishreason.")
        for key in _REASON_INSIDE:
            if key in decoded and isinstance(decoded[key], (dict, list)):
                decoded = decoded[key]
                break
        else:
            return None
    return None


def as_text(value: Any) -> str | None:
    """Text as it is, anything else as JSON; None stays None."""
    if value is None or isinstance(value, str):
        return value
    try:
        return json_text.dumps(value)
    except (ValueError, RecursionError):
        return None


def _beside(value: Any) -> str | None:
    """What is asked now, where it stands beside a conversation that ends with an answer."""
    if not isinstance(value, dict) or "role" in value:
        return None
    return next((t for k in _NOW if isinstance(t := value.get(k), str) and t and is_prose(t)), None)


def _asked(given: list[Turn]) -> str | None:
    return next((t.text for t in reversed(given) if t.role == USER and t.text), None)


def _answered(given: list[Turn]) -> str | None:
    """The last text of the assistant after the last question; "" where it said nothing and called nothing."""
    last = max((n for n, t in enumerate(given) if t.role == USER and t.text), default=-1)
    said = [t for t in given[last + 1 :] if t.role == ASSISTANT]
    texts = [t.text for t in said if t.text]
    if texts:
        return texts[-1]
    structured = next((c.arguments for t in reversed(said) for c in t.calls if c.name in ANSWERS), None)
    if structured is not None:
        return as_text(structured)
    return "" if said and not any(t.calls for t in said) and any(t.spoken for t in said) else None


def _text(value: Any, keys: tuple[str, ...], of_turns: Callable[[list[Turn]], str | None], depth: int) -> str | None:
    said = written(value) if isinstance(value, str) else turns(value) if depth and isinstance(value, (dict, list)) else None
    return of_turns(said) if said is not None else _unspoken(value, keys, of_turns, depth)


def _unspoken(value: Any, keys: tuple[str, ...], of_turns: Callable[[list[Turn]], str | None], depth: int) -> str | None:
    """The text in what is no conversation."""
    if isinstance(value, str):
        return plain(value) if is_prose(value) else None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if depth == 0 or not value or not isinstance(value, (dict, list)):
        return None
    if isinstance(value, list):
        return _of_list(value, keys, of_turns, depth)
    if keys is ANSWER_KEYS and not any(value.get(k) for k in ("answer", "output", "response")) and is_failure(value, depth=0):
        return None
    if value.keys() == {"args", "kwargs"}:
        return _of_arguments(value, keys, of_turns, depth)
    for key in ("choices", "candidates", "generations", "results") if keys is ANSWER_KEYS else ():
        # completions of the time before chats, of several drafts the first; the results of Titan and watsonx
        inner = value.get(key)
        if isinstance(inner, list) and inner and (key != "results" or _is_result(inner[0])):
            return _text(inner[0][0] if isinstance(inner[0], list) and inner[0] else inner[0], keys, of_turns, depth - 1)
    for key in keys:
        if value.get(key) not in (None, "", [], {}):
            text = _text(decode(value[key]), keys, of_turns, depth - 1)
            if text is not None:
                return text
    if keys is ANSWER_KEYS and any(
        value.get(k) == "" for k in ("answer", "output", "response", "completion", "text", "content")
    ):
        return ""
    return _of_one(value, keys, of_turns, depth)


def _of_list(value: list, keys: tuple[str, ...], of_turns: Callable, depth: int) -> str | None:
    if len(value) == 1:
        return _text(decode(value[0]), keys, of_turns, depth - 1)
    if all(
        isinstance(v, dict) and v.get("type") in ("text", "input_text", "output_text", "reasoning", "thinking") for v in value
    ):
        return text_of(value)
    if keys is ANSWER_KEYS and all(isinstance(v, str) for v in value):
        return plain("".join(value) if _are_pieces(value) else value[0])
    return None


def _is_result(value: Any) -> bool:
    return isinstance(value, dict) and ("outputText" in value or "generated_text" in value)


def _are_pieces(texts: list[str]) -> bool:
    """Whether these are the pieces of one streamed answer; several drafts of one are longer, and begin with no space."""
    return any(t[:1] == " " for t in texts[1:]) or (len(texts) > 2 and sum(map(len, texts)) < _PIECE * len(texts))


def _of_arguments(value: dict, keys: tuple[str, ...], of_turns: Callable, depth: int) -> str | None:
    """What Langfuse's and MLflow's decorators log of a function's call: one text among other arguments is the question."""
    named = value.get("kwargs")
    if isinstance(named, dict) and (text := _text(named, keys, of_turns, depth - 1)) is not None:
        return text
    given = value.get("args")
    for each in given if isinstance(given, list) else []:
        if isinstance(each := decode(each), (dict, list)) and (text := _text(each, keys, of_turns, depth - 1)) is not None:
            return text
    texts = [a for a in given if isinstance(a, str) and is_prose(a)] if isinstance(given, list) else []
    several_words = [t for t in texts if " " in t.strip()]
    return several_words[0] if several_words else texts[0] if len(texts) == 1 else None


def _of_one(value: dict, keys: tuple[str, ...], of_turns: Callable, depth: int) -> str | None:
    """The text below an object's only key that may hold one, or in a graph's or pipeline's nodes."""
    left = {k: v for k, v in value.items() if str(k).lower() not in _TECHNICAL | _REASONING and v not in (None, "", [], {})}
    texts = [v for v in left.values() if isinstance(v, str)]
    if len(texts) == 1 and len(value) - len(left) <= 3 and (len(left) == 1 or keys is QUESTION_KEYS and _scalars(left)):
        return _text(decode(texts[0]), keys, of_turns, depth - 1)
    nodes = [v for v in left.values() if isinstance(v, dict)]
    if not nodes or len(nodes) != len(left):
        return None
    found = [t for v in nodes if (t := _strong(v, keys, of_turns, depth - 1)) is not None]
    return (found[0] if keys is QUESTION_KEYS else found[-1]) if found else None


def _strong(node: dict, keys: tuple[str, ...], of_turns: Callable, depth: int) -> str | None:
    if turns(node) is not None or set(node) & set(keys[:14]):
        return _text(node, keys, of_turns, depth)
    return _of_one(node, keys, of_turns, depth) if len(node) == 1 and depth > 0 else None


def _scalars(value: dict) -> bool:
    return not any(isinstance(v, (dict, list)) for v in value.values())
