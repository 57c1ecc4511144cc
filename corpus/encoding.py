"""Which encoding a text file is in, and its lines, each of bounded length."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from corpus.errors import InputError

MAX_LINE = 1_000_000
"""Longest line that is read, in bytes and in characters. The longest petition known has a few thousand characters."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # Before UTF-16, whose mark is the beginning of this one.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LINE_ENDS = ("\n", "\r")
CLEAR_TEXT = 0.97
"""Share of the characters of Chinese text from which bytes without a mark are taken for UTF-16."""
_SAMPLE = 1 << 16
_BLOCK = 1 << 20
_OF_CHINESE_TEXT = re.compile(
    "[\\t\\n\\r -~\u00b7\u2014\u2018-\u201d\u2026\u2460-\u249b\u3000-\u3017\u4e00-\u9fff\uff01-\uff5e\uffe5]"
)
_UNWRITABLE = re.compile("[\\x00\\ud800-\\udfff]")


def detect_encoding(path: Path) -> str:
    """The encoding of a text file: utf-8-sig, utf-32, utf-16, utf-16-le, utf-16-be, utf-8 or gb18030 (holds GBK).

    The first three are told by a byte-order mark; UTF-16 without one by what its characters would be.
    A file that is clean in neither goes to the one with fewer damaged places, so that one bad byte
    in a UTF-8 file does not turn all of it into nonsense.

    Raises:
        InputError: the file is missing or may not be read.
    """
    try:
        with path.open("rb") as file:
            start = file.read(_SAMPLE)
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})") from error
    for bom, name in _BOMS:
        if start.startswith(bom):
            return name
    damage = {name: _damage(path, name) for name in ("utf-8", "gb18030")}
    if damage["utf-8"] or b"\0" in start:
        clearest = max(("gb18030", "utf-16-le", "utf-16-be"), key=lambda name: _share_of_text(start, name))
        if clearest != "gb18030" and _share_of_text(start, clearest) > CLEAR_TEXT:
            return clearest
    return min(damage, key=lambda name: damage[name])


def _share_of_text(sample: bytes, encoding: str) -> float:
    """Share of the characters that Chinese text consists of, were the bytes in this encoding."""
    text = sample[: len(sample) // 2 * 2].decode(encoding, errors="replace")
    return len(_OF_CHINESE_TEXT.findall(text)) / max(1, len(text))


def _damage(path: Path, encoding: str) -> int:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    count = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            count += decoder.decode(block).count("\ufffd")
    return count + decoder.decode(b"", final=True).count("\ufffd")


def repair(text: str) -> tuple[str, bool]:
    """The text with lone surrogates and NUL characters replaced one for one, and whether there were any.

    Offsets stay true, and what comes out can be written as UTF-8 and read by any tool.
    """
    clean, replaced = _UNWRITABLE.subn("\ufffd", text)
    return clean, replaced > 0


def bounded_lines(path: Path, encoding: str) -> Iterator[tuple[int, str | None]]:
    """Line numbers from 1 and lines with their ends; None for a line longer than MAX_LINE, which is skipped unread."""
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        number = 0
        while line := file.readline(MAX_LINE):
            number += 1
            if len(line) < MAX_LINE or line.endswith(LINE_ENDS):
                yield number, line
                continue
            while (rest := file.readline(MAX_LINE)) and not rest.endswith(LINE_ENDS):
                pass
            yield number, None
