from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from corpus.errors import DataFileError
from corpus.paths import DATA
from corpus.report_words import STATUSES, report_words

SHIPPED = yaml.safe_load((DATA / "report_words.yaml").read_text("utf-8"))


def test_the_shipped_words_load_with_their_statuses_in_order() -> None:
    assert tuple(report_words().status)[:3] == STATUSES


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sentences": {"denial": ["未发现("]}}, "denial: entry 1 is no regular expression"),
        ({"sentences": {"denial": "未发现"}}, "denial: must be a list"),
        ({"status": {"rectified": ["已整改"]}}, "status: group 'unrectified' is missing"),
        ({"turn": None}, "turn: must be a list"),
        ({"headings": ["问题"]}, "headings: must be groups"),
        ({"nonsense": ["问题"]}, "'nonsense': unknown part"),
    ],
)
def test_a_faulty_file_is_told_with_every_place(tmp_path: Path, change: dict[str, object], message: str) -> None:
    path = tmp_path / "words.yaml"
    path.write_text(yaml.safe_dump({**SHIPPED, **change}, allow_unicode=True), "utf-8")
    with pytest.raises(DataFileError) as error:
        report_words(path)
    assert message in str(error.value)


@pytest.mark.parametrize("content", ["- 一个列表", "a: [", ""])
def test_what_is_no_mapping_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "words.yaml"
    path.write_text(content, "utf-8")
    with pytest.raises(DataFileError):
        report_words(path)
