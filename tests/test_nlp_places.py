from __future__ import annotations

import pytest

from nlp.components import FACTS, PERSONAL
from nlp.language import create_language
from nlp.places import find_places
from nlp.tokenise import Tokeniser


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我住柳林镇官塘村五组，今年七十", ["柳林镇官塘村五组"]),
        ("三组的水渠坏了", ["三组"]),
        ("反映翠园社区6栋402室漏水", ["翠园社区6栋402室"]),
        ("柳林中心小学收费", ["柳林中心小学"]),
        ("解放路28号院门口", ["解放路28号院"]),
        ("那所小学没有人，组织学习，起了一栋楼", []),
    ],
)
def test_places(text: str, expected: list[str], tokeniser: Tokeniser) -> None:
    found = find_places(text, tokeniser.cut(text))
    assert [place.text for place in found] == expected
    assert all(text[place.start : place.end] == place.text for place in found)


def test_spacy_components_give_span_groups(tmp_path: object) -> None:
    language = create_language()
    language.add_pipe(FACTS)
    language.add_pipe(PERSONAL)
    doc = language("2023年5月收了3万2，电话 154 3821 6077，柳林小学门口。")
    groups = {name: [(span.text, span.kb_id_) for span in group] for name, group in doc.spans.items()}
    assert groups["amounts"] == [("3万2", "32000")]
    assert groups["dates"] == [("2023年5月", "2023-05")]
    assert [text for text, _ in groups["places"]] == ["柳林小学"]
    assert [(span.text, span.label_) for span in doc.spans["personal"]] == [("154 3821 6077", "PHONE")]
