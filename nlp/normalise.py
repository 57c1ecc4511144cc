"""One written form for the same text, with the way back to the original characters."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3000-\u303f\uff00-\uffef\U00020000-\U0003ffff"
_INVISIBLE = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
_COMPATIBLE = "\u2e80-\u2fdf\u3300-\u33ff\uf900-\ufaff"

# One character for one: full-width letters, digits and signs of arithmetic to ASCII, capitals to small letters,
# every kind of space to a blank, lone surrogates to U+FFFD. Chinese punctuation stays.
_ONE_TO_ONE: dict[int, int] = {
    **{code: ord(chr(code - 0xFEE0).lower()) for code in range(0xFF10, 0xFF5B) if chr(code - 0xFEE0).isalnum()},
    **{code: code + 32 for code in range(ord("A"), ord("Z") + 1)},
    **{ord(wide): ord(narrow) for wide, narrow in zip("％＋－．／＠＿", "%+-./@_", strict=True)},
    **dict.fromkeys(
        map(
            ord,
            "\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
        ),
        32,
    ),
    **dict.fromkeys(map(ord, "\u2028\u2029\u0085"), 10),
    **dict.fromkeys(range(0xD800, 0xE000), 0xFFFD),
}

# Few texts hold any of them, and to look is far cheaper than to translate.
_UNEVEN = re.compile(f"[{''.join(map(re.escape, map(chr, _ONE_TO_ONE)))}]")

# What may change length: gaps of blanks, line ends and invisible characters, and characters of compatibility (㎡).
_CHANGE = re.compile(rf"(?P<gap>[{_INVISIBLE} \r\n]+)|[{_COMPATIBLE}]")
_IS_CJK = re.compile(f"[{_CJK}]").match


@dataclass(frozen=True, slots=True)
class Normalised:
    """A normalised text and, where its length changed, the original start and end of each of its characters."""

    text: str
    original: str
    starts: list[int] | None = None
    ends: list[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the original text of the characters [start, end) of the normalised one; start < end."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def normalise(text: str) -> Normalised:
    """The text with one form of letters, digits, blanks and line ends, and without invisible characters."""
    even = text.translate(_ONE_TO_ONE) if _UNEVEN.search(text) else text
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for match in _CHANGE.finditer(even):
        start, end = match.span()
        replacement = _gap(even, start, end) if match["gap"] else _compatible(match[0])
        if replacement == match[0]:
            continue
        pieces += (even[position:start], replacement)
        starts += range(position, start)
        ends += range(position + 1, start + 1)
        starts += [start] * len(replacement)
        ends += [end] * len(replacement)
        position = end
    if not pieces:
        return Normalised(even, text)
    pieces.append(even[position:])
    starts += range(position, len(even))
    ends += range(position + 1, len(even) + 1)
    return Normalised("".join(pieces), text, starts, ends)


def _gap(text: str, start: int, end: int) -> str:
    """A line end, a blank or nothing. A blank between two Chinese characters comes from line wrapping."""
    if start == 0 or end == len(text):
        return ""
    gap = text[start:end]
    if "\n" in gap or "\r" in gap:
        return "\n"
    if " " not in gap:
        return ""
    before, after = _compatible(text[start - 1])[-1:], _compatible(text[end])[:1]
    return "" if _IS_CJK(before) and _IS_CJK(after) else " "


def _compatible(character: str) -> str:
    return unicodedata.normalize("NFKC", character).lower()
