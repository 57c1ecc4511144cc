from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import DataFileError
from corpus.unit_kinds import OTHER, UnitName, folded, kind_table


@pytest.mark.parametrize(
    ("name", "kind", "place"),
    [
        ("徐汇区教育局", "教育", "徐汇区"),
        ("上海市徐汇区教育局", "教育", "上海市徐汇区"),
        ("云泽县教体局", "教育", "云泽县"),
        ("浦东新区人民政府花木街道办事处", "乡镇街道", "浦东新区人民政府花木"),
        ("青石镇人民政府", "乡镇街道", "青石"),
        ("青石镇", "乡镇街道", "青石"),
        ("青石镇纪委", "纪检监察", "青石镇"),
        ("市公安局青浦分局", "公安", "市青浦分局"),
        ("县房管局", "房屋管理", "县"),
        ("区住房保障和房屋管理局", "房屋管理", "区"),
        ("市绿化和市容管理局（市林业局）", "绿化市容", "市"),
        ("市建设和交通委员会", "住房城乡建设", "市"),
        ("医学院附属第一人民医院", "卫生健康", "医学院附属第一人民"),
        ("城投集团有限公司", "国有企业", "城投集团有限"),
        ("地铁集团有限公司", "交通", "有限公司"),
        ("赵湾村", "村居", "赵湾"),
    ],
)
def test_the_word_that_ends_last_says_the_kind(name: str, kind: str, place: str) -> None:
    assert kind_table().parse(name) == UnitName(kind, place)


def test_names_without_a_known_word_are_grouped_by_the_ending_they_share() -> None:
    names = ["东片网格中心站", "西片网格中心站", "西片网格中心站", "灯塔"]
    parsed = kind_table().parse_all(names)
    assert parsed["东片网格中心站"] == UnitName("片网格中心站", "东")
    assert parsed["西片网格中心站"].kind == "片网格中心站"
    assert parsed["灯塔"] == UnitName(OTHER, "灯塔")


@given(st.text(alphabet="上海市区县镇乡村教育局公司医院（）() 甲乙", max_size=14))
def test_any_name_is_parsed_and_spellings_of_brackets_and_blanks_do_not_matter(name: str) -> None:
    parsed = kind_table().parse_all([name])[name]
    assert kind_table().parse_all([folded(name)])[folded(name)] == parsed
    assert parsed.kind


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("kinds: {教育: [教育局], 体育: [教育局]}\notherwise: {}\n", "stands under 教育 and under 体育"),
        ("kinds: {教育: 教育局}\notherwise: {}\n", "'教育' needs a list"),
        ("kinds: {教育: ['']}\notherwise: {}\n", "'教育' needs a list"),
        ("kinds: {}\n", "needs the sections"),
        ("- 教育局\n", "needs the sections"),
    ],
)
def test_a_table_that_breaks_its_rules_is_refused(tmp_path: Path, content: str, fault: str) -> None:
    path = tmp_path / "kinds.yaml"
    path.write_text(content, "utf-8")
    with pytest.raises(DataFileError, match=fault):
        kind_table(path)
