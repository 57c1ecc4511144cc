from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.units import Unit, demo_county
from models.unit_finder import mention_finder
from nlp.gazetteer import Gazetteer
from nlp.language import create_language
from nlp.mention_component import UnitMentions
from nlp.mentions import Mention, MentionFinder
from nlp.tokenise import Tokeniser

FINDER = mention_finder(demo_county())
TOKENISER = Tokeniser(["赵湾村", "青石镇", "红星村"])


def find(text: str, around: Sequence[str] = ()) -> list[Mention]:
    return FINDER.find(text, TOKENISER.cut(text), around)


def codes(text: str, around: Sequence[str] = ()) -> list[str]:
    return ["|".join(mention.codes) for mention in find(text, around)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("赵湾村会计虚报低保", ["T01V01"]),
        ("赵湾村委会的账", ["T01V01"]),
        ("青石镇人民政府不作为", ["T01"]),
        ("青石乡的老书记", ["T01"]),
        ("县农业农村局拖着不办", ["D06"]),
        ("找了农经站的人", ["D06"]),
        ("双桥镇红星村", ["T03", "T02V02|T05V02"]),
        ("柳林镇红星村的支书", ["T05", "T05V02"]),
        ("柳林红星村", ["T05", "T05V02"]),
        ("红星村的支书", ["T02V02|T05V02"]),
        ("我是柳林镇人。村里的红星村小组", ["T05", "T05V02", "T05V02"]),
        ("界牌村和红星村都这样", ["T05V04", "T05V02"]),
        ("黄土坡去年砍了树", ["T08V03"]),
        ("石门岩口的路", ["T10", "T10V02"]),
        ("镇纪委没有回音，青石镇的事", ["T01K", "T01"]),
        ("中心小学乱收费", ["D16"]),
        ("派出所不出警", ["D20"]),
    ],
)
def test_names_aliases_short_forms_and_ambiguous_names(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


@pytest.mark.parametrize(
    "text", ["市教育局来检查", "省林业厅和省林业局", "外县法院判的", "移民新村那边", "大家团结一心搞建设", "我看见光明"]
)
def test_other_levels_and_common_words_are_no_mentions(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [("周家充村的账目", "T01V04"), ("周加冲村的账目", "T01V04"), ("赵弯村的账目", "T01V01"), ("白路镇政府", "T02")],
)
def test_one_wrong_character(text: str, expected: str) -> None:
    mentions = find(text)
    assert [(one.code, one.how) for one in mentions if one.how == "typo"] == [(expected, "typo")]


@pytest.mark.parametrize("text", ["李湾村的账目", "外村人", "全村都知道", "新农村建设", "城镇居民"])
def test_another_name_is_no_typo(text: str) -> None:
    assert [one for one in find(text) if one.how == "typo"] == []


@pytest.mark.parametrize(
    ("text", "around", "expected"),
    [
        ("我们村的路没修", ["T01V01"], ["T01V01"]),
        ("我们村的路没修", [], []),
        ("红星村的路没修", ["T05"], ["T05V02"]),
        ("红星村的路没修", ["T02V01"], ["T02V02"]),
        ("镇里说没钱，白鹭镇一直这样", [], ["T02", "T02"]),
    ],
)
def test_context_from_the_text_and_from_elsewhere(text: str, around: list[str], expected: list[str]) -> None:
    assert codes(text, around) == expected


@given(st.text(alphabet="赵湾村青石镇县教育局红星新民的我们里 。，\n纪委小学abc😀", max_size=60))
def test_mentions_are_ordered_disjoint_and_inside(text: str) -> None:
    mentions = find(text)
    position = 0
    for mention in mentions:
        assert position <= mention.start < mention.end <= len(text)
        assert mention.codes
        position = mention.end


def test_a_name_of_very_many_units_needs_its_town() -> None:
    counties = [Unit(f"{n:02d}", f"{chr(0x7532 + n)}山县", "county", None) for n in range(40)]
    towns = [Unit(f"{n:02d}T", f"{chr(0x4E59 + 7 * n)}水镇", "town", f"{n:02d}") for n in range(40)]
    villages = [Unit(f"{n:02d}V", "红星村", "village", f"{n:02d}T") for n in range(40)]
    finder = MentionFinder(Gazetteer([*counties, *towns, *villages]))
    assert finder.find("红星村的账", ["红星村", "的", "账"]) == []
    text = f"{towns[7].name}红星村的账"
    assert [one.code for one in finder.find(text, list(text))] == ["07T", "07V"]


def test_component_marks_whole_tokens_with_codes() -> None:
    language = create_language(["赵湾村", "青石镇"])
    units = [
        {"code": "YZ", "name": "云泽县", "kind": "county", "parent": None},
        {"code": "T01", "name": "青石镇", "kind": "town", "parent": "YZ"},
        {"code": "V01", "name": "赵湾村", "kind": "village", "parent": "T01", "aliases": ["赵家湾"]},
    ]
    component = language.add_pipe("fenban_units", config={"units": units, "relative": {"village": ["村里"]}})
    assert isinstance(component, UnitMentions)
    doc = language("青石镇赵湾村的账，村里没公示")
    assert [(span.text, span.kb_id_, span.label_) for span in doc.spans["units"]] == [
        ("青石镇", "T01", "name"),
        ("赵湾村", "V01", "name"),
        ("村里", "V01", "relative"),
    ]
