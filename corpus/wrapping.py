"""Where a line break within running text stands only because the line was full, and how such lines are joined."""

from __future__ import annotations

import re
from collections.abc import Iterable

SENTENCE_ENDS = tuple("。！？!?：:；;…”」』）)")
"""A line that ends with one of these may be the last of its paragraph."""
HANGING = tuple("，。、；：？！”’）》」』…,.;:?!)")
"""Marks that may not begin a line, and so can stand out of the column at the end of one."""
_FIRST_UNIT = re.compile(r"[，。、；：？！”’）》」』…]*(?:[!-~]+|.)[，。、；：？！”’）》」』…]*")
_OPENS_PARAGRAPH = re.compile(
    r"[（(]?[一二三四五六七八九十百\d]{1,3}[、．）)]|\d{1,2}\.(?!\d)|[①-⑳]|第[一二三四五六七八九十百\d]+[条章节项]|附件"
)


def opens_paragraph(line: str) -> bool:
    """Whether a line begins with a number of the kinds that begin paragraphs (一、 （一） 1. ① 第一条)."""
    return bool(_OPENS_PARAGRAPH.match(line))


def first_unit(line: str) -> float:
    """The width in ems of what cannot be parted from the beginning of a line: a word, or a character with its marks.

    Had it found room at the end of the line before, that line was not broken because it was full.
    """
    unit = _FIRST_UNIT.match(line)
    return sum(0.5 if character.isascii() else 1.0 for character in unit[0]) if unit else 1.0


def parts_words(before: str, after: str) -> bool:
    """Whether a line break between the two characters stands for a blank, as between words of Latin letters."""
    return before.isascii() and before.isalnum() and after.isascii() and after.isalpha()


def joined(lines: Iterable[str]) -> str:
    """Lines as one: Chinese goes on without a blank, between Latin words stands one, a word cut at its end is whole."""
    text = ""
    for line in lines:
        if text and line and text[-1] == "-" and text[-2:-1].isascii() and text[-2:-1].isalpha() and line[0].islower():
            text = text[:-1] + line
        elif text and line and parts_words(text[-1], line[0]):
            text = f"{text} {line}"
        else:
            text += line
    return text
