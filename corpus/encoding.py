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
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LINE_ENDS = ("\n", "\r")
_BLOCK = 1 << 20
_UNWRITABLE = re.compile("[\\x00\\ud800-\\udfff]")


def detect_encoding(path: Path) -> str:
    """The encoding of a text file: utf-8-sig, utf-16 (by byte-order mark), utf-8 or gb18030 (holds GBK and GB2312).

    A file that is clean in neither goes to the one with fewer damaged places, so that one bad byte
    in a UTF-8 file does not turn all of it into nonsense.

    Raises:
        InputError: the file is missing or may not be read.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})") from error
    for bom, name in _BOMS:
        if start.startswith(bom):
            return name
    damage = {name: _damage(path, name) for name in ("utf-8", "gb18030")}
    return min(damage, key=lambda name: damage[name])


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
