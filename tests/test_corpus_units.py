from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from corpus.errors import DataFileError, InputError
from corpus.unit_import import import_county, import_units
from corpus.units import demo_county, load_units

HEADER = "code,name,kind,parent,aliases,remit,valid_from,valid_until,successor\n"
MERGED = (
    HEADER
    + "A,甲县,county,,,,,,\n"
    + "T1,东山乡,town,A,东山,,,2023-12-31,T3\n"
    + "T2,西山乡,town,A,,,,2020-06-30,T1\n"
    + "T3,大山镇,town,A,,,2024-01-01,,\n"
    + "V1,红星村,village,T1,,,,,\n"
    + "V2,新民村,village,T2,,,,,\n"
)


@pytest.fixture
def merged(tmp_path: Path) -> Path:
    path = tmp_path / "units.csv"
    path.write_text(MERGED, "utf-8")
    return path


def workbook(path: Path, *sheets: list[list[str]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("day", "towns", "above_v1", "above_v2", "heir_aliases"),
    [
        ("2019-05-01", ["T1", "T2", "T3"], "T1", "T2", ()),
        ("2020-06-30", ["T1", "T2", "T3"], "T1", "T2", ()),
        ("2020-07-01", ["T1", "T3"], "T1", "T1", ()),
        ("2024-01-01", ["T3"], "T3", "T3", ("东山乡", "东山", "西山乡")),
        ("", ["T3"], "T3", "T3", ("东山乡", "东山", "西山乡")),
    ],
)
def test_merged_towns_live_on_in_their_successor(
    merged: Path, day: str, towns: list[str], above_v1: str, above_v2: str, heir_aliases: tuple[str, ...]
) -> None:
    registry = load_units(merged).as_of(day)
    assert [unit.code for unit in registry.units.values() if unit.kind == "town"] == towns
    assert (registry["V1"].parent, registry["V2"].parent) == (above_v1, above_v2)
    assert registry["T3"].aliases == heir_aliases


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("T,东山乡,town,A,,,,2023年底,\n", "days like"),
        ("T,东山乡,town,A,,,2024-01-01,2023-01-01,\n", "before valid_from"),
        ("T,东山乡,town,A,,,,2023-01-01,X\n", "'X' is unknown"),
        ("T,东山乡,town,A,,,,,A\n", "no valid_until"),
        ("T,东山乡,town,A,,,,2023-01-01,T\n", "circle"),
    ],
)
def test_faults_of_validity_are_told_with_row_and_code(tmp_path: Path, row: str, fault: str) -> None:
    path = tmp_path / "units.csv"
    path.write_text(HEADER + "A,甲县,county,,,,,,\n" + row, "utf-8")
    with pytest.raises(DataFileError, match=fault) as caught:
        load_units(path)
    assert "row 3: 'T'" in str(caught.value)


def test_an_offices_own_workbook_is_understood(tmp_path: Path, fenban: Callable[..., tuple[int, str, str]]) -> None:
    rows = [
        ["单位名称", "类别", "上级单位", "简称", "职责", "停用日期", "现单位"],
        ["甲县", "县", "", "", "", "", ""],
        ["县教育局", "县直单位", "甲县", "教育局、教体局", "招生；学校收费", "", ""],
        ["东山乡", "乡镇", "甲县", "东山", "", "2023年12月31日", "大山镇"],
        ["大山镇", "乡镇", "甲县", "", "", "", ""],
        ["大山镇纪委", "纪检机构", "大山镇", "", "", "", ""],
        ["红星村", "行政村", "东山乡", "", "", "", ""],
    ]
    out = tmp_path / "units.csv"
    code, told, _ = fenban("units", "import", workbook(tmp_path / "机构.xlsx", rows), "--out", out)
    assert code == 0
    assert "6 units" in told
    registry = load_units(out)
    by_name = {unit.name: unit for unit in registry.units.values()}
    assert by_name["县教育局"].aliases == ("教育局", "教体局")
    assert by_name["县教育局"].remit == ("招生", "学校收费")
    assert by_name["东山乡"].valid_until == "2023-12-31"
    assert registry.as_of("")[by_name["红星村"].code].parent == by_name["大山镇"].code
    assert import_units(out).units == registry.units


def test_kinds_are_told_by_names_where_a_table_has_none(tmp_path: Path) -> None:
    path = tmp_path / "units.csv"
    path.write_text("名称,上级\n甲县,\n东山镇,甲县\n东山镇纪委,东山镇\n红星社区,东山镇\n县住建局,甲县\n", "utf-8")
    kinds = [unit.kind for unit in import_units(path).units.values()]
    assert kinds == ["county", "town", "discipline", "village", "department"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [("编码,级别\n1,县\n", "no column is known as the name"), ("名称,上级\n甲村,乙镇\n", "parent '乙镇' is unknown")],
)
def test_a_table_that_is_no_registry_is_told(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "units.csv"
    path.write_text(text, "utf-8")
    with pytest.raises((DataFileError, InputError), match=fault):
        import_units(path)


UNITS = [["单位名称", "上级"], ["甲县", ""], ["东山镇", "甲县"]]


def test_notes_beside_the_table_of_a_workbook_are_passed_over(tmp_path: Path) -> None:
    path = workbook(tmp_path / "units.xlsx", [["填表说明"], ["一个单位一行"]], UNITS, [["备注", "电话"]])
    assert [unit.name for unit in import_units(path).units.values()] == ["甲县", "东山镇"]


def test_units_on_two_sheets_are_not_lost_silently(tmp_path: Path) -> None:
    path = workbook(tmp_path / "units.xlsx", UNITS, [["单位名称", "上级"], ["红星村", "东山镇"]])
    with pytest.raises(InputError, match="2 sheets have a column of unit names"):
        import_units(path)


def test_a_county_of_the_national_divisions(tmp_path: Path, fenban: Callable[..., tuple[int, str, str]]) -> None:
    (tmp_path / "areas.csv").write_text(
        'code,name,cityCode,provinceCode\n990101,"鼓楼区",9901,99\n990102,"甲县",9901,99\n990203,"鼓楼区",9902,99\n',
        "utf-8",
    )
    (tmp_path / "streets.csv").write_text(
        'code,name,areaCode,provinceCode,cityCode\n990102001,"东山镇",990102,99,9901\n990101001,"湖滨街道",990101,99,9901\n',
        "utf-8",
    )
    out = tmp_path / "units.csv"
    assert fenban("units", "import", "--divisions", tmp_path, "--county", "甲县", "--out", out)[0] == 0
    registry = load_units(out)
    assert [unit.name for unit in registry.units.values() if unit.kind in ("town", "discipline")] == [
        "东山镇",
        "东山镇纪委",
    ]
    assert registry.by_name["县教育局"]
    code, _, told = fenban("units", "import", "--divisions", tmp_path, "--county", "鼓楼区", "--out", out)
    assert code == 1
    assert "990101, 990203" in told
    district = import_county(tmp_path, "990101")
    assert "区教育局" in district.by_name
    assert "湖滨街道纪工委" in district.by_name


def test_names_that_several_units_bear_are_reported(
    fenban: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    path = tmp_path / "units.csv"
    path.write_text(HEADER + "A,甲县,county,,,,,,\nT,东山乡,town,A,,,,,\nU,西山乡,town,A,,,,,\n"
                    "V,红星村,village,T,,,,,\nW,红星村,village,U,,,,,\n", "utf-8")  # fmt: skip
    _, told, _ = fenban("units", "check", path)
    assert "红星村: V (东山乡), W (西山乡)" in told
    assert set(demo_county().ambiguous_names) >= {"红星村", "新民村", "镇纪委"}
