"""The table of frameworks in docs/stores.md, made from the recordings: `cd tests && python -m frameworks.table`."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from frameworks import judging

PAGE = Path(__file__).parents[2] / "docs" / "stores.md"
BEGIN, END = "<!-- frameworks: made by tests/frameworks/table.py -->\n", "<!-- frameworks: end -->\n"
COLUMNS = {
    "question": ("input",),
    "answer": ("output",),
    "system prompt": ("system_prompt",),
    "model": ("model",),
    "tokens": ("input_tokens", "output_tokens"),
    "cached, reasoning": tuple(judging.BUCKETS),
    "calls, steps": ("n_generations", "steps"),
    "tools": ("tool_calls", "repeated_tool_calls"),
    "failed tools": ("tool_errors",),
    "retries": ("retries",),
    "error, finish": ("error", "finish_reason"),
    "session, user": ("session_id", "user"),
    "TTFT": ("ttft_s",),
    "documents": ("documents",),
}


def made() -> str:
    lines = [f"| recorded by | traces | {' | '.join(COLUMNS)} |", "|---" * (len(COLUMNS) + 2) + "|"]
    for name in judging.names():
        verdicts = defaultdict(list)
        for cell in judging.cells(name):
            verdicts[cell.field].append(cell.verdict)
        columns = [_cell([v for field in fields for v in verdicts[field]]) for fields in COLUMNS.values()]
        lines.append(f"| {name} | {len(judging.truths(name))} | {' | '.join(columns)} |")
    return "\n".join(lines) + "\n"


def in_the_documentation() -> str:
    text = PAGE.read_text("utf-8")
    return text[text.index(BEGIN) + len(BEGIN) : text.index(END)]


def write() -> None:
    text = PAGE.read_text("utf-8")
    before, after = text[: text.index(BEGIN) + len(BEGIN)], text[text.index(END) :]
    PAGE.write_text(before + made() + after, "utf-8")


def _cell(verdicts: list[str]) -> str:
    """All right: `yes`; all unknown: `unknown`; else how many of how many are right. A wrong one is said."""
    if not verdicts:
        return ""
    right, wrong = verdicts.count(judging.RIGHT), verdicts.count(judging.WRONG)
    if wrong:
        return f"**{wrong} wrong** of {len(verdicts)}"
    if right == len(verdicts):
        return "yes"
    return f"{right} of {len(verdicts)}" if right else "unknown"


if __name__ == "__main__":
    write()
