"""Numbers as the numbering of documents writes them: 三, 十二, 12, １２, ⑤."""

from __future__ import annotations

import re
import unicodedata

from nlp.numerals import read_number

_COUNT = re.compile(r"[0-9]{1,4}|[一二三四五六七八九十]{1,3}")


def parse_count(text: str) -> int | None:
    """The number that the text is, up to 9,999 in digits and 99 in Chinese; None where it is none."""
    even = unicodedata.normalize("NFKC", text.strip())
    value = read_number(even) if _COUNT.fullmatch(even) else None
    return None if value is None else int(value)
