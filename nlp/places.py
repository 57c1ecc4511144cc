"""Places that are no units of a registry: villagers' groups, addresses, roads, estates, schools, hospitals, works.

Modest on purpose: a place counts where its last characters say what it is and a name stands before. Villages, towns and
bureaus are linked to the registry elsewhere.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple


class Place(NamedTuple):
    """Characters [start, end) of the text and those characters."""

    start: int
    end: int
    text: str


_NUMBER = "[\\d一二三四五六七八九十]"
_REST = rf"(?:{_NUMBER}+(?:号楼|号院|单元|栋|幢|室|号|楼|期))*"
_GROUPS = ("村民小组", "组")
_BUILDINGS = ("栋", "幢", "号楼")
_ROADS = ("路", "街", "巷")
_NAMED = (
    "小区", "花园", "家园", "公寓", "大道", "国道", "省道", "水库", "大桥", "大坝", "渡口", "码头", "工业园", "产业园",
    "市场", "小学", "中学", "幼儿园", "卫生院", "卫生室", "医院", "养老院", "敬老院", "福利院", "祠堂", "采石场",
    "砂场", "砖厂", "煤矿", "电站", "泵站", "水厂", "景区",
)  # fmt: skip
_SCAN = re.compile(f"({'|'.join((*_GROUPS, *_BUILDINGS, *_ROADS, *_NAMED))})(?:(?<=[路街巷]){_NUMBER}+号院?)?{_REST}")
_NO_GROUP = frozenset("织长员伍部团内里成合建上")
_NUMBERED = re.compile(f"{_NUMBER}{{1,3}}$")
# A word with one of these is no part of a name before a place, nor are the words below.
_STOP = re.compile(
    "[，。！？；：、“”（）()\\s\\d的了在到去从来是有和与跟向对把被给让叫说讲问为以于就都也还又再很不没我你他她它们这那每各个某些将由经往至及或并"
    "位住得该当场所年月天时几多两次家座处条间一二三四五六七八九十系称归建修卖买找绕换复改做写盼看像含骂请开走停划拿立过进念上守着加办撤老旧]"
)
_NO_NAME = frozenset((
    "反映", "咨询", "感谢", "移送", "表示", "听说", "提供", "规划", "巡察", "废弃", "老家", "孙子",
    "时候", "简易", "民营", "私人", "普通", "乡镇", "光伏", "高速", "文化", "安置", "附近", "隔壁",
    "昨天", "今天", "远看", "写明",
))  # fmt: skip
WORDS = 4
"""At most so many words belong to a name before what the place is."""


def find_places(text: str, words: Sequence[str]) -> list[Place]:
    """Places in the order of the text; those without a name of their own (那所小学) are left out.

    Args:
        text: any plain text.
        words: the text cut into words; names begin where a word begins.
    """
    found: list[Place] = []
    starts: list[int] | None = None
    last = 0
    for match in _SCAN.finditer(text):
        own, what = match.start(), match[1]
        numbered = what in _GROUPS or what in _BUILDINGS
        if numbered:
            if text[match.end(1) : match.end(1) + 1] in _NO_GROUP:
                continue
            number = _NUMBERED.search(text, max(last, own - 3), own)
            if number is None:
                continue
            own = number.start()
        elif what in _ROADS and match.end() == match.end(1):
            continue
        if starts is None:
            starts = [0, *accumulate(map(len, words))]
        begin = _name_start(text, starts, own, last)
        if begin < own or what in _GROUPS:
            last = match.end()
            found.append(Place(begin, last, text[begin:last]))
    return found


def _name_start(text: str, starts: list[int], own: int, last: int) -> int:
    """Where the name before `own` begins; `own` where there is none."""
    begin = own
    number = bisect_left(starts, own) - 1
    for step in range(WORDS):
        index = number - step
        if index < 0 or starts[index] < last:
            break
        word = text[starts[index] : begin]
        if word in _NO_NAME or _STOP.search(word):
            break
        begin = starts[index]
    return begin
