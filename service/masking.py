"""What those see of a letter who do not handle it: names, numbers and addresses of the petitioner masked."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"(?<![0-9０-９])[0-9０-９](?:[ \-－—.]?[0-9０-９xXｘＸ]){6,}")


def masked_text(text: str, petitioner: str = "", phone: str = "") -> str:
    """The text, of the same length, with the petitioner's name and every long number masked."""
    for word in filter(None, (petitioner.strip(), phone.strip())):
        text = text.replace(word, masked_name(word))
    return _NUMBER.sub(lambda match: "*" * len(match[0]), text)


def masked_name(name: str) -> str:
    """刘** for a name."""
    return name[:1] + "*" * (len(name) - 1)
