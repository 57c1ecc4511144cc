"""Personal data in a text, and the text without it: for logs, exports, and readers without need."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

KINDS = ("phone", "id", "card", "number", "email", "account", "plate", "address", "name")


@dataclass(frozen=True, slots=True)
class Personal:
    """Characters [start, end) of the text and what they are, one of KINDS."""

    start: int
    end: int
    kind: str


# Digits of any script, with up to two blanks or dashes between two of them.
_GAP = r"[ \t\u00a0\u2000-\u200b\u3000\-‐‑–—－_.·/()（）]"
_RUN = re.compile(rf"\+?\d(?:{_GAP}{{0,2}}\d){{5,}}(?:{_GAP}{{0,2}}[xXｘＸ](?![a-zA-Z]))?")
_DATE = re.compile(r"(?:19|20)\d\d(?P<mark>[-./])(?:1[0-2]|0?[1-9])(?P=mark)(?:[12]\d|3[01]|0?[1-9])(?!\d)")
_MONEY = re.compile(r"(?:\.\d+)?\s?[元万亿]|%")
_LONG = 10
"""So many digits in a row are masked whatever they are; fewer only where they look like a telephone number."""
_PHONE_CUE = re.compile(r"(?:电话|座机|手机|联系|热线|号码|传真|致电|拨打|tel)[^，。；\n\d]{0,6}$", re.IGNORECASE)
_OTHER = re.compile(
    r"""(?P<email>[a-z0-9._+-]+[@＠][a-z0-9-]+(?:[.．][a-z0-9-]+)+)
      | (?:qq|扣扣|微信|wechat|[vw]x)号?码?[：:是为\ ]{0,3}(?P<account>[a-z0-9_-]{5,20})
      | (?P<plate>[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][a-z][·•.\ ]?[a-z0-9]{5,6}
        (?![a-z0-9]))""",
    re.VERBOSE | re.IGNORECASE,
)
_HOUSE = "[\\d一二三四五六七八九十]+"
_ADDRESS = re.compile(
    rf"(?:[\u4e00-\u9fff]{{1,6}}?)(?:路|街|巷|弄|组|湾|小区|社区|花园|家园|公寓|苑|里|村){_HOUSE}(?:号楼?|栋|幢|单元|室)"
    rf"(?:{_HOUSE}(?:号楼?|栋|幢|单元|室|楼|门))*"
)


def find_personal(text: str, petitioner: str = "", phone: str = "", names: Iterable[str] = ()) -> list[Personal]:
    """Personal data of a text in its order, without overlaps.

    Args:
        text: any plain text.
        petitioner: the petitioner's name, found wherever it stands, also with blanks between its characters.
        phone: the petitioner's number, found in every way of writing.
        names: further names to hide, such as those that `models.people` takes for complainants.
    """
    found = [*_numbers(text), *_others(text)]
    for name in {petitioner.strip(), *names} - {""}:
        pattern = r"\s{0,2}".join(map(re.escape, name))
        found += [Personal(*match.span(), "name") for match in re.finditer(pattern, text)]
    digits = [character for character in phone if character.isdecimal()]
    if len(digits) >= 5:
        pattern = rf"{_GAP}{{0,2}}".join(f"[{digit}{chr(0xFF10 + int(digit))}]" for digit in digits)
        found += [Personal(*match.span(), "phone") for match in re.finditer(pattern, text)]
    return _without_overlaps(found)


def mask(text: str, spans: Iterable[Personal]) -> str:
    """The text with stars for what the spans hold, as long as before.

    Of a name its first character stays, of a mobile number the first three and last four digits, of a card its last
    four.
    """
    characters = list(text)
    for span in spans:
        places = [
            place for place in range(span.start, span.end) if characters[place].isalnum() or characters[place] == "*"
        ]
        for place in _hidden(span.kind, places, characters):
            characters[place] = "*"
    return "".join(characters)


def _hidden(kind: str, places: list[int], characters: list[str]) -> list[int]:
    if kind == "name":
        return places[1:] or places
    if kind == "phone":
        return places[3:-4] if len(places) >= 11 else places[:-4] if len(places) > 6 else places
    if kind == "card":
        return places[:-4]
    if kind == "address":
        return [place for place in places if re.match(_HOUSE, characters[place])]
    return places


def _numbers(text: str) -> Iterator[Personal]:
    for match in _RUN.finditer(text):
        start, end = match.span()
        dates = _DATE.match(text, start)
        while dates and dates.end() < end:
            start = dates.end() + len(re.match(rf"{_GAP}*", text[dates.end() : end])[0])  # type: ignore[index]  # matches always
            dates = _DATE.match(text, start)
        digits = "".join(character for character in text[start:end] if character.isalnum())
        if len(digits) >= _LONG:
            if not (
                digits.isdecimal() and _MONEY.match(text, end) and text[start:end].isdecimal() and len(digits) < 11
            ):
                yield Personal(start, end, _kind(digits))
        elif len(digits) >= 6 and not dates and _PHONE_CUE.search(text, max(0, start - 12), start):
            yield Personal(start, end, "phone")


def _kind(digits: str) -> str:
    plain = "".join(str(int(digit)) if digit.isdecimal() else "x" for digit in digits)
    plain = plain[2:] if len(plain) == 13 and plain.startswith("86") else plain
    if (
        (len(plain) == 11 and plain[0] == "1")
        or (10 <= len(plain) <= 12 and plain[0] == "0")
        or plain[:3] in ("400", "800")
    ):
        return "phone"
    if len(plain) == 18 or (len(plain) == 15 and plain[0] in "123456789"):
        return "id"
    return "card" if 16 <= len(plain) <= 19 else "number"


def _others(text: str) -> Iterator[Personal]:
    for match in _OTHER.finditer(text):
        kind = str(match.lastgroup)
        yield Personal(*match.span(kind), kind)
    for match in _ADDRESS.finditer(text):
        yield Personal(*match.span(), "address")


def _without_overlaps(found: list[Personal]) -> list[Personal]:
    """Of those that overlap, the longer one as far as it goes, and what it leaves of the other."""
    kept: list[Personal] = []
    for span in sorted(found, key=lambda one: (one.start, -one.end)):
        start = max(span.start, kept[-1].end) if kept else span.start
        if start < span.end:
            kept.append(Personal(start, span.end, span.kind))
    return kept
