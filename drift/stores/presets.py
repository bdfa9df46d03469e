"""Column mappings for the exports of other trace stores, used as `[store] type = "files"` with `preset = "…"`.

Each maps a column of the trace table to a column (or a dotted path inside one) of the export. Several alternatives are
tried in order: exports differ by version and by the way they were made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Preset:
    """`columns`: trace column → paths tried in order; `a.*.b` is the sum of `b` over all members of `a`, `a.*` the name of its
    only member. `scores`: paths of objects {score name: value}. `root`: keep only rows in which this path is empty (the
    children of a trace are rows of their own in some exports). `name`: what of a name stays, its first group."""

    columns: dict[str, tuple[str, ...]]
    scores: tuple[str, ...] = ()
    root: str | None = None
    values: dict[str, object] = field(default_factory=dict)
    name: re.Pattern[str] | None = None


PRESETS: dict[str, Preset] = {
    # runs of the SDK's list_runs or the bulk export: one row a run, the trace is its root run
    "langsmith": Preset(
        columns={
            "trace_id": ("trace_id", "id"),
            "timestamp": ("start_time",),
            "end_time": ("end_time",),
            "first_token_time": ("first_token_time",),
            "session_id": (
                "extra.metadata.session_id",
                "extra.metadata.thread_id",
                "extra.metadata.conversation_id",
                "thread_id",
            ),
            "user": ("extra.metadata.user_id", "extra.metadata.user"),
            "name": ("name",),
            "environment": ("extra.metadata.environment", "session_name"),
            "release": ("extra.metadata.release", "extra.metadata.revision_id"),
            "tags": ("tags",),
            "model": ("extra.metadata.ls_model_name", "extra.invocation_params.model", "extra.invocation_params.model_name"),
            "prompt_name": ("extra.metadata.lc_hub_repo", "extra.metadata.prompt_name"),
            "prompt_version": ("extra.metadata.lc_hub_commit_hash", "extra.metadata.prompt_version"),
            "input": ("inputs",),
            "output": ("outputs",),
            "reference": ("reference_outputs", "reference_example.outputs"),
            "input_tokens": ("prompt_tokens",),
            "output_tokens": ("completion_tokens",),
            "cost_usd": ("total_cost",),
            "error": ("error",),
            "metadata": ("extra.metadata",),
        },
        scores=("feedback_stats",),
        root="parent_run_id",
    ),
    # the request table's export (JSON lines or CSV)
    "helicone": Preset(
        columns={
            "trace_id": ("request_id", "id"),
            "timestamp": ("request_created_at", "created_at"),
            "latency_ms": ("delay_ms", "latency"),
            "ttft_ms": ("time_to_first_token",),
            "session_id": ("request_properties.Helicone-Session-Id", "properties.Helicone-Session-Id"),
            "user": ("request_user_id", "user_id"),
            "name": ("request_properties.Helicone-Session-Name", "request_path", "properties.Helicone-Session-Name"),
            "environment": ("request_properties.Environment", "properties.Environment"),
            "model": ("response_model", "request_model", "model_override", "model"),
            "prompt_name": ("request_prompt_id", "prompt_id", "properties.Helicone-Prompt-Id"),
            "prompt_version": ("prompt_version",),
            "input": ("request_body", "request"),
            "output": ("response_body", "response"),
            "input_tokens": ("prompt_tokens",),
            "output_tokens": ("completion_tokens",),
            "cost_usd": ("cost_usd", "costUSD", "cost"),
            "error": ("response_status", "status"),
            "metadata": ("request_properties", "properties"),
        },
        scores=("scores",),
        values={"n_generations": 1},
    ),
    # a project's logs by BTQL or the UI's JSON/CSV export: one row a span, the trace is its root span
    "braintrust": Preset(
        columns={
            "trace_id": ("root_span_id", "id"),
            "timestamp": ("metrics.start", "created"),
            "end_time": ("metrics.end",),
            "ttft_s": ("metrics.time_to_first_token",),
            "session_id": ("metadata.session_id", "metadata.thread_id"),
            "user": ("metadata.user_id", "metadata.user"),
            "name": ("span_attributes.name",),
            "environment": ("metadata.environment",),
            "release": ("metadata.release", "metadata.git_sha"),
            "tags": ("tags",),
            "model": ("metadata.model",),
            "prompt_name": ("metadata.prompt.id", "metadata.prompt_name"),
            "prompt_version": ("metadata.prompt.version", "metadata.prompt_version"),
            "input": ("input",),
            "output": ("output",),
            "reference": ("expected",),
            "input_tokens": ("metrics.prompt_tokens",),
            "output_tokens": ("metrics.completion_tokens",),
            "cost_usd": ("metrics.estimated_cost",),
            "error": ("error",),
            "metadata": ("metadata",),
        },
        scores=("scores",),
        root="span_parents",
    ),
    # calls of get_calls / the UI's JSONL or CSV export: one row a call, the trace is its root call
    "weave": Preset(
        columns={
            "trace_id": ("trace_id", "id"),
            "timestamp": ("started_at",),
            "end_time": ("ended_at",),
            "session_id": ("thread_id", "attributes.session_id"),
            "user": ("attributes.user_id", "wb_user_id"),
            "name": ("display_name", "op_name"),
            "environment": ("attributes.environment", "attributes.env"),
            "release": ("attributes.release",),
            "model": ("output.model", "inputs.model", "attributes.model", "summary.usage.*"),
            "prompt_name": ("attributes.prompt_name",),
            "prompt_version": ("attributes.prompt_version",),
            "input": ("inputs",),
            "output": ("output",),
            "input_tokens": (
                "output.usage.prompt_tokens",
                "output.usage.input_tokens",
                "summary.usage.*.prompt_tokens",
                "summary.usage.*.input_tokens",
            ),
            "output_tokens": (
                "output.usage.completion_tokens",
                "output.usage.output_tokens",
                "summary.usage.*.completion_tokens",
                "summary.usage.*.output_tokens",
            ),
            "error": ("exception",),
            "metadata": ("attributes",),
        },
        scores=("summary.weave.feedback", "feedback"),
        root="parent_id",
        # an op's reference ends in the digest of its code, which every deployment changes
        name=re.compile(r"^weave:///.*/op/([^:]+)"),
    ),
}
