"""What a call costs: its own model, provider, hour and kinds of tokens; and which names have a price."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from priced_names import PRICED, UNKNOWN, named

from drift import pricing
from drift.pricing import table

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
MILLION = 1_000_000
# words that make another model of a name
OTHER_MODELS = ("mini", "nano", "lite", "pro", "max", "large", "small", "flash", "8b", "70b", "image", "audio", "tts", "vision",
                "embed", "realtime", "search", "codex", "fast", "thinking", "exp", "32k", "distill-llama-8b")  # fmt: skip


def a_million(model, provider=None, **rest):
    return pricing.price(model, provider, at=NOON, **{"input": MILLION, "output": MILLION, **rest})


@pytest.mark.parametrize(("usd", "model", "provider"), named(PRICED))
def test_a_name_as_its_provider_writes_it_is_priced(usd, model, provider):
    rates = pricing.rates_of(model, provider or None, at=NOON)
    assert rates is not None, pricing.why_unknown(model, provider or None)
    output = rates.buckets.get("output")
    assert float(rates.buckets["input"].at(1.0)) == pytest.approx(usd[0])
    assert (output and float(output.at(1.0))) == (usd[1] and pytest.approx(usd[1]))


@pytest.mark.parametrize(("why", "model", "provider"), named(UNKNOWN))
def test_a_name_that_is_on_no_list_is_unknown_for_a_reason(why, model, provider):
    assert a_million(model, provider or None) is None
    assert pricing.why_unknown(model, provider or None) == why


def test_the_names_tried_are_many():
    assert len(named(PRICED)) > 400
    assert len(named(UNKNOWN)) > 50


def test_a_word_more_is_another_model_and_never_has_the_price_of_the_shorter_name():
    """Every entry of the table, with every fourth word of size, kind or tier behind its name: no price, or that of an entry with the word."""
    for provider in ("openai", "anthropic", "google", "aws", "azure", "mistral", "deepseek", "cohere", "groq", "x-ai"):
        for number, entry in enumerate(table.providers()[provider].models):
            if "ft:" in entry.id or entry.id.endswith("-"):
                continue  # behind a fine-tune's name stands what its owner wrote
            for word in list(OTHER_MODELS)[number % 4 :: 4]:
                found = table.find(f"{entry.id}-{word}", provider).model
                assert found is None or _has_word(found, word), f"{entry.id}-{word} is taken for {found.id}"


def _has_word(entry, word):
    return word.split("-")[0] in f"{entry.id} {entry.match}".lower()


@pytest.mark.parametrize(
    ("one", "other"),
    [("o1-preview", "o1"), ("o1-mini", "o1"), ("gpt-4o-mini", "gpt-4o"), ("gpt-4.1-nano", "gpt-4.1-mini"), ("o3-pro", "o3"),
     ("gemini-1.5-flash-8b", "gemini-1.5-flash"), ("gemini-2.5-flash-lite", "gemini-2.5-flash"),
     ("claude-opus-4-5", "claude-opus-4-1"), ("grok-3-mini", "grok-3"), ("gpt-4-32k", "gpt-4"),
     ("ft:gpt-4o-mini-2024-07-18:acme::Ab1", "gpt-4o-mini-2024-07-18"), ("o4-mini-deep-research", "o4-mini"),
     ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "global.anthropic.claude-sonnet-4-5-20250929-v1:0")],
)  # fmt: skip
def test_names_that_begin_alike_are_different_entries(one, other):
    assert table.find(one).model.id != table.find(other).model.id


def test_a_later_version_is_not_the_earlier_one_with_a_digit_more():
    for model in ("claude-opus-4-10", "claude-opus-4-12", "claude-sonnet-4-50", "gemini-1.5-flash-16b", "gpt-4.15"):
        assert a_million(model) is None, model


def test_each_kind_of_token_has_its_own_price():
    claude = {"input": 5_000, "cache_read": 95_000, "output": 100}
    assert pricing.price("claude-3-5-sonnet-20241022", at=NOON, **claude) == pytest.approx(0.045)
    written = pricing.price("claude-3-5-sonnet-20241022", at=NOON, input=0, output=0, cache_write=MILLION)
    hour = pricing.price("claude-3-5-sonnet-20241022", at=NOON, input=0, output=0, cache_write_1h=MILLION)
    assert (written, hour) == (pytest.approx(3.75), pytest.approx(6.0))
    assert pricing.price("o3-mini", at=NOON, input=0, output=0, reasoning=MILLION) == pytest.approx(4.4)
    assert pricing.price("gpt-realtime", at=NOON, input=0, output=0, input_audio=MILLION) == pytest.approx(32.0)
    assert pricing.price("gpt-realtime", at=NOON, input=0, output=0, output_audio=MILLION) == pytest.approx(64.0)


def test_tokens_of_a_kind_without_a_price_are_billed_as_plain_ones_or_are_unknown():
    # no price for what is read from a cache: the full price, which is what is billed
    assert pricing.price("gpt-4-turbo", at=NOON, input=0, output=0, cache_read=MILLION) == pytest.approx(10.0)
    assert pricing.price("gpt-4-turbo", at=NOON, input=0, output=0, input_audio=MILLION) is None
    assert pricing.price("text-embedding-3-small", at=NOON, input=MILLION, output=None) == pytest.approx(0.02)
    assert pricing.price("text-embedding-3-small", at=NOON, input=MILLION, output=5) is None


def test_a_missing_or_impossible_count_is_unknown():
    for counts in ({"input": None}, {"output": None}, {"input": -1}, {"output": float("nan")}, {"cache_read": float("inf")}):
        assert a_million("gpt-4o", **counts) is None, counts


def test_the_tier_of_a_long_prompt_counts_what_was_read_from_the_cache():
    short = pricing.price("gemini-2.5-pro", at=NOON, input=100_000, output=0)
    long = pricing.price("gemini-2.5-pro", at=NOON, input=100_000, cache_read=150_000, output=0)
    assert short == pytest.approx(0.125)
    assert long == pytest.approx(0.25 + 150_000 * 0.25 / MILLION)


def test_batch_and_tier_have_their_own_price_or_none():
    assert a_million("gpt-4o", batch=True) == pytest.approx((2.5 + 10) / 2)
    assert a_million("claude-opus-4-5", tier="batch") == pytest.approx((5 + 25) / 2)
    for standard in (None, "", "default", "standard", "auto", "on_demand"):
        assert a_million("gpt-4o", tier=standard) == pytest.approx(12.5)
    assert a_million("gpt-5", tier="flex") < a_million("gpt-5") < a_million("gpt-5", tier="priority")
    assert a_million("gpt-4-32k", batch=True) is None
    assert a_million("gpt-4o", tier="scale") is None


def test_the_price_is_that_of_the_calls_own_hour():
    day, night = datetime(2026, 11, 1, 9, tzinfo=UTC), datetime(2026, 11, 1, 23, tzinfo=UTC)
    cost = [pricing.price("deepseek-chat", at=at, input=MILLION, output=0) for at in (day, night)]
    assert cost == [pytest.approx(0.27), pytest.approx(0.135)]
    elsewhere = night.astimezone(timezone(timedelta(hours=8)))
    assert pricing.price("deepseek-chat", at=elsewhere, input=MILLION, output=0) == cost[1]
    totals = pricing.cost(["deepseek-chat"] * 3, _seconds(day, night, None), np.full(3, 1e6), np.zeros(3))
    assert totals[:2].tolist() == pytest.approx(cost)
    assert np.isnan(totals[2])


def test_a_price_cut_holds_from_its_day_on():
    before, after = datetime(2025, 5, 1, tzinfo=UTC), datetime(2025, 7, 1, tzinfo=UTC)
    costs = [pricing.price("o3", at=at, input=MILLION, output=0) for at in (before, after)]
    assert costs == [pytest.approx(10.0), pytest.approx(2.0)]


def test_only_what_is_offered_for_nothing_costs_nothing():
    assert a_million("meta-llama/llama-3.1-8b-instruct:free") == 0.0
    assert a_million("gemma-3-27b-it", "google") is None
    assert a_million("gpt-4o", "github_copilot") is None


def test_a_hostile_name_is_unknown_and_costs_no_time():
    for name in (
        "\x00",
        "/" * 5000,
        "arn:" * 100,
        "-" * 10_000,
        "ft:" * 99,
        "gpt-4o" + "-001" * 3000,
        "@",
        "a/b/c/d",
        "ß" * 400,
    ):
        assert a_million(name) is None


def _seconds(*times):
    return np.array([np.nan if time is None else time.timestamp() for time in times])
