from __future__ import annotations

import json
import random
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.encoding import MAX_LINE, detect_encoding, repair
from corpus.errors import InputError
from corpus.readers import read_numbered, read_petitions
from corpus.records import Petition, RowProblem

CSV = "编号,标题,内容,姓名,电话,经办人\r\n1,路灯,路灯坏了半个月,毕小满,15400000001,甲\r\n2,水,停水三天,,,乙\r\n"


def read(path: Path) -> tuple[list[Petition], list[RowProblem]]:
    items = list(read_petitions(path))
    return [i for i in items if isinstance(i, Petition)], [i for i in items if isinstance(i, RowProblem)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-32"])
def test_csv_with_chinese_headers_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "信.csv"
    path.write_bytes(CSV.encode(encoding))
    petitions, problems = read(path)
    assert not problems
    assert [(p.id, p.title, p.text, p.petitioner, p.phone, p.extra) for p in petitions] == [
        ("1", "路灯", "路灯坏了半个月", "毕小满", "15400000001", {"经办人": "甲"}),
        ("2", "水", "停水三天", "", "", {"经办人": "乙"}),
    ]


def test_one_damaged_byte_does_not_change_the_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(("内容\n" + "停水三天没有人管\n" * 50).encode() + b"\xff\xfe\n")
    assert detect_encoding(path) == "utf-8"
    assert len(read(path)[0]) == 51


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_separators(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"id{separator}text\n7{separator}停水\n", "utf-8")
    assert [p.text for p in read(path)[0]] == ["停水"]


def test_an_unclosed_quotation_mark_costs_one_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('id,text\n1,甲\n2,"乙没有引号\n3,丙\n4,"丁\n还有一行"\n', "utf-8")
    petitions, problems = read(path)
    assert [(p.id, p.text) for p in petitions] == [("1", "甲"), ("3", "丙"), ("4", "丁\n还有一行")]
    assert [p.row for p in problems] == [3]
    path.write_text('id,text\n1,甲\n2,"乙没有引号\n3,丙\n4,丁\n', "utf-8")
    petitions, problems = read(path)
    assert [p.id for p in petitions] == ["1", "3", "4"]
    assert [(p.row, p.kept) for p in problems] == [(3, False)]
    assert "quotation mark" in problems[0].reason


def test_a_line_of_200_megabytes_costs_that_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("id,text\n1,甲\n2,")
        for _ in range(200):
            file.write("x" * 1_000_000)
        file.write("\n3,丙\n")
    petitions, problems = read(path)
    assert [p.id for p in petitions] == ["1", "3"]
    assert [p.row for p in problems] == [3]


def test_jsonl_reports_every_bad_line_and_keeps_the_good(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = [
        '{"id": 1, "text": "甲"}',
        "{not json}",
        "[1, 2]",
        '{"id": 2, "title": "没有正文"}',
        '{"id": 3, "text": "a\\ud800b\\u0000c", "gold": {"primary": "Z0"}}',
        "[" * 100_000,
        '{"text": "' + "长" * MAX_LINE + '"}',
        "",
        '{"text": "没有编号"}',
    ]
    path.write_text("\n".join(lines), "utf-8")
    petitions, problems = read(path)
    assert [(p.id, p.text) for p in petitions] == [("1", "甲"), ("3", "a�b�c"), ("a-9", "没有编号")]
    assert petitions[1].extra == {"gold": {"primary": "Z0"}}
    assert [(p.row, p.kept) for p in problems] == [
        (2, False),
        (3, False),
        (4, False),
        (5, True),
        (6, False),
        (7, False),
    ]


def workbook(path: Path, rows: list[list[object]]) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)


def test_xlsx_reads_numbers_as_a_clerk_sees_them(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    workbook(
        path, [["编号", "内容", "电话", "件数"], [17, "停水", 15400000001, 2.5], ["", "", "", ""], [18, "", "", ""]]
    )
    petitions, problems = read(path)
    assert [(p.id, p.phone, p.extra) for p in petitions] == [("17", "15400000001", {"件数": 2.5})]
    assert [p.row for p in problems] == [4]


def test_txt_is_one_petition(tmp_path: Path) -> None:
    path = tmp_path / "来信7.txt"
    path.write_bytes("尊敬的领导：\n停水三天。".encode("gbk"))
    petitions, _ = read(path)
    assert [(p.id, p.text) for p in petitions] == [("来信7", "尊敬的领导：\n停水三天。")]


def bomb(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(1_100):
            part.write(bytes(1 << 20))


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        ("missing.csv", lambda path: None, "no such file"),
        ("a.doc", lambda path: path.write_bytes(b"x"), "另存为 docx"),
        ("a.pages", lambda path: path.write_bytes(b"x"), "unknown suffix"),
        ("empty.csv", lambda path: path.write_bytes(b""), "empty"),
        ("broken.xlsx", lambda path: path.write_bytes(b"PK\x03\x04" + random.Random(0).randbytes(500)), "xlsx"),
        ("plain.xlsx", lambda path: path.write_bytes(b"id,text\n1,a\n"), "xlsx"),
        ("broken.parquet", lambda path: path.write_bytes(b"PAR1xxxx"), "parquet"),
        ("folder.csv", lambda path: path.mkdir(), "folder"),
        ("bomb.xlsx", bomb, "refused"),
    ],
)
def test_a_file_that_cannot_be_read_gets_one_clear_line(tmp_path: Path, name: str, make, reason: str) -> None:
    path = tmp_path / name
    make(path)
    with pytest.raises(InputError) as caught:
        read(path)
    assert reason in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_text_column_is_told_without_repeating_the_cells(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("张三,15400000001,路灯坏了\n李四,,停水\n", "utf-8")
    petitions, problems = read(path)
    assert not petitions
    assert "3 columns" in problems[0].reason
    assert not any(word in str(problems) for word in ("张三", "1540", "路灯"))


def test_the_header_may_stand_below_a_title_and_empty_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("来信登记表\n,\n编号,内容\n1,停水\n", "utf-8")
    assert [p.id for p in read(path)[0]] == ["1"]
    book = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(book)) as workbook:
        workbook.add_worksheet().write_row(0, 0, ["说明", "第一页"])
        workbook.add_worksheet().write_row(1, 0, ["编号", "内容"])
        workbook.worksheets()[1].write_row(2, 0, ["7", "停水"])
        workbook.add_worksheet().write_column(0, 0, ["内容", "路灯"])
    petitions, problems = read(book)
    assert [(p.id, p.text) for p in petitions] == [("7", "停水"), ("a-3.2", "路灯")]
    assert [str(p) for p in problems] == [
        f"{book}: sheet 1, row 1: none of the 2 columns is known as text; name one of them text or 内容"
    ]


def test_a_second_phone_or_name_never_comes_out(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("身份证号,内容,手机,联系电话,举报人,联系人,微信,经办人\n42,停水,1,2,甲,乙,w,丙\n", "utf-8")
    assert read(path)[0][0].extra == {"经办人": "丙"}
    path = tmp_path / "a.jsonl"
    row = '{"text": "停水", "姓名": "甲", "联系人": "乙", "phone": ["1"], "邮箱": "@", "身份证": 4, "经办人": "丙"}'
    path.write_text(f"{row}\n", "utf-8")
    assert read(path)[0][0].extra == {"经办人": "丙"}


def test_an_empty_text_column_gives_way_to_the_next(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("编号,问题描述,内容\n1,,停水\n2,路灯,停水\n", "utf-8")
    assert [(p.text, p.extra) for p in read(path)[0]] == [("停水", {"内容": "停水"}), ("路灯", {"内容": "停水"})]
    path = tmp_path / "a.jsonl"
    path.write_text('{"body": "", "text": "停水"}\n', "utf-8")
    assert [p.text for p in read(path)[0]] == ["停水"]


def test_a_table_of_one_column_keeps_its_commas(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("内容\n路灯坏了,没人修\n", "utf-8")
    assert [p.text for p in read(path)[0]] == ["路灯坏了,没人修"]


def test_a_long_line_with_old_mac_line_ends_costs_that_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,text\r1," + b"x" * (MAX_LINE + 5) + b"\r2,a\r3,b\r")
    petitions, problems = read(path)
    assert [p.id for p in petitions] == ["2", "3"]
    assert [p.row for p in problems] == [2]


def test_values_that_no_format_holds_become_plain(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "停水", "x": ["\\ud800", NaN], "y": 1e999, "z": 1' + "0" * 30 + "}\n", "utf-8")
    assert read(path)[0][0].extra == {"x": ["\ufffd", ""], "y": "", "z": "1" + "0" * 30}


def test_repeated_and_empty_headers_lose_no_column(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,备注,备注,\n停水,一,二,三\n", "utf-8")
    assert read(path)[0][0].extra == {"备注": "一", "备注_": "二", "column 4": "三"}


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=40)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(cells, cells.filter(str.strip)), min_size=1, max_size=15))
def test_what_is_written_as_csv_or_jsonl_is_read_again(tmp_path_factory: pytest.TempPathFactory, rows) -> None:
    import csv

    folder = tmp_path_factory.mktemp("round")
    with (folder / "a.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "text"), *rows])
    with (folder / "a.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"id": key, "text": text}) + "\n" for key, text in rows)
    for name in ("a.csv", "a.jsonl"):
        petitions, problems = read(folder / name)
        assert not problems
        assert [p.text for p in petitions] == [text for _, text in rows]


@given(st.text())
def test_repair_keeps_length_and_gives_writable_text(text: str) -> None:
    clean, changed = repair(text)
    assert len(clean) == len(text)
    clean.encode("utf-8")
    assert changed == (clean != text)


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=300), suffix=st.sampled_from([".csv", ".jsonl", ".txt", ".xlsx", ".parquet"]))
def test_random_bytes_never_raise_anything_else(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / f"a{suffix}"
    path.write_bytes(data)
    try:
        petitions, problems = read(path)
    except InputError:
        return
    assert all(p.text.strip() for p in petitions)
    assert all(p.row >= 1 for p in problems)


def test_a_file_name_that_is_no_unicode_gives_an_id_that_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / "来信.csv".encode("gbk").decode("utf-8", "surrogateescape")
    path.write_text("text\n路灯坏了\n", "utf-8")
    for number in (1, 2):
        (petition,) = read_numbered(path, number)
        assert isinstance(petition, Petition)
        assert petition.id.encode().decode() == petition.id
        assert "~2" in petition.id or number == 1
