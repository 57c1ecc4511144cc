from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.writers import write_rows

Command = Callable[..., tuple[int, str, str]]
TEXTS = {
    "教育局": "学校乱收补课费 小学入学要材料 老师上课打手机 校服太贵",
    "城市管理局": "路边摊占道经营 违章搭建没人拆 夜市油烟太大 单车乱停",
    "交通局": "公交车不来 出租车拒载 公交站牌倒了 网约车绕路",
}


def rows(rounds: int, first_month: int = 1) -> list[dict[str, str]]:
    return [
        {
            "来信时间": f"2023-{first_month + number % 3:02d}-{1 + number % 28:02d}",
            "内容": f"{street}{text}，{number}天了",
            "承办单位": f"{district}{bureau}",
            "属地": district,
        }
        for number in range(rounds)
        for bureau, words in TEXTS.items()
        for text, street in zip(words.split(), ("南街", "北街", "河边", "山脚"), strict=True)
        for district in ("东区", "西区")
    ]


def test_train_evaluate_and_list_an_offices_own_router(fenban: Command, tmp_path: Path) -> None:
    write_rows(tmp_path / "past.xlsx", rows(6))
    version = tmp_path / "version"
    code, out, _ = fenban("train", "unit", "--data", tmp_path / "past.xlsx", "--out", version, "--source", "a test")
    assert code == 0
    assert "144 letters, 6 units, 3 kinds of bureau, 2 districts" in out
    card = (version / "unit.md").read_text("utf-8")
    assert "a test; 144 past decisions" in card
    assert "unit  trained" in fenban("models", "list", version)[1]
    manifest = json.loads((version / "manifest.json").read_text("utf-8"))
    assert manifest["parts"]["unit"]["metrics"]["unit_top1"] > 0.9

    write_rows(tmp_path / "later.csv", rows(2, first_month=7))
    figures = tmp_path / "figures.json"
    code, out, _ = fenban("evaluate", "unit", "--data", tmp_path / "later.csv", "--models", version, "--json", figures)
    assert code == 0
    assert json.loads(figures.read_text("utf-8"))["fenban"]["unit_top1"] > 0.9
    code, _, err = fenban("evaluate", "unit", "--data", tmp_path / "past.xlsx", "--models", version)
    assert (code, err.count("\n")) == (1, 1)
    assert "learned from past.xlsx" in err


def test_evaluate_trains_on_the_earlier_letters_beside_peers(fenban: Command, tmp_path: Path) -> None:
    write_rows(tmp_path / "past.jsonl", rows(5))
    code, out, _ = fenban("evaluate", "unit", "--data", tmp_path / "past.jsonl")
    assert code == 0
    assert [name in out for name in ("linear SVC", "nearest letter", "majority of the district")] == [True] * 3


def test_sixty_rows_say_what_they_were_not_enough_for(fenban: Command, tmp_path: Path) -> None:
    few = [{"text": row["内容"], "unit": row["承办单位"]} for row in rows(3)[:60]]
    few[0]["unit"] = "东区体育局"
    write_rows(tmp_path / "past.csv", few)
    code, out, _ = fenban("train", "unit", "--data", tmp_path / "past.csv", "--out", tmp_path / "version")
    assert code == 0
    assert "1 units have fewer than 3 letters" in out
    assert "No column `district`" in out
    assert "No day of receipt" in out
    assert "No kind is ever marked as accepted" in out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("text,unit\n停水,水务局\n停电,供电公司\n", "needs 20 decisions"),
        ("text,label\n停水,水务局\n", "no past decision"),
        ("text,unit\n水务局," + "张三反映他家停水很久了" * 8 + "\n", "no past decision"),
    ],
)
def test_tables_that_teach_nothing_are_refused(fenban: Command, tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "past.csv").write_text(content, "utf-8")
    for command in (("train", "unit", "--out", tmp_path / "version"), ("evaluate", "unit")):
        code, _, err = fenban(*command, "--data", tmp_path / "past.csv")
        assert code == 1
        assert words in err
        assert "张三" not in err
        assert "Traceback" not in err


def test_a_version_without_a_router_is_told(fenban: Command, tmp_path: Path) -> None:
    write_rows(tmp_path / "past.jsonl", rows(2))
    shipped = Path(__file__).parent.parent / "models" / "trained"
    code, _, err = fenban("evaluate", "unit", "--data", tmp_path / "past.jsonl", "--models", shipped)
    assert (code, err.count("\n")) == (1, 1)
    assert "fenban train unit" in err


def test_past_decisions_tell_the_remit_and_rules_the_authority(fenban: Command, tmp_path: Path) -> None:
    write_rows(tmp_path / "past.xlsx", rows(6))
    version = tmp_path / "version"
    assert fenban("train", "unit", "--data", tmp_path / "past.xlsx", "--out", version)[0] == 0
    letters = [
        {"编号": "1", "内容": "请问小学入学要材料吗，去哪里交？麻烦答复一下，谢谢。", "属地": "东区"},
        {
            "编号": "2",
            "内容": "青石镇赵湾村会计刘某收医保时每人多收30元，不开票据，钱进了他个人的微信，请查处。",
            "属地": "东区",
        },
    ]
    write_rows(tmp_path / "letters.xlsx", letters)
    out = tmp_path / "tagged.jsonl"
    assert fenban("tag", tmp_path / "letters.xlsx", "--models", version, "--out", out)[0] == 0
    request, fee = (json.loads(line) for line in out.read_text("utf-8").splitlines())
    best = request["handling_unit"][0]
    assert (best["name"], best["code"]) == ("东区教育局", "东区教育局")
    assert "以往同类来件" in best["reason"]
    assert fee["handling_unit"][0]["code"] == "T01K"
