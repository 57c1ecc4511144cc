from __future__ import annotations

from corpus.records import LabelledText
from corpus.splits import held_out, split_by_group, without_copies
from nlp.tokenise import Tokeniser


def test_a_group_is_never_parted_and_its_side_never_changes() -> None:
    examples = [LabelledText(f"{n}", "甲", group=str(n // 3)) for n in range(600)]
    train, test = split_by_group(examples)
    assert {one.group for one in train}.isdisjoint(one.group for one in test)
    assert 0.05 < len(test) / len(examples) < 0.16
    assert [group for group in map(str, range(40)) if held_out(group)] == ["18"]


def test_a_copy_without_stop_words_is_left_out(tokeniser: Tokeniser) -> None:
    original = LabelledText("我们小区的电梯坏了三个月，物业公司一直没有派人维修，老人上下楼很不方便。", "甲", "g1")
    other = LabelledText("学校门口的红绿灯时间太短，学生过马路来不及，希望交警调整。", "乙", "g2")
    copy = LabelledText("小区 电梯 坏 三个 月 物业公司 派 维修 老人 上下楼 不 方便", "甲")
    fresh = LabelledText("公交车 班次 太少 等车 四十 分钟 上班 迟到", "乙")
    kept = without_copies([original, other, copy, fresh], tokeniser.cut)
    assert kept == [original, other, fresh]
