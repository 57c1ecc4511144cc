"""What those see of a letter who do not handle it: names, numbers and addresses masked, at the same length."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nlp.personal import find_personal, mask


def masked_text(text: str, petitioner: str = "", phone: str = "", names: Iterable[str] = ()) -> str:
    """The text with stars for personal data: the petitioner's, and whatever has the form of a number or address.

    Args:
        text: a title or a text.
        petitioner: name as given at intake.
        phone: number as given at intake.
        names: further names of those who wrote, as `complainants` gives them.
    """
    return mask(text, find_personal(text, petitioner, phone, names))


def complainants(suggestion: dict[str, Any]) -> tuple[str, ...]:
    """Names of those who the program takes for the letter's writers."""
    people = suggestion["facts"]["people"]
    return tuple(one["text"] for one in people if one["role"] == "complainant" and len(one["text"]) > 1)
