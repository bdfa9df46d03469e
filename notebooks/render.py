"""Run the notebooks here and keep their outputs: `python notebooks/render.py`. The same tables give the same bytes."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent
NAMES = ("explore_results.ipynb", "model_upgrade.ipynb")
_SECONDS_A_CELL = 1800


def render(file: Path) -> nbformat.NotebookNode:
    """Run the notebook from its own folder and write it back; returns it. Raises nbclient's CellExecutionError."""
    book = nbformat.read(file, as_version=4)
    place = {"metadata": {"path": str(file.parent)}}
    client = NotebookClient(book, timeout=_SECONDS_A_CELL, kernel_name="python3", record_timing=False, resources=place)
    client.execute()
    # which Python it was is no part of the result
    book.metadata = nbformat.from_dict({"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}})
    nbformat.write(book, file)
    return book


if __name__ == "__main__":
    for name in sys.argv[1:] or NAMES:
        render(FOLDER / name)
