"""The demo store's scenario `steps`: what only the steps inside a request show, and what judges and nameless prompts do.

One incident every six days after 30 quiet ones.
"""

from __future__ import annotations

from drift.stores.demo_incident import ANSWER, DAYS, SCORES, Incident


def _inside(position: int) -> int:
    """Start of the incident at `position` (0–9) of the scenario `steps`: the first after 30 quiet days, then one every six days."""
    return DAYS["steps"] - 1 - (30 + 6 * position)


# what this application does on all its days
HABITS = (
    Incident(
        name="judged",
        cause="",
        metric="",
        scope={},
        start=DAYS["steps"] - 1,
        days=DAYS["steps"],
        changes={"judge": "helpfulness@3"},
        description="the marks say which version of the judge gave them",
    ),
    Incident(
        name="no name for the prompt",
        cause="",
        metric="",
        scope={"name": "billing-chat"},
        start=DAYS["steps"] - 1,
        days=DAYS["steps"],
        changes={"prompt_nameless": 1.0},
        description="nobody gives the prompt of billing-chat a name or a version",
    ),
)

# what only the steps inside a request show, and what is said of it by others
INSIDE = (
    Incident(
        name="slow search",
        cause="slower_step",
        metric="latency_s",
        scope={"name": "product-qa"},
        start=_inside(0),
        days=3,
        changes={"search_s": 0.6},
        also=(
            "seconds.retrieval",
            "step_s.search_help_centre",
            "time_share.retrieval",
            "time_share.model",
            "time_share.embedding",
            "tokens_per_second",
        ),
        description="the search of product-qa takes 600 ms longer",
    ),
    Incident(
        name="one tool of five",
        cause="tool_failure",
        metric="tool_failure.read_invoices",
        scope={"name": "account-actions"},
        start=_inside(1),
        days=3,
        changes={"broken_tool": "read_invoices"},
        also=("tool_failure", "tool_loop", "tool_calls", "steps", "latency_s", "refusal", "refusal_partial", "step_path",
              "seconds.tool", "tool_s.read_invoices", "seconds.model", "call_s.plan", "call_s.answer", "time_share.tool", "time_share.model",
              "unsaid_failure", "vain_cost_usd", "vain_usd.looped", "first_attempt", "call_usd.plan", "call_usd.answer", *ANSWER, *SCORES),
        description="read_invoices gives an error object back, with the status ok, in 60 % of its runs",
    ),
    Incident(
        name="planner exchanged",
        cause="model_change",
        metric="step_model",
        scope={"name": "account-actions"},
        start=_inside(2),
        days=3,
        changes={"planner": "gpt-4o"},
        description="the planner of account-actions is gpt-4o in place of gpt-4.1-mini",
    ),
    Incident(
        name="prompt cache lost",
        cause="cache_lost",
        metric="cache_hit",
        scope={},
        start=_inside(3),
        days=3,
        changes={"cached": 0.0},
        description="nothing of the prompts is read from the provider's cache any more",
    ),
    Incident(
        name="tools turned",
        cause="unclear",
        metric="rare_order",
        scope={"name": "account-actions"},
        start=_inside(4),
        days=3,
        changes={"turned_tools": 0.05},
        also=("step_path",),
        description="in 5 % of the runs of account-actions the account is looked up after it was changed",
    ),
    Incident(
        name="judge raised",
        cause="judge_change",
        metric="score.helpfulness",
        scope={},
        start=_inside(5),
        days=3,
        changes={"judge": "helpfulness@4", "stricter": 0.3},
        description="version 4 of the judge of helpfulness gives marks that are 0.3 lower; the answers are as before",
    ),
    Incident(
        name="score gone quiet",
        cause="unclear",
        metric="score_label.resolution",
        scope={},
        start=_inside(6),
        days=3,
        changes={"resolution_quiet": 1.0},
        also=("task_completed", "session_abandoned"),
        description="nobody says any more whether a request was resolved",
    ),
    Incident(
        name="prompt edited",
        cause="prompt_change",
        metric="output_characters",
        scope={"name": "billing-chat"},
        start=_inside(7),
        days=3,
        changes={"length": 0.7, "prompt_edited": 1.0, "prompt_tokens": 9.0},
        also=(*ANSWER, "input_tokens", "prompt", "refusal", "refusal_partial", *SCORES),
        description="somebody adds a sentence to the prompt of billing-chat, which has no version",
    ),
    Incident(
        name="mute tool",
        cause="tool_results",
        metric="tool_empty.update_contact",
        scope={"name": "account-actions"},
        start=_inside(8),
        days=3,
        changes={"mute_tool": "update_contact"},
        also=("tool_shape.update_contact", "tool_result.update_contact"),
        description="update_contact gives nothing back in half of its runs, and no error",
    ),
    Incident(
        name="tool with other fields",
        cause="tool_results",
        metric="tool_shape.change_plan",
        scope={"name": "account-actions"},
        start=_inside(9),
        days=3,
        changes={"reshaped_tool": "change_plan"},
        description="what change_plan gives back has another shape, and is as long as before",
    ),
)  # fmt: skip
