from __future__ import annotations

import pytest

from corpus.numerals import numeral


@pytest.mark.parametrize(
    ("form", "value", "expected"),
    [
        ("chineseCounting", 10, "十"), ("chineseCounting", 11, "十一"), ("chineseCounting", 20, "二十"),
        ("chineseCountingThousand", 105, "一百零五"), ("chineseCountingThousand", 1010, "一千零一十"),
        ("chineseCounting", 0, "0"), ("chineseCounting", 10_000, "10000"), ("ideographDigital", 203, "二〇三"),
        ("chineseLegalSimplified", 12, "壹拾贰"), ("decimalEnclosedCircle", 20, "⑳"),
        ("decimalEnclosedCircle", 21, "㉑"), ("decimalEnclosedCircle", 51, "51"),
        ("decimalEnclosedParen", 3, "⑶"), ("decimalEnclosedFullstop", 3, "⒊"),
        ("decimalFullWidth", 12, "１２"), ("decimalZero", 3, "03"), ("numberInDash", 3, "- 3 -"),
        ("ideographTraditional", 2, "乙"), ("ideographTraditional", 11, "11"), ("ideographZodiac", 12, "亥"),
        ("lowerLetter", 28, "bb"), ("upperLetter", 1, "A"), ("lowerRoman", 14, "xiv"), ("upperRoman", 4_000, "4000"),
        ("none", 3, ""), ("hebrew1", 3, "3"),
    ],
)  # fmt: skip
def test_numerals(form: str, value: int, expected: str) -> None:
    assert numeral(value, form) == expected
