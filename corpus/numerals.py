"""Numbers as Word writes them in front of paragraphs (`w:numFmt`, ECMA-376 part 1, 17.18.59)."""

from __future__ import annotations

from collections.abc import Callable

_DIGITS = "〇一二三四五六七八九"
_LEGAL_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_CIRCLED = "".join(map(chr, (*range(0x2460, 0x2474), *range(0x3251, 0x3260), *range(0x32B1, 0x32C0))))
_PARENTHESES = "".join(map(chr, range(0x2474, 0x2488)))
_FULL_STOPS = "".join(map(chr, range(0x2488, 0x249C)))


def numeral(value: int, form: str) -> str:
    """The number in a form that Word names; a form that is not known, or does not reach so far, gives plain digits."""
    return _FORMS.get(form, str)(value)


def chinese(value: int, digits: str = "零" + _DIGITS[1:], tens: str = "十百千") -> str:
    """一, 十, 十一, 一百零五; plain digits from ten thousand on."""
    if not 0 < value < 10_000:
        return str(value)
    written = ""
    for power in (3, 2, 1, 0):
        digit = value // 10**power % 10
        if digit:
            written += digits[digit] + (tens[power - 1] if power else "")
        elif written and value % 10**power and not written.endswith(digits[0]):
            written += digits[0]
    ten = digits[1] + tens[0]
    return written[1:] if value < 20 and written.startswith(ten) and tens[0] == "十" else written


def _listed(signs: str) -> Callable[[int], str]:
    return lambda value: signs[value - 1] if 0 < value <= len(signs) else str(value)


def _letters(value: int) -> str:
    """Letters a … z, aa, bb …: after z Word doubles the letter."""
    if not 0 < value <= 780:
        return str(value)
    return chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)


def _roman(value: int) -> str:
    if not 0 < value < 4_000:
        return str(value)
    written = ""
    for worth, sign in _ROMAN:
        count, value = divmod(value, worth)
        written += sign * count
    return written


_FORMS: dict[str, Callable[[int], str]] = {
    "none": lambda _: "",
    "bullet": lambda _: "",
    **dict.fromkeys(
        ("chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting",
         "taiwaneseCountingThousand"),
        chinese,
    ),
    **dict.fromkeys(
        ("ideographDigital", "taiwaneseDigital", "japaneseDigitalTenThousand"),
        lambda value: str(value).translate(str.maketrans("0123456789", _DIGITS)),
    ),
    **dict.fromkeys(
        ("chineseLegalSimplified", "ideographLegalTraditional"),
        lambda value: chinese(value, _LEGAL_DIGITS, "拾佰仟"),
    ),
    **dict.fromkeys(("decimalEnclosedCircle", "decimalEnclosedCircleChinese"), _listed(_CIRCLED)),
    "decimalEnclosedParen": _listed(_PARENTHESES),
    "decimalEnclosedFullstop": _listed(_FULL_STOPS),
    "decimalFullWidth": lambda value: str(value).translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    "decimalZero": lambda value: f"{value:02d}",
    "numberInDash": lambda value: f"- {value} -",
    "ideographTraditional": _listed(_STEMS),
    "ideographZodiac": _listed(_BRANCHES),
    "lowerLetter": _letters,
    "upperLetter": lambda value: _letters(value).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda value: _roman(value).upper(),
}  # fmt: skip
