from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from corpus.errors import DataFileError
from corpus.paths import DATA
from corpus.records import Petition
from corpus.routing import load_routing
from corpus.units import Unit, UnitRegistry, demo_county
from models.handling import Case, Rules
from models.suggester import Suggester
from models.train_subject import fit_choice
from models.unit_candidates import NONE, UnitCandidate
from models.unit_finder import bureau_codes

RULES = Rules(demo_county(), load_routing())
FEE = "我是赵湾村村民。村会计刘某在2023年收农村医保时每人多收30元，全村四百多人，不开票据，钱进了他个人的微信，请查处。"


@pytest.mark.parametrize(
    ("subject", "conduct", "expected"),
    [
        ("T01V01", "misconduct", ["T01K", "D01"]),
        ("T01", "misconduct", ["D01", "T01K"]),
        ("D06", "misconduct", ["D01", "D06"]),
        ("T01K", "misconduct", ["D01"]),
        ("T01V01", "neglect", ["T01", "T01K"]),
        ("D06", "neglect", ["D06", "D01"]),
        ("D16", "review", ["D16", "D01"]),
        ("none", "service", ["D08", "D19"]),
        ("T01V01", "service", ["D08", "D19"]),
    ],
)
def test_the_rules_of_authority(subject: str, conduct: str, expected: list[str]) -> None:
    case = Case({subject: 1.0}, {conduct: 1.0}, {"D08": 0.7, "D19": 0.3})
    assert [one.code for one in RULES.handle(case)] == expected


def test_a_writer_who_distrusts_the_town_is_not_sent_back_to_it() -> None:
    case = Case({"T01V01": 1.0}, {"misconduct": 1.0}, {}, text="求你们不要转给镇上，我信不过他们。")
    assert [one.code for one in RULES.handle(case)] == ["D01"]


def test_scores_are_shares_of_what_is_probable() -> None:
    case = Case({"T01V01": 0.8, "T01": 0.2}, {"misconduct": 0.9, "neglect": 0.1}, {"D08": 1.0})
    found = {one.code: one.score for one in RULES.handle(case)}
    assert found["T01K"] == pytest.approx(0.8 * 0.9 * 0.95 + 0.8 * 0.1 * 0.15 + 0.2 * 0.9 * 0.05)
    assert sum(found.values()) <= 1 + 1e-9


def test_the_reason_names_unit_and_target() -> None:
    best = RULES.handle(Case({"T01V01": 1.0}, {"misconduct": 1.0}, {}, post="会计"))[0]
    assert best.reason == "赵湾村会计 → 村（社区）干部 → 青石镇纪委"


