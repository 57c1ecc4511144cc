from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.findings import read_candidates, sentences
from nlp.numbering import parse_count
from nlp.statements import listed, stated
from nlp.structure import HEADER, HEADING, PARAGRAPH, ROW, Block, Line, read_blocks


def lines_of(text: str) -> list[Line]:
    """A line a paragraph; a row's cells are parted by |."""
    lines: list[Line] = []
    position = 0
    for raw in text.splitlines():
        if raw.strip():
            cells = []
            start = position
            for cell in raw.split("|") if "|" in raw else ():
                cells.append((start + len(cell) - len(cell.lstrip()), start + len(cell.rstrip())))
                start += len(cell) + 1
            is_row = bool(cells) and bool(lines) and bool(lines[-1].cells)
            columns = (lines[-1].columns or tuple(text[a:b] for a, b in lines[-1].cells)) if is_row else ()
            lines.append(Line(position, position + len(raw), tuple(cells), columns))
        position += len(raw) + 1
    return lines


def blocks_of(text: str) -> list[Block]:
    return read_blocks(text, lines_of(text))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("三", 3),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("二十一", 21),
        ("12", 12),
        ("１２", 12),
        ("⑤", 5),
        ("甲", None),
        ("", None),
    ],
)
def test_counts_of_numbering(text: str, count: int | None) -> None:
    assert parse_count(text) == count


@pytest.mark.parametrize(
    ("line", "kind", "content", "number"),
    [
        ("一、总体评价", HEADING, "总体评价", 1),
        ("（二）集体资产方面", HEADING, "集体资产方面", 2),
        ("3. 账目混乱。查阅凭证发现白条。", PARAGRAPH, "账目混乱。查阅凭证发现白条。", 3),
        ("1.2022年的租金没有入账。", PARAGRAPH, "2022年的租金没有入账。", 1),
        ("1.5公里的路没有修。", PARAGRAPH, "1.5公里的路没有修。", None),
        ("第3项：补贴被截留。", PARAGRAPH, "补贴被截留。", 3),
        ("第3项问题已经整改。", PARAGRAPH, "第3项问题已经整改。", None),
        ("线索二：关于某村会计", HEADING, "关于某村会计", 2),
        ("案例五　某村原会计", HEADING, "某村原会计", 5),
        ("②村干部长期不在村。", PARAGRAPH, "村干部长期不在村。", 2),
        ("附注：", HEADING, "附注：", None),
    ],
)
def test_numbering_and_headings(line: str, kind: str, content: str, number: int | None) -> None:
    (block,) = blocks_of(line)
    assert (block.kind, line[block.start : block.end], block.number) == (kind, content, number)


def test_headings_stand_over_what_follows_until_one_of_their_level() -> None:
    text = "一、问题\n（一）资金\n1.租金没有入账。\n（二）作风\n窗口无人。\n二、要求\n要整改。"
    above = {text[b.start : b.end]: [text[a:z] for a, z in b.above] for b in blocks_of(text)}
    assert above["租金没有入账。"] == ["问题", "资金"]
    assert above["窗口无人。"] == ["问题", "作风"]
    assert above["要整改。"] == ["要求"]


def test_rows_know_their_columns() -> None:
    text = "序号 | 问题 | 状态\n1 | 租金没有入账 | 已整改\n2 | 账目不公开 |"
    blocks = blocks_of(text)
    assert [block.kind for block in blocks] == [HEADER, ROW, ROW]
    assert [block.number for block in blocks] == [None, 1, 2]
    columns = {text[c.start : c.end]: c.column for c in read_candidates(text, blocks)}
    assert columns["租金没有入账"] == "问题"
    assert columns["已整改"] == "状态"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "账目混乱。查出白条12张；会计说“没人管。”已停职。",
            ["账目混乱", "查出白条12张", "会计说“没人管。”", "已停职"],
        ),
        ("提三点意见：一是公开账目；二是追回资金。", ["提三点意见", "公开账目", "追回资金"]),
        ("首先，抓落实不紧。（1）渔场村：鱼池没有招租。", ["抓落实不紧", "鱼池没有招租"]),
        ("“村里的账三年没有公开。”", ["村里的账三年没有公开"]),
        (
            "书记说:“我村护岸少砌了一百米,工程款却付清了。这笔账要算。”",
            ["我村护岸少砌了一百米,工程款却付清了", "这笔账要算"],
        ),
    ],
)
def test_candidates_are_bare_sentences(text: str, found: list[str]) -> None:
    assert [text[c.start : c.end] for c in read_candidates(text, blocks_of(text))] == found


@given(st.text(alphabet="一二三、（）1.①。；，：“”|\n 村账没有公开是第项", max_size=200))
def test_candidates_lie_in_the_text_in_order(text: str) -> None:
    ends = 0
    for one in read_candidates(text, blocks_of(text)):
        assert ends <= one.start < one.end <= len(text)
        ends = one.end
        assert not {text[one.start], text[one.end - 1]} & set(" \n，。；：")


@given(st.text(alphabet="。！；“”（村账没有", max_size=80))
def test_sentences_cover_their_stretch(text: str) -> None:
    assert "".join(text[start:end] for start, end in sentences(text, 0, len(text))) == text


def parts(text: str) -> tuple[list[str], str | None]:
    import re

    spans, ending = stated(
        text,
        0,
        len(text),
        harmless=re.compile("达标|未发现"),
        turn=re.compile("但(?:是)?"),
        afterwards=re.compile("目前|经[^，]{0,8}督办"),
        another=re.compile("另有"),
    )
    return [text[slice(*span)] for span in spans], None if ending is None else text[slice(*ending)]


@pytest.mark.parametrize(
    ("text", "found", "ending"),
    [
        ("村里三年没有公开账目", ["村里三年没有公开账目"], None),
        ("村卫生室药品配备达标，但签约医生一年没有上门随访", ["签约医生一年没有上门随访"], None),
        (
            "两名人员吃饭不给钱，半年签单3700元，目前已付清餐费",
            ["两名人员吃饭不给钱，半年签单3700元"],
            "目前已付清餐费",
        ),
        ("发电收益两年没有分配，另有5间厂房没有登记入册", ["发电收益两年没有分配", "另有5间厂房没有登记入册"], None),
        ("他说“账目公开了，目前没有问题”却拿不出账本", ["他说“账目公开了，目前没有问题”却拿不出账本"], None),
    ],
)
def test_a_statement_is_cut_from_praise_and_from_what_followed(text: str, found: list[str], ending: str | None) -> None:
    assert parts(text) == (found, ending)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("调研认为人员不专业,导致白条入账、账目混乱等问题频发", ["白条入账", "账目混乱"]),
        ("监管跟不上,容易导致白条入账、账目混乱等问题", []),
        ("针对上述、以前等问题抓紧整改", []),
    ],
)
def test_problems_named_in_passing(text: str, found: list[str]) -> None:
    import re

    spans = listed(text, 0, len(text), before=re.compile("针对|导致"), never=re.compile("容易"))
    assert [text[slice(*span)] for span in spans] == found
