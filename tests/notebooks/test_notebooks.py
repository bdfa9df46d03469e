"""Both notebooks as a reader runs them, from a fresh clone, on the demo: they end, and say what the text around them claims."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
sys.path.insert(0, str(NOTEBOOKS))
import render  # noqa: E402

_MOST_BYTES = 1_000_000


def shown(book: nbformat.NotebookNode) -> str:
    """Everything that a reader sees below the cells, as text."""
    parts = []
    for cell in book.cells:
        for output in cell.get("outputs", ()):
            parts.append(output.get("text") or output.get("data", {}).get("text/plain", ""))
    return "\n".join(parts)


def pictures(book: nbformat.NotebookNode) -> int:
    return sum("image/png" in output.get("data", {}) for cell in book.cells for output in cell.get("outputs", ()))


def says(book: nbformat.NotebookNode, name: str) -> None:
    text = shown(book)
    if name == "explore_results.ipynb":
        assert re.search(r"[45][.\d]* % → 1\d", text) and "16 Nov" in text and "billing-chat" in text
        assert "silent model update (possible)" in text and "only answers by gpt-4o-mini changed" in text
        for cause in ("stale_index", "prompt_change", "silent_model_update"):
            assert cause in text
        assert "16 !" in text and "10 ○" in text and "18 ✓" in text
        # the traces are live ones: refusals of that endpoint
        assert text.count("billing-chat  gpt-4o-mini") >= 3 and "I regret that I cannot fulfil this request" in text
        assert pictures(book) == 1
    else:
        assert "(14 days against 10)" in text and re.search(r"worse: cost of a request \$0\.000[45]\d+ → \$0\.000[67]", text)
        verdict = text[text.index("## drift:") :]
        _, unchanged = verdict.split("**Unchanged**")
        unchanged = unchanged.split("**Not enough data to tell**")[0]
        assert (
            "❌ | cost of a request" in verdict
            and "| • | length of answers" in verdict
            and "length of questions" in unchanged
            and "cost" not in unchanged
        )
        assert pictures(book) == 2


@pytest.mark.parametrize("name", render.NAMES)
def test_the_committed_outputs_are_whole_and_small(name):
    file = NOTEBOOKS / name
    assert file.stat().st_size < _MOST_BYTES
    book = nbformat.read(file, as_version=4)
    nbformat.validate(book)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert not [output for cell in code for output in cell.outputs if output.output_type == "error"]
    says(book, name)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_they_run_from_a_fresh_clone(tmp_path):
    shutil.copytree(NOTEBOOKS, tmp_path / "notebooks")
    for name in render.NAMES:
        says(render.render(tmp_path / "notebooks" / name), name)
    assert (tmp_path / "drift-data/demo/lake/report/index.html").exists()


@pytest.mark.parametrize("name", render.NAMES)
def test_a_reader_changes_one_line_for_traces_of_their_own(name):
    """Only the first cell knows the demo."""
    code = [cell.source for cell in nbformat.read(NOTEBOOKS / name, as_version=4).cells if cell.cell_type == "code"]
    assert [line for line in code[0].splitlines() if "demo" in line and "import" not in line] == [
        'CONFIG = ready("../drift-data/demo")  # your own: CONFIG = "../drift.toml"'
    ]
    assert not [source for source in code[1:] if "demo" in source or "drift.toml" in source]