def edited(tmp_path: Path, change: Callable[[dict], object]) -> Path:  # type: ignore[type-arg]
    content = yaml.safe_load((DATA / "routing.yaml").read_text("utf-8"))
    change(content)
    path = tmp_path / "routing.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda c: c["rules"].pop(0), "none for misconduct of village"),
        (lambda c: c["rules"][0].update(to={"town_discipline": 0.5}), "add up to 1"),
        (lambda c: c["rules"][0].update(to={"mayor": 1}), "unknown target"),
        (lambda c: c["rules"][0].update(reason="{unit} → {target}"), "may only use"),
        (lambda c: c["conduct"]["neglect"].append("X9"), "not in the discipline scheme"),
        (lambda c: c["without_problem"].pop("appeal"), "appeal is missing"),
        (lambda c: c["distrust"].append("(["), "no regular expression"),
        (lambda c: c.pop("rules"), "section rules is missing"),
    ],
)
def test_faults_in_the_routing_file_are_told(tmp_path: Path, change: Callable[[dict], object], fault: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(DataFileError, match=fault):
        load_routing(edited(tmp_path, change))


def test_an_office_changes_a_rule_without_a_programmer(tmp_path: Path) -> None:
    path = edited(tmp_path, lambda content: content["rules"][0].update(to={"county_discipline": 1}))
    rules = Rules(demo_county(), load_routing(path))
    assert [one.code for one in rules.handle(Case({"T01V01": 1.0}, {"misconduct": 1.0}, {}))] == ["D01"]


def test_a_village_cadres_fee_goes_to_the_towns_discipline_office(suggester: Suggester) -> None:
    result = suggester.suggest(Petition(text=FEE))
    assert result.subject_unit is not None
    assert result.subject_unit.code == "T01V01"
    assert result.subject_unit.evidence[0].text == "赵湾村"
    assert result.handling_unit[0].code == "T01K"
    assert "赵湾村" in result.handling_unit[0].reason
    for unit in (result.subject_unit, *result.handling_unit):
        assert 0 <= unit.score <= 1
        assert all(FEE[one.start : one.end] == one.text for one in unit.evidence)


def test_a_choice_is_fitted_and_weighs_by_kind(suggester: Suggester) -> None:
    def letter(count: float) -> dict[str, UnitCandidate]:
        village, town = ({"": 1.0, "count": count}, {"": 1.0, "count": 1.0})
        return {
            "V": UnitCandidate("village", village),
            "T": UnitCandidate("town", town),
            NONE: UnitCandidate(NONE, {"": 1.0}),
        }

    table = [letter(2.0), letter(0.0)] * 20
    weights = fit_choice(table, ["V", "T"] * 20)
    assert set(weights) == {"village", "village:count", "town", "town:count", NONE}
    model = replace(suggester.units.model, choice=weights)
    first, second = (model.probabilities(one) for one in table[:2])
    assert sum(first.values()) == pytest.approx(1)
    assert max(first, key=first.__getitem__) == "V"
    assert max(second, key=second.__getitem__) == "T"


def test_a_request_has_no_subject_unit_and_goes_to_the_bureau(suggester: Suggester) -> None:
    result = suggester.suggest(
        "我父亲去世了，想问丧葬费和抚恤金到哪里领，养老保险个人账户里的钱怎么继承，要带哪些材料？"
    )
    assert result.subject_unit is None
    assert result.handling_unit[0].code == "D19"
    assert "职责" in result.handling_unit[0].reason


def test_an_ambiguous_village_is_decided_by_the_petitioners_address_or_left_open(suggester: Suggester) -> None:
    text = "红星村书记周大海把低保给了自己的弟弟，真正困难的人没有，请查。"
    left_open = suggester.suggest(Petition(text=text))
    assert left_open.subject_unit is None
    decided = suggester.suggest(Petition(text=text, address="云泽县柳林镇红星村三组"))
    assert decided.subject_unit is not None
    assert decided.subject_unit.code == "T05V02"
    assert "柳林镇" not in str(decided.to_dict()["subject_unit"]["evidence"])


def test_an_offices_own_county_is_used(tmp_path: Path, fenban: Callable[..., tuple[int, str, str]]) -> None:
    units = tmp_path / "units.csv"
    units.write_text(
        "code,name,kind,parent,aliases,remit\nX,平山县,county,,,\nX1,县纪委监委,department,X,,\nX2,县民政局,department,X,,低保\n"
        "XT,东山镇,town,X,,\nXK,东山镇纪委,discipline,XT,,\nXV,红星村,village,XT,,\n",
        "utf-8",
    )
    suggester = Suggester.load(county=units)
    result = suggester.suggest("红星村书记周大海把低保给了自己的弟弟，真正困难的人没有，请查。")
    assert result.subject_unit is not None
    assert result.subject_unit.code == "XV"
    assert result.handling_unit[0].code == "XK"
    source, out = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    source.write_text('{"id": "1", "text": "红星村书记周大海把低保给了自己的弟弟，请查。"}\n', "utf-8")
    assert fenban("tag", source, "--county", units, "--out", out)[0] == 0
    assert '"XK"' in out.read_text("utf-8")


def test_merged_units_are_taken_by_the_day_of_the_letter() -> None:
    registry = UnitRegistry(
        {
            unit.code: unit
            for unit in (
                *demo_county().units.values(),
                Unit("T99", "老河乡", "town", "YZ", (), (), "", "2022-12-31", "T07"),
                Unit("T99V", "沙湾村", "village", "T99"),
            )
        }
    )
    shipped = Suggester.load()
    units = type(shipped.units)(shipped.units.model, registry, shipped.units.routing)
    suggester = replace(shipped, units=units)
    text = "老河乡沙湾村会计把低保金存进自己的卡里，请查处。"
    before, after = (suggester.suggest(Petition(text=text, received=day)) for day in ("2022-05-01", "2024-05-01"))
    assert before.subject_unit is not None
    assert after.subject_unit is not None
    assert (before.subject_unit.code, after.subject_unit.code) == ("T99V", "T99V")
    assert after.handling_unit[0].code == "T07K"
    assert before.handling_unit[0].code != "T07K"


def test_bureaus_of_another_county_are_found_by_their_work() -> None:
    registry = UnitRegistry(
        {"A": Unit("A", "区教育局", "department", None), "B": Unit("B", "区卫健委", "department", None)}
    )
    assert bureau_codes(["教育局", "卫健委", "林业局"], registry) == {"教育局": "A", "卫健委": "B"}
