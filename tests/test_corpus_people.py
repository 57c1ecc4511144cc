from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import DataFileError
from corpus.paths import DATA
from corpus.people import people_words

SHIPPED = (DATA / "people.yaml").read_text("utf-8")


def test_the_shipped_lists_hold_what_letters_need() -> None:
    words = people_words()
    assert {"王", "欧阳", "和"} <= words.surnames
    assert "和" in words.mostly_words
    assert words.posts["村支书"] == "village"
    assert words.posts["镇长"] == "town"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("posts:", "post:"), "unknown key"),
        (("  group:", "  groups:"), "unknown rank"),
        (("  group: [组长", "  group: [村支书"), "stands under"),
        (("欧阳", "欧"), "two characters"),
    ],
)
def test_faults_are_told(change: tuple[str, str], told: str, tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text(SHIPPED.replace(*change, 1), "utf-8")
    with pytest.raises(DataFileError, match=told):
        people_words(path)
