"""Chinese and Arabic numerals as people write them: 两万一, 3万2, 1,200.5, 十几万, 叁万贰仟, 二〇二三."""

from __future__ import annotations

from functools import lru_cache

FIGURES = "零〇一二三四五六七八九"
"""Chinese digits as dates have them, for the class of a pattern."""
NUMERALS = FIGURES + "两几数俩仨十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟萬億"
"""Every character of a Chinese numeral, as a class of a pattern."""

_DIGITS = {character: value for value, characters in enumerate(
    ("零〇", "一壹", "二两贰俩", "三叁仨", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
) for character in characters}  # fmt: skip
_SCALES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIADS = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
_VAGUE = "余多来把几数个"


@lru_cache(maxsize=4_096)
def read_number(text: str) -> float | None:
    """The value of a numeral; of 两三千 and of vague ones (十几万, 三百多) the smallest meant.

    A last digit without a scale counts a tenth of the scale before it: 两万一 is 21,000, 3万2 is 32,000, 一百二 is 120.
    None where the text is no numeral. A string of digits (二〇二三) is read as one number.
    """
    total = 0.0
    section = 0.0
    digit: float | None = None
    scale = 1.0
    position = 0
    if len(text) > 2 and all(character in _DIGITS for character in text):
        return float("".join(str(_DIGITS[character]) for character in text))
    while position < len(text):
        character = text[position]
        if character.isdecimal():
            end = _end_of_decimal(text, position)
            digit = _decimal(text[position:end])
            position = end
            continue
        if character in _DIGITS:
            value = _DIGITS[character]
            if value == 0:
                scale = 10.0  # after 零 a last digit counts ones
            if not digit:
                digit = float(value)
        elif character in _SCALES:
            scale = _SCALES[character]
            section += (1.0 if digit is None else digit) * scale
            digit = None
        elif character in _MYRIADS:
            scale = _MYRIADS[character]
            section += digit or 0.0
            total = (total + section) * scale if scale > total else total + section * scale
            if total == 0:
                total = scale
            section, digit = 0.0, None
        elif character not in _VAGUE:
            return None
        position += 1
    if digit is None:
        return total + section
    plain = total == section == 0
    return total + section + digit * (1.0 if plain or digit >= 10 else scale / 10)


def _end_of_decimal(text: str, start: int) -> int:
    end = start
    while end < len(text) and (text[end].isdecimal() or text[end] in ".．,，"):
        end += 1
    return end


def _decimal(text: str) -> float:
    plain = text.replace("，", "").replace(",", "").replace("．", ".").rstrip(".")
    return float(plain)
