"""The story of the tutorial and the notebook is what drift says: from the alarm to the closed ticket."""

from __future__ import annotations

import re
import shutil
import sys

import nbformat
import pytest
import story


@pytest.fixture(scope="module")
def told() -> list:
    return story.tell()


def test_it_goes_from_the_alarm_to_the_closed_ticket(told):
    printed = {step.command.split()[0]: said for step, said in told if isinstance(step, story.Drift)}
    tickets = [said for step, said in told if isinstance(step, story.Look) and not step.figure]
    (alarm,) = [said for step, said in told if isinstance(step, story.Drift) and step.command == f"run --day {story.UPDATE}"]
    assert "1 new incident" in alarm and "deploy billing-chat 2026.43" in alarm
    assert "with the model alone; the prompt" in printed["experiment"] and "not to blame" in printed["experiment"]
    assert "the fix is proved" in printed["fixed"]
    assert [ticket.split(":")[0] for ticket in tickets] == ["acme/billing-chat #1, open", "acme/billing-chat #1, closed"]


def _lasting(text: str) -> str:
    """What does not change with each new metric: without how many comparisons a night made, and what it would have seen."""
    text = re.sub(r"[\d,]+ comparisons", "… comparisons", text)
    return re.sub(r"^Had .*?(?=\nlasting|\nwarning|\n```|\Z)", "Had …", text, flags=re.DOTALL | re.MULTILINE)


def test_the_page_is_what_the_commands_print(told):
    assert _lasting(story.PAGE.read_text("utf-8")) == _lasting(story.page(told)), "run: python tests/story.py"


def _says_the_same(book: nbformat.NotebookNode, told: list) -> None:
    wanted = story.notebook(told)
    assert [cell.source for cell in book.cells] == [cell.source for cell in wanted.cells]
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    steps = [(step, said) for step, said in told if not isinstance(step, story.Say)]
    # before them the cell that begins it, after them the one that ends it
    for cell, (step, said) in zip(code[1:-1], steps, strict=True):
        if isinstance(step, story.Look) and step.figure:
            assert any("image/png" in output.get("data", {}) for output in cell.outputs)
        else:
            shown = "".join(output.text for output in cell.outputs)
            assert _lasting("\n".join(line.rstrip() for line in shown.strip().splitlines())) == _lasting(said)


def test_the_notebook_says_the_same(told):
    _says_the_same(nbformat.read(story.NOTEBOOK, as_version=4), told)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_notebook_runs(told, tmp_path):
    sys.path.insert(0, str(story.ROOT / "notebooks"))
    import render

    (tmp_path / "notebooks").mkdir()
    (tmp_path / "tests").symlink_to(story.ROOT / "tests")
    shutil.copy(story.NOTEBOOK, tmp_path / "notebooks")
    _says_the_same(render.render(tmp_path / "notebooks" / story.NOTEBOOK.name), told)
