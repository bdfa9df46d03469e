"""A billed call is counted once, innermost, with its own model and its own tokens."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written import ANSWER, chat, generation, observation, read, read_export, span

from drift import pricing
from drift.stores import usage
from drift.stores.billed import calls
from drift.stores.otlp import otlp_span
from drift.stores.spans import row

COUNTS = ("n_generations", "input_tokens", "output_tokens", "steps")
ONE = (1, 24, 3, 1)


def counts(made: dict) -> tuple:
    return tuple(made[name] for name in COUNTS)


def test_one_call_that_two_instrumentations_saw_beside_each_other(tmp_path):
    app = span("app", input__value="Sort: news", output__value="news")
    outer = chat("ChatOpenAI", "app", 0.1, 1.0, scope="langchain")
    inner = chat("openai", "app", 0.101, 0.999, scope="openai", model="gpt-4o-mini-2024-07-18")
    made = read(tmp_path, app, outer, inner)
    assert counts(made) == ONE and made["model"] == "gpt-4o-mini-2024-07-18"


def test_one_call_that_two_instrumentations_saw_one_inside_the_other(tmp_path):
    outer = chat("ChatOpenAI", "app", 0.1, 1.0, scope="langchain")
    step = span("step", "ChatOpenAI", 0.1, 1.0)
    inner = chat("openai", "step", 0.2, 0.9, scope="openai", model="gpt-4o-mini-2024-07-18")
    made = read(tmp_path, span("app"), outer, step, inner)
    assert counts(made) == ONE and made["model"] == "gpt-4o-mini-2024-07-18"


def test_what_the_inner_span_does_not_know_the_outer_one_tells(tmp_path):
    outer = chat("ChatOpenAI", "app", 0.1, 1.0, scope="langchain")
    inner = chat("openai", "ChatOpenAI", 0.2, 0.9, scope="openai", asked=None, said=None, tokens=())
    assert counts(read(tmp_path, span("app"), outer, inner)) == ONE


def test_one_response_id_is_one_call_whatever_else_the_spans_say(tmp_path):
    here = chat("a", "app", 0.1, 1.0, scope="x", gen_ai__response__id="r1", tokens=(24, 3))
    there = chat("b", "app", 0.5, 1.5, scope="y", gen_ai__response__id="r1", said="It arrives", tokens=(24, 3))
    assert counts(read(tmp_path, span("app"), here, there)) == ONE


@pytest.mark.parametrize(
    "of", [{}, {"said": "It arrives on Tuesday."}, {"tokens": (24, 4)}], ids=["equal", "answers", "tokens"]
)
def test_two_calls_in_parallel_are_two(tmp_path, of):
    made = read(tmp_path, span("app"), chat("a", "app", 1, 3, name="chat"), chat("b", "app", 1.1, 2.9, name="chat", **of))
    assert made["n_generations"] == 2 and made["input_tokens"] == 48


def test_parallel_calls_seen_twice_are_as_many_as_they_are(tmp_path):
    spans = [chat(f"{scope}{n}", "app", 1 + n / 1000 - wider, 2 + n / 1000 + wider, name=scope, scope=scope)
             for n in range(3) for scope, wider in (("openai", 0), ("langchain", 0.0002))]  # fmt: skip
    assert counts(read(tmp_path, span("app", output__value="done"), *spans)) == (3, 72, 9, 3)


def test_an_agents_span_that_repeats_the_sum_adds_nothing(tmp_path):
    agent = observation("agent", type="AGENT", usage_details={"input": 300, "output": 60}, cost_details={"total": 0.0004},
                        total_cost=0.0004, output="done")  # fmt: skip
    parts = [generation(f"g{n}", "agent", n, n + 1, usage_details={"input": i, "output": o}, cost_details={"total": c}, total_cost=c)
             for n, (i, o, c) in enumerate([(100, 40, 0.00015), (200, 20, 0.00025)])]  # fmt: skip
    (made,) = read_export(tmp_path, agent, *parts)
    assert (made["input_tokens"], made["output_tokens"]) == (300, 60) and made["cost_usd"] == pytest.approx(0.0004)


def test_what_only_an_agents_span_states_is_counted(tmp_path):
    agent = observation(
        "agent", type="AGENT", usage_details={"input": 300, "output": 60}, total_cost=0.1, cost_details={"total": 0.1}
    )
    (made,) = read_export(tmp_path, agent)
    assert (made["input_tokens"], made["cost_usd"], made["n_generations"]) == (300, 0.1, 0)


@pytest.mark.parametrize(
    ("details", "sides", "read_from_cache"),
    [
        # Langfuse: each key that contains a side's name is a bucket of its own
        (
            {"input": 5, "cache_read_input_tokens": 128955, "cache_creation_input_tokens": 1253, "output": 60},
            (130213, 60),
            128955,
        ),
        (
            {"input": 1000, "prompt_details.cache_read": 900, "output": 2055, "completion_details.reasoning": 1104},
            (1000, 2055),
            900,
        ),
        ({"input": 10, "input_cached_tokens": 90, "output": 5, "output_reasoning_tokens": 15, "total": 120}, (100, 20), 90),
        # what providers answer: whole sides, and parts of them
        ({"prompt_tokens": 100, "completion_tokens": 20, "prompt_tokens_details": {"cached_tokens": 90}}, (100, 20), 90),
        ({"input_tokens": 100, "output_tokens": 20, "input_tokens_details": {"cached_tokens": 90}}, (100, 20), 90),
        ({"input": -1, "output": 3}, (None, 3), 0),
    ],
)
def test_buckets_do_not_overlap(details, sides, read_from_cache):
    found = usage.of_details(details)
    assert (found.input, found.output) == sides and found.cache_read == read_from_cache
    assert sum(v for k, v in found.buckets().items() if k in ("output", "reasoning", "output_audio")) == sides[1]


def test_a_cached_prompt_costs_what_cached_tokens_cost(tmp_path):
    for cached in ("gen_ai__usage__cache_read__input_tokens", "llm__token_count__prompt_details__cache_read"):
        made = read(tmp_path, chat("c", model="claude-sonnet-4-5", tokens=(100_000, 100), **{cached: 95_000}))
        assert (
            made["cost_usd"] == pytest.approx(5_000 * 3e-6 + 95_000 * 0.3e-6 + 100 * 15e-6) and made["input_tokens"] == 100_000
        )


def test_anthropics_counts_beside_the_cache_are_whole_again(tmp_path):
    made = read(tmp_path, chat("c", tokens=(5, 60), gen_ai__usage__cache_read_input_tokens=1000))
    assert made["input_tokens"] == 1005


def test_each_call_has_its_own_price_and_one_without_makes_the_sum_unknown(tmp_path):
    cheap, dear = chat("a", "app", 0, 1, model="gpt-4o-mini"), chat("b", "app", 2, 3, model="gpt-4o")
    at = {"input": 24, "output": 3}
    start = otlp_span({k: v for k, v in cheap.items() if k != "scope"}).start
    each = [pricing.price(m, at=start, **at) for m in ("gpt-4o-mini", "gpt-4o")]
    assert read(tmp_path, span("app"), cheap, dear)["cost_usd"] == pytest.approx(sum(each))
    other = chat("b", "app", 2, 3, model="the-house-model")
    assert read(tmp_path, span("app"), cheap, other)["cost_usd"] is None


def test_the_estimate_for_a_generation_that_was_cancelled_is_no_bill(tmp_path):
    cancelled = generation(
        "g", usage_details={"input": 20, "total": 20}, cost_details={"total": 0.1}, total_cost=0.1, output=""
    )
    (made,) = read_export(tmp_path, cancelled)
    assert made["input_tokens"] is None and made["cost_usd"] is None


def test_a_call_that_led_its_tools_by_itself_has_unknown_tokens(tmp_path):
    tool = span("tool", "c", 1.5, 2, gen_ai__operation__name="execute_tool", gen_ai__tool__name="find")
    made = read(tmp_path, chat("c"), tool)
    assert (made["input_tokens"], made["n_generations"], made["steps"]) == (None, None, None) and made["tool_calls"] == 1


def test_attempts_below_a_call_are_its_retries(tmp_path):
    tries = [span(f"http{n}", "c", 1 + n / 2, 1.4 + n / 2, http__request__method="POST", http__response__status_code=s)
             for n, s in enumerate([429, 503, 200])]  # fmt: skip
    made = read(tmp_path, chat("c"), *tries)
    assert (made["retries"], made["n_generations"], made["error"]) == (2, 1, None)


def test_a_call_that_took_another_ones_place(tmp_path):
    app = span("app", output__value="fine")
    broken = [
        span("try1", "app", 0, 1, name="attempt", status=2),
        chat("a", "try1", 0, 1, said=None, tokens=(), status=2, model="gpt-4o"),
    ]
    fine = [span("try2", "app", 1, 3, name="attempt"), chat("b", "try2", 1, 3, model="claude-sonnet-4-5")]
    made = read(tmp_path, app, *broken, *fine)
    assert (made["retries"], made["fallback"], made["error"], made["n_generations"]) == (1, True, None, 1)


trees = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 500), st.integers(1, 500), st.booleans(), st.booleans()), min_size=1, max_size=6
)


@settings(max_examples=60, deadline=None)
@given(trees, st.lists(st.sampled_from(["langchain", "gateway", "sdk"]), unique=True, max_size=3), st.booleans())
def test_another_instrumentation_changes_no_count(tree, more, beside):
    app = span("app", end=len(tree) + 1, output__value="done")
    plain = [app]
    watched = [app]
    for n, (_, tokens_in, tokens_out, streamed, failed) in enumerate(tree):
        said = (
            {"said": None, "tokens": (), "status": 2} if failed else {"tokens": (tokens_in, tokens_out), "said": f"answer {n}"}
        )
        call = chat(f"c{n}", "app", n + 0.3, n + 0.6, scope="openai", asked=f"question {n}", **said)
        plain.append(call)
        parent = "app"
        for depth, scope in enumerate(more):
            if streamed and not failed and depth:
                said = {**said, "tokens": ()}
            watched.append(chat(f"{scope[0]}{n}", parent, n + 0.29 - 0.01 * (3 - depth), n + 0.61 + 0.01 * (3 - depth), scope=scope,
                                name=scope, asked=f"question {n}", **said))  # fmt: skip
            parent = "app" if beside else f"{scope[0]}{n}"
        watched.append({**call, "parentSpanId": f"{int.from_bytes(parent.encode()):016x}"})
    once, twice = (row([otlp_span(s, scope=s["scope"]) for s in spans], "salt") for spans in (plain, watched))
    for name in (*COUNTS, "cost_usd", "retries", "tool_calls"):
        assert twice[name] == once[name], name


def test_other_billed_spans_are_apart_from_the_models_calls():
    spans = [otlp_span(s) for s in (chat("c"), span("e", gen_ai__operation__name="embeddings", gen_ai__usage__input_tokens=7))]
    generations, others = calls(spans)
    assert [c.span.kind for c in generations] == ["generation"] and [c.usage.input for c in others] == [7]


@pytest.mark.parametrize("name", ["http__request__resend_count", "retry_attempts"])
def test_an_sdk_that_says_how_often_it_tried_again(tmp_path, name):
    assert read(tmp_path, chat("c", **{name: 2}))["retries"] == 2


OPENAI = {"prompt_tokens": 100, "completion_tokens": 20, "prompt_tokens_details": {"cached_tokens": 90}}


@pytest.mark.parametrize(
    ("attributes", "tokens"),
    [
        # Haystack's own spans have no counts but those of the reply's metadata
        ({"haystack__component__type": "OpenAIChatGenerator",
          "haystack__component__output": json.dumps({"replies": [{"role": "assistant", "content": [{"text": ANSWER}],
                                                                  "meta": {"model": "gpt-4o", "usage": OPENAI}}]})}, (100, 20, 90)),
        ({"gen_ai__operation__name": "chat", "gen_ai__usage__input_tokens": 100, "gen_ai__usage__output_tokens": 20,
          "gen_ai__usage__raw": json.dumps(OPENAI)}, (100, 20, 90)),
        ({"openinference__span__kind": "LLM", "llm__token_count__prompt": 100, "llm__token_count__completion": 20,
          "output__value": "{\"replies\": [\"ChatMessage(_meta={'usage': {'prompt_tokens_details': {'cached_tokens': 90}}})\"]}"}, (100, 20, 90)),
        ({"gen_ai__request__model": "gemini-2.5-flash", "gcp__vertex__agent__llm_request": "{}", "gcp__vertex__agent__llm_response": json.dumps({
            "content": {"role": "model", "parts": [{"text": ANSWER}]},
            "usage_metadata": {"prompt_token_count": 100, "candidates_token_count": 5, "thoughts_token_count": 15,
                               "cached_content_token_count": 90}})}, (100, 20, 90)),
    ],
    ids=["haystack", "logfire", "a representation", "adk"],
)  # fmt: skip
def test_tokens_that_only_the_logged_answer_tells(attributes, tokens):
    made = otlp_span(span("g", **attributes))
    assert made.kind == "generation" and (made.usage.input, made.usage.output, made.usage.cache_read) == tokens
