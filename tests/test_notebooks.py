"""What git keeps of the notebooks: short, no outputs, no definitions. That they run is for nbmake to test."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
MOST_CELLS = 30


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_is_short_stripped_and_defines_nothing(path: Path) -> None:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert len(cells) <= MOST_CELLS
    assert cells[0]["cell_type"] == "markdown"
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    lines = [line for cell in code for line in "".join(cell["source"]).splitlines()]
    assert not [line for line in lines if line.lstrip().startswith(("def ", "class ", "!", "%"))]


def test_the_list_of_notebooks_is_whole() -> None:
    listed = {
        line.split("`")[1]
        for line in (NOTEBOOKS / "README.md").read_text("utf-8").splitlines()
        if line.startswith("| `")
    }
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} <= listed
