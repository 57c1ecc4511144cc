from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import DataFileError
from corpus.schemes import content_scheme, discipline_scheme, load_scheme
from corpus.units import demo_county, load_units


def test_the_shipped_schemes_have_the_published_sizes() -> None:
    assert [len(content_scheme().level(level)) for level in (1, 2, 3)] == [15, 118, 517]
    discipline = discipline_scheme()
    assert [len(discipline.level(level)) for level in (1, 2, 3)] == [4, 16, 72]
    assert [category.code for category in discipline.ancestors("B1.5")] == ["B", "B1", "B1.5"]
    assert "Z0" in discipline


@pytest.mark.parametrize(
    ("suffix", "text", "row", "code", "fault"),
    [
        (".csv", "level1,level2,level3\n民政,优抚,抚恤\n民政,优抚,抚恤\n", 3, "民政/优抚/抚恤", "twice"),
        (".csv", "level1,level2,level3\n民政,,抚恤\n", 2, "民政//抚恤", "empty"),
        (".csv", "一级,二级\n民政,优抚\n", 1, "", "columns must be"),
        (".yaml", "aspects:\n- {code: A, name: 甲, points: [{code: B1, name: 乙}]}\n", 2, "B1", "begin with"),
        (".yaml", "aspects:\n- {code: A, name: 甲}\n- {code: A, name: 乙}\n", 3, "A", "twice"),
        (".yaml", "aspects:\n- {code: A}\n", 2, "A", "missing"),
    ],
)
def test_a_broken_scheme_names_file_row_and_code(
    tmp_path: Path, suffix: str, text: str, row: int, code: str, fault: str
) -> None:
    path = tmp_path / f"scheme{suffix}"
    path.write_text(text, "utf-8")
    with pytest.raises(DataFileError) as caught:
        load_scheme(path)
    message = str(caught.value)
    assert str(path) in message
    assert f"row {row}" in message
    assert code in message
    assert fault in message


def test_the_demo_county_is_whole() -> None:
    county = demo_county()
    assert len(county.units) == 155
    assert [unit.code for unit in county.ancestors("T01V02")] == ["YZ", "T01", "T01V02"]
    assert county.by_name["新民村"] == ["T01V02", "T03V02"]


HEADER = "code,name,kind,parent,aliases,remit\n"


@pytest.mark.parametrize(
    ("rows", "row", "code", "fault"),
    [
        ("A,甲县,county,,,\nB,乙局,bureau,A,,\n", 3, "B", "unknown kind"),
        ("A,甲县,county,,,\nB,乙局,department,X,,\n", 3, "B", "parent 'X' is unknown"),
        ("A,甲县,county,,,\nA,乙局,department,A,,\n", 3, "A", "twice"),
        ("A,甲,town,B,,\nB,乙,town,A,,\n", 2, "A", "circle"),
        ("A,甲县,county,,,\nB,乙局,department,A,老局,\nC,丙局,department,A,老局,\n", 4, "C", "'老局' belongs to 'B'"),
        (",甲县,county,,,\n", 2, "", "empty"),
    ],
)
def test_a_broken_registry_names_file_row_and_code(tmp_path: Path, rows: str, row: int, code: str, fault: str) -> None:
    path = tmp_path / "units.csv"
    path.write_text(HEADER + rows, "utf-8")
    with pytest.raises(DataFileError) as caught:
        load_units(path)
    message = str(caught.value)
    assert f"{path}: row {row}: {code!r}" in message
    assert fault in message


def test_two_towns_may_share_a_village_name(tmp_path: Path) -> None:
    path = tmp_path / "units.csv"
    path.write_text(HEADER + "A,甲,town,,,\nB,乙,town,,,\nA1,新村,village,A,,\nB1,新村,village,B,,\n", "utf-8")
    assert load_units(path).by_name["新村"] == ["A1", "B1"]
