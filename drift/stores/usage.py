"""The tokens of one model call in buckets, whatever words the store has for them. No IO.

Stores count what was read from a cache, written to it, reasoned or heard either inside the prompt's and the answer's tokens
(OpenAI, OTel GenAI, OpenInference) or beside them (Anthropic, Langfuse). Here the two sides are whole, and each bucket is
inside its side.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

# no call is larger; a number beyond is a broken counter
_MOST = 1e10
_SIDES = {"input", "output", "total"}

INPUT = ("gen_ai.usage.input_tokens", "llm.token_count.prompt", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens",
         "ai.usage.inputTokens", "ai.usage.promptTokens", "tokens.input", "tokens.prompt", "input_tokens", "prompt_tokens")  # fmt: skip
OUTPUT = ("gen_ai.usage.output_tokens", "llm.token_count.completion", "gen_ai.usage.completion_tokens",
          "llm.usage.completion_tokens", "ai.usage.outputTokens", "ai.usage.completionTokens", "tokens.output", "tokens.completion",
          "output_tokens", "completion_tokens")  # fmt: skip
TOTAL = ("gen_ai.usage.total_tokens", "llm.token_count.total", "llm.usage.total_tokens", "ai.usage.totalTokens")
CACHE_READ = ("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens", "llm.token_count.prompt_details.cache_read",
              "gen_ai.usage.details.cache_read_tokens", "gen_ai.usage.details.cache_read_input_tokens", "ai.usage.cachedInputTokens",
              "gen_ai.usage.details.cached_tokens", "gen_ai.usage.details.cached_content_tokens", "gen_ai.usage.input_tokens.cached", "gen_ai.usage.cached_tokens",
              "llm.usage.cache_read_input_tokens", "ai.usage.inputTokenDetails.cacheReadTokens")  # fmt: skip
CACHE_WRITE = ("gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_creation_input_tokens",
               "llm.token_count.prompt_details.cache_write", "gen_ai.usage.details.cache_write_tokens",
               "gen_ai.usage.details.cache_creation_input_tokens", "gen_ai.usage.cache_write.input_tokens",
               "llm.usage.cache_creation_input_tokens", "ai.usage.inputTokenDetails.cacheWriteTokens")  # fmt: skip
CACHE_WRITE_1H = ("anthropic.usage.cache_creation.ephemeral_1h_input_tokens", "gen_ai.usage.details.ephemeral_1h_input_tokens")
REASONING = ("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens", "llm.token_count.completion_details.reasoning",
             "gen_ai.usage.details.reasoning_tokens", "gen_ai.usage.details.thoughts_tokens", "llm.usage.reasoning_tokens", "ai.usage.reasoningTokens",
             "gen_ai.usage.output_tokens.reasoning", "ai.usage.outputTokenDetails.reasoningTokens")  # fmt: skip
AUDIO_INPUT = (
    "llm.token_count.prompt_details.audio",
    "gen_ai.usage.details.input_audio_tokens",
    "gen_ai.usage.input_audio_tokens",
)
AUDIO_OUTPUT = ("llm.token_count.completion_details.audio", "gen_ai.usage.details.output_audio_tokens",
                "gen_ai.usage.output_audio_tokens")  # fmt: skip


class Usage(NamedTuple):
    """Tokens of one call. `input` and `output` are whole sides, None where unknown; the others are parts of them."""

    input: float | None = None
    output: float | None = None
    cache_read: float = 0
    cache_write: float = 0
    reasoning: float = 0
    audio_input: float = 0
    audio_output: float = 0
    # of what was written, what is kept for an hour
    cache_write_1h: float = 0

    @property
    def known(self) -> bool:
        return self.input is not None or self.output is not None

    @property
    def parted(self) -> bool:
        """Whether any part of a side is known."""
        return bool(self.cache_read or self.cache_write or self.reasoning or self.audio_input or self.audio_output)

    def buckets(self) -> dict[str, Any]:
        """The same tokens in buckets that do not overlap, as `drift.pricing.price` takes them."""
        read, write, heard = self.cache_read, self.cache_write, self.audio_input
        inner = read + write + heard
        thought, spoken = self.reasoning, self.audio_output
        return {
            "input": None if self.input is None else self.input - inner,
            "cache_read": read,
            "cache_write": write - self.cache_write_1h,
            "cache_write_1h": self.cache_write_1h,
            "input_audio": heard,
            "output": None if self.output is None else self.output - thought - spoken,
            "reasoning": thought,
            "output_audio": spoken,
        }


def count(value: Any) -> float | None:
    """A number of tokens; None for what can be none: text, a negative or broken number."""
    if value is None or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) and 0 <= number <= _MOST else None


def of(
    side_in: Any,
    side_out: Any,
    *,
    cache_read: Any = 0,
    cache_write: Any = 0,
    reasoning: Any = 0,
    audio_input: Any = 0,
    audio_output: Any = 0,
    cache_write_1h: Any = 0,
) -> Usage | None:
    """Usage where the buckets are inside their sides; a bucket larger than its side was counted beside it. None without any."""
    sides = count(side_in), count(side_out)
    if sides == (None, None):
        return None
    if not (cache_read or cache_write or reasoning or audio_input or audio_output):
        return Usage(*sides)
    read, write, heard = count(cache_read) or 0, count(cache_write) or 0, count(audio_input) or 0
    thought, spoken = count(reasoning) or 0, count(audio_output) or 0
    whole_in, whole_out = sides
    if whole_in is not None and read + write + heard > whole_in:
        whole_in += read + write
        heard = min(heard, whole_in - read - write)
    if whole_in is None:
        read = write = heard = 0
    if whole_out is None:
        thought = spoken = 0
    elif thought + spoken > whole_out:
        whole_out += thought
        spoken = min(spoken, whole_out - thought)
    return Usage(whole_in, whole_out, read, write, thought, heard, spoken, min(count(cache_write_1h) or 0, write))


def of_attributes(attributes: Mapping[str, Any], *, google: bool = False) -> Usage | None:
    """The usage in a span's attributes: OTel GenAI old and new, OpenInference, OpenLLMetry, Vercel AI SDK.

    google: of a model of Google's, whose thoughts are in the total and may be missing from what is said of the answer.
    """

    def first(names: Sequence[str]) -> Any:
        return next((v for n in names if (v := attributes.get(n)) not in (None, "")), None)

    side_in, side_out = first(INPUT), first(OUTPUT)
    if side_in is None and side_out is None:
        return None
    reasoning = first(REASONING)
    total, known_in, known_out = count(first(TOTAL)), count(side_in), count(side_out)
    if google and total is not None and known_in is not None and known_out is not None and total > known_in + known_out:
        reasoning = total - known_in - known_out
        side_out = total - known_in
    return of(
        side_in,
        side_out,
        cache_read=first(CACHE_READ),
        cache_write=first(CACHE_WRITE),
        reasoning=reasoning,
        audio_input=first(AUDIO_INPUT),
        audio_output=first(AUDIO_OUTPUT),
        cache_write_1h=first(CACHE_WRITE_1H),
    )


def of_details(usage: Mapping[str, Any], side_in: Any = None, side_out: Any = None) -> Usage | None:
    """The usage in Langfuse's `usageDetails`, or in what a provider's answer says of it.

    Langfuse's rule: every key that contains `input` (or `output`) is a bucket of its own of that side, and a side is their sum;
    keys with `details` in them are parts of a side. Providers' own words (`prompt_tokens` and nested details) are whole sides.
    side_in, side_out: the sides as the store itself sums them, where it does.
    """
    if usage.keys() <= _SIDES:
        return of(
            side_in if side_in is not None else usage.get("input"), side_out if side_out is not None else usage.get("output")
        )
    flat: dict[str, float] = {}
    parts: dict[str, float] = {}
    for key, value in usage.items():
        name = key.lower()
        if isinstance(value, Mapping):
            side = "output" if any(w in name for w in ("output", "completion", "candidates")) else "input"
            for inner, given in value.items():
                if (number := count(given)) is not None:
                    parts[f"{side}.{inner.lower()}"] = number
        elif (number := count(value)) is not None:
            if "details" in name:
                side = "output" if "output" in name or "completion" in name else "input"
                parts[f"{side}.{name.rpartition('.')[2]}"] = number
            else:
                flat[name] = number
        elif "input" in name or "output" in name or name in ("prompt_tokens", "completion_tokens"):
            # an impossible count makes its side unknown
            flat[f"{name}\0"] = math.nan
    given_in = {k: v for k, v in flat.items() if "input" in k}
    given_out = {k: v for k, v in flat.items() if "output" in k}
    buckets = {**{f"input.{k}": v for k, v in given_in.items()}, **{f"output.{k}": v for k, v in given_out.items()}, **parts}
    whole_in = (
        count(side_in)
        if side_in is not None and given_in
        else count(sum(given_in.values()))
        if given_in
        else _named(flat, "prompt")
    )
    whole_out = (
        count(side_out)
        if side_out is not None and given_out
        else count(sum(given_out.values()))
        if given_out
        else _named(flat, "completion")
    )
    if not given_in and "prompt" not in "".join(flat):
        whole_in = count(side_in) if count(side_in) else whole_in
    if not given_out and "completion" not in "".join(flat):
        whole_out = count(side_out) if count(side_out) else whole_out

    def part(side: str, *words: str) -> float:
        return sum(v for k, v in buckets.items() if k.startswith(side) and any(w in k for w in words) and math.isfinite(v))

    write = part("input", "creation", "write")
    return of(
        whole_in,
        whole_out,
        cache_read=part("input", "cache")
        - sum(
            v
            for k, v in buckets.items()
            if k.startswith("input") and "cache" in k and ("creation" in k or "write" in k) and math.isfinite(v)
        ),
        cache_write=write,
        reasoning=part("output", "reasoning", "thought"),
        audio_input=part("input", "audio"),
        audio_output=part("output", "audio"),
    )


def of_answer(given: Mapping[str, Any]) -> Usage | None:
    """The usage in a provider's answer, as OpenAI, Anthropic, Google, Bedrock, Ollama and LangChain write it."""
    prompt = next(
        (given[k] for k in ("promptTokenCount", "prompt_token_count", "inputTokens", "prompt_eval_count") if k in given), None
    )
    made = next(
        (given[k] for k in ("candidatesTokenCount", "candidates_token_count", "outputTokens", "eval_count") if k in given), None
    )
    if prompt is None and made is None:
        return of_details(given)
    thoughts = (
        count(next((given[k] for k in ("thoughtsTokenCount", "thoughts_token_count") if given.get(k) is not None), None)) or 0
    )
    if (counted := count(made)) is not None:
        made = counted + thoughts
    read = next(
        (given[k] for k in ("cachedContentTokenCount", "cached_content_token_count", "cacheReadInputTokens") if given.get(k)), 0
    )
    write = given.get("cacheWriteInputTokens") or 0
    if "inputTokens" in given and (counted := count(prompt)) is not None:
        # Bedrock counts beside the cache
        prompt = counted + (count(read) or 0) + (count(write) or 0)
    return of(prompt, made, cache_read=read, cache_write=write, reasoning=thoughts)


def _named(flat: Mapping[str, float], word: str) -> float | None:
    names = {
        "prompt": ("prompt", "prompt_tokens", "prompttokens", "prompt_token_count"),
        "completion": ("completion", "completion_tokens", "completiontokens", "candidates_token_count"),
    }[word]
    return next((flat[n] for n in names if n in flat), None)
