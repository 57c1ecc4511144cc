from __future__ import annotations

import pytest

from corpus.plain import plain_document
from corpus.report_words import report_words
from models.report_reading import read_report
from nlp.rectification import Answer, Stated, rectification, status_of

WORDS = report_words()
PROBLEMS = """一、存在的问题
第1项：石桥村鱼塘租金没有入账。
第2项：马头村低保没有公示。
第3项：赵湾村水管破损停水。
二、整改情况
"""


def statuses(text: str, *found: str) -> list[str | None]:
    """The statuses of the findings whose words are given, everything else being an answer."""
    report = read_report(plain_document(text))
    stated, answers = [], []
    for one in report.candidates:
        words = text[one.start : one.end]
        hits = [part for part in found if part in words]
        for part in hits:
            start = one.start + words.index(part)
            stated.append(Stated(start, start + len(part), one.block, one.number))
        if not hits and one.column is None:
            answers.append(Answer(one.start, one.end, one.block))
    return rectification(text, report.blocks, stated, answers, WORDS.status, WORDS.headings)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("已整改到位", "rectified"),
        ("款项已于3月全部退还", "rectified"),
        ("纠纷已化解", "rectified"),
        ("追回5万元，其余款项正在追缴", "in_progress"),
        ("持续推进", "in_progress"),
        ("尚未整改", "unrectified"),
        ("承租人失联，截至目前未完成整改", "unrectified"),
        ("该款仍未归还", "unrectified"),
        ("把“已整改”写进台账", None),
        ("由包村干部负责", None),
        ("—", None),
    ],
)
def test_what_a_sentence_says(text: str, status: str | None) -> None:
    assert status_of(text, WORDS.status) == status


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ("针对第1项问题，租金已补缴入账。\n针对第3项问题，管道正在更换。", ["rectified", None, "in_progress"]),
        ("第1项、第3项问题已全部整改完毕。", ["rectified", None, "rectified"]),
        ("第1至3项均已整改到位。", ["rectified", "rectified", "rectified"]),
        ("第1、2项已整改，第3项由水利站另行说明。", ["rectified", "rectified", "rectified"]),
        ("除第2项外，以上问题均已整改到位。", ["rectified", None, "rectified"]),
        ("以上问题均未整改。", ["unrectified", "unrectified", "unrectified"]),
        ("马头村已在公示栏补充低保公示，整改完成。", [None, "rectified", None]),
        ("下一步要加强管理。", [None, None, None]),
    ],
)
def test_answers_in_a_later_part(answers: str, expected: list[str | None]) -> None:
    assert (
        statuses(PROBLEMS + answers, "石桥村鱼塘租金没有入账", "马头村低保没有公示", "赵湾村水管破损停水") == expected
    )


def test_a_column_of_progress_speaks_for_its_row() -> None:
    text = (
        "序号 | 问题 | 整改要求 | 整改状态\n1 | 租金没有入账 | 全部退清 | 未整改\n2 | 账目没有公开 | 限期整改到位 | \n"
        "3 | 主任是会计的丈夫；记录一次抄成 | 调整 | 前者已调整到位，后者未整改"
    )
    found = ("租金没有入账", "账目没有公开", "主任是会计的丈夫", "记录一次抄成")
    assert statuses(text, *found) == ["unrectified", None, "rectified", "unrectified"]


def test_sentences_after_a_finding_speak_for_the_one_they_name() -> None:
    text = "一是石桥村租金没有入账；二是马头村低保没有公示。石桥村的租金已补缴入账，马头村正在补充公示。"
    assert statuses(text, "石桥村租金没有入账") == ["in_progress"]
    apart = "一是石桥村租金没有入账；二是马头村低保没有公示。石桥村租金已全部退还。"
    assert statuses(apart, "石桥村租金没有入账", "马头村低保没有公示") == ["rectified", None]
