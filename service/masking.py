"""What those see of a letter who do not handle it: names, numbers and addresses masked, at the same length."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from nlp.personal import find_personal, mask

_OWN_NAME = re.compile(
    r"(?:我叫|本人叫|我的?名字叫?|(?:反映|举报|检举|投诉|申诉|控告|来信|上访|联系|申请)人|署名|签名|姓名)"
    r"[：:是为 　]{0,3}([\u4e00-\u9fff]{2,4}?)(?=[，。,.；;、！!\s（(]|男|女|电话|手机|身份证|家住|住|今年|是|$)"
)
"""Where a name is announced, what follows is hidden whatever it is: a word too many is better than a name."""


def masked_text(text: str, petitioner: str = "", phone: str = "", names: Iterable[str] = ()) -> str:
    """The text with stars for personal data: the petitioner's, and whatever has the form of a number or address.

    Args:
        text: a title or a text.
        petitioner: name as given at intake.
        phone: number as given at intake.
        names: further names of those who wrote, as `complainants` gives them.
    """
    announced = (match[1] for match in _OWN_NAME.finditer(text))
    return mask(text, find_personal(text, petitioner, phone, [*names, *announced]))


def complainants(suggestion: dict[str, Any]) -> tuple[str, ...]:
    """Names of those who the program takes for the letter's writers."""
    people = suggestion["facts"]["people"]
    return tuple(one["text"] for one in people if one["role"] == "complainant" and len(one["text"]) > 1)
