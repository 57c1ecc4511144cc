"""Sums of money in a text, with their value in yuan."""

from __future__ import annotations

import re
from typing import NamedTuple

from nlp.numerals import NUMERALS, read_number


class Amount(NamedTuple):
    """Characters [start, end) of the text, those characters, and the sum in yuan (of a range: its first figure)."""

    start: int
    end: int
    text: str
    yuan: float


LARGEST = 1e15
"""Yuan. From here on a number is no sum of money: all the country's money (M2) is a third of it. Below it every yuan is
exact, in JSON as in a workbook, which keeps fifteen digits."""
# A number before one of these counts things, not money.
_MEASURE = (
    "人户亩斤个张条棵株头只台辆间栋套米里公吨方平名次年月日号天岁时点秒组届期份例件页本桌床班排层楼度级瓦盏蔸根担袋字句步趟"
    "枚支瓶箱包口座处项家位片倍篇居职粉村%"
)
_NOT_ONE = NUMERALS.replace("一", "")
_DIGIT = r"[一二三四五六七八九\d]"
# 一 that begins the next word (四百六一亩, 二十万一直) is no digit of the number.
_CHINESE = f"(?:一(?![{_MEASURE}直共起样些般下旦律并定边])|[{_NOT_ONE}])+"
_ARABIC = rf"""(?:\d{{1,3}}(?:[,，]\d{{3}})+(?![\d])(?:\.\d+)?|\d+(?:[.．]\d+)?)
    (?:[十百千万亿]+(?:{_DIGIT}(?:[千百]{_DIGIT}?)?(?![\d.十百千万分{_MEASURE}]))?)?"""
_NUMBER = rf"(?>{_ARABIC}|[一几两]个亿|{_CHINESE})(?:(?:[余多来几]|把(?=[万块元]))[百千万亿]*+)?+"
_TAIL = rf"(?:零?{_DIGIT}[毛角](?:{_DIGIT}分)?|零?{_DIGIT}分|(?<=块)[二三四五六七八九半](?![{_NOT_ONE}{_MEASURE}\d]))?"
# A quick look for what may be a sum: two figures or more that count nothing, or one with a unit or a range.
_RUN = re.compile(
    rf"[{NUMERALS}\d](?:(?:[{NUMERALS}\d]|[.．](?=\d)|[,，](?=\d\d\d(?!\d)))++(?:(?<=一)|(?![{_MEASURE}]))"
    rf"|(?=个?[元块毛角万亿余多来把几])|(?=[至到~～—–-][{NUMERALS}\d.]+元)|(?<=[￥¥币]\d))"
)
_SUM = re.compile(
    rf"""(?P<number>{_NUMBER})
    (?:[-—–~～至到](?P<range>{_NUMBER})(?=元|块))?
    (?:\ ?(?P<unit>元|圆|块(?:多?钱)?|毛钱|分钱|[毛角])(?P<tail>{_TAIL})|(?![{_MEASURE}\d.:：/年]))
    """,
    re.VERBOSE,
)
_PREFIX = re.compile(r"(?:[￥¥] ?|人民币 ?|快|将近|近|约|好|上)$")

_STRONG = re.compile(r"[万亿萬億]|[一二两三四五六七八九\d][千百][一二三四五六七八九\d]")
_ROUND = re.compile(r"[百千]|^[1-9]\d{0,2}00$")
_RATE = r"(?:[一每两头几另半][\u4e00-\u9fff]{1,3}|[每各共计约])(?:才|只|是|要|就|得|还|都|有|能|最多|至少|不到|怎么)*"
_MONEY = (
    "(?:[收交付补领罚扣转发花欠借贷赔给送退差价钱款费金卖买捐得投租押拨存塞赚涨取支剩输赢贴垫降凑薪]|工资|红包|底注|到手)"
    "(?:了|我|他|她|你|您|们|的|个|过|到|出|掉|去|回|来|得|就|才|是|满|足|只|有|共|一共|至|成|上)*"
)
_CUE = re.compile(rf"(?:{_RATE}|{_MONEY})[“\"「（(:：]?$")
_LETTER = re.compile(r"[A-Za-z]$")
_JOINED = re.compile(r"[、，,和跟或及与]{1,2}$")
_TAIL_PART = re.compile(r"([一二三四五六七八九半\d])([毛角分]?)")
_SCALE = re.compile("[万亿]+$")
_SIGNS = ("￥", "¥", "￥ ", "¥ ", "人民币", "人民币 ")
_NEVER = re.compile(r".|万一|千万|[一两几]把")
_PARTS = {"毛": 0.1, "角": 0.1, "分": 0.01}
_WINDOW = 10
_END = frozenset('，。；、！？”）,;!?) \n的是到就都也没呢以出左给去还和或至改”"」')


def find_amounts(text: str) -> list[Amount]:
    """Every sum of money in the order of the text; a number without unit only where the words around speak of money.

    Of 一分钱没收 and the like no sum is made, nor of what is larger than any sum.
    """
    found: list[Amount] = []
    last = 0
    for run in _RUN.finditer(text):
        match = _SUM.match(text, max(run.start(), last))
        if match is None:
            continue
        before = text[max(0, match.start() - _WINDOW) : match.start()]
        prefix = _prefix(before, match["number"])
        follows = bool(found) and match.start() - last <= 2 and _JOINED.search(before) is not None
        if prefix in _SIGNS or _is_money(text, match, before, follows or prefix == "上"):
            start, last = match.start() - len(prefix), match.end()
            yuan = _yuan(match) * (3 if prefix == "好" else 1)
            if 0 < yuan < LARGEST:
                found.append(Amount(start, last, text[start:last], yuan))
    return found


def _prefix(before: str, number: str) -> str:
    """快, 近, 约, ￥ … right before the number; 好 only before 几 and 上 only before 万."""
    match = _PREFIX.search(before)
    if match is None:
        return ""
    needed = {"好": "几", "上": "万"}.get(match[0], "")
    return match[0] if number.startswith(needed) else ""


def _is_money(text: str, match: re.Match[str], before: str, likely: bool) -> bool:
    number, unit = match["number"], match["unit"]
    ended = match.end() == len(text) or text[match.end()] in _END
    if unit is None:
        if _NEVER.fullmatch(number) or _LETTER.search(before):
            return likely and number == "万"
        if _STRONG.search(number):
            return True
        is_round = _ROUND.search(number) is not None
        if ended == is_round:
            return ended
    elif unit == "分钱":
        return number != "一"
    elif len(unit) > 1 or match["tail"] or (unit not in _PARTS and len(number) > 1):
        return True
    elif not ended:
        return False
    return likely or _CUE.search(before) is not None


def _yuan(match: re.Match[str]) -> float:
    yuan = read_number(match["number"]) or 0.0
    scale = _SCALE.search(match["range"] or "")
    if scale and yuan < 10_000:  # 3至5万元: the scale of the second figure is that of the first
        yuan *= read_number(scale[0]) or 1.0
    unit = match["unit"] or ""
    if unit[:1] in _PARTS:
        return round(yuan * _PARTS[unit[0]], 2)
    parts = _TAIL_PART.findall(match["tail"] or "")
    return yuan + sum(
        0.5 if digit == "半" else (read_number(digit) or 0.0) * _PARTS[part or "角"] for digit, part in parts
    )
