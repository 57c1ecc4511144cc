from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import InputError, ModelError
from corpus.records import Petition
from models.people import PeopleModel, people_lists, person_text
from models.reading import read
from models.suggester import Suggester
from models.train_people import read_names

LETTER = Petition(
    title="官塘村会计艾长青截留补贴",
    text="我叫田冬狗，是柳林镇官塘村五组的。2023年5月，村会计艾长青收了我家2000块押金，\n"
    "说好退，到现在冇退。　隔壁冯老四家也交了。艾长青还说是村里定的。\n田冬狗",
    petitioner="田冬狗",
    received="2024-03-01",
)


def test_people_of_a_letter_with_their_roles(suggester: Suggester) -> None:
    facts = suggester.suggest(LETTER).facts
    people = {one["text"]: one for one in facts.people}
    assert people["艾长青"]["role"] == "accused"
    assert people["艾长青"]["post"] == "村会计"
    assert people["田冬狗"]["role"] == "complainant"
    assert [LETTER.text[start:end] for start, end in people["田冬狗"]["spans"]] == ["田冬狗", "田冬狗"]


def test_all_facts_stand_in_the_petitions_own_text(suggester: Suggester) -> None:
    facts = suggester.suggest(LETTER).facts
    assert [(one["text"], one["yuan"]) for one in facts.amounts] == [("2000块", 2000)]
    assert [(one["text"], one["value"]) for one in facts.dates] == [("2023年5月", "2023-05")]
    assert [one["text"] for one in facts.places] == ["柳林镇官塘村五组"]
    for one in (*facts.amounts, *facts.dates, *facts.places):
        assert LETTER.text[one["start"] : one["end"]] == one["text"]


def test_what_stands_in_the_title_alone_is_left_out(suggester: Suggester) -> None:
    facts = suggester.suggest(Petition(title="支书罗文彪2021年收3万元", text="路灯坏了，请派人来修。")).facts
    assert facts.to_dict() == {"people": [], "amounts": [], "dates": [], "places": []}


def test_many_petitions_at_once_give_what_one_gives(suggester: Suggester, letters: list[Petition]) -> None:
    together = [one.facts for one in suggester.suggest_all(letters)]
    assert together == [suggester.suggest(letter).facts for letter in letters]


def test_a_stored_model_finds_the_same(suggester: Suggester) -> None:
    model = suggester.people.model
    again = PeopleModel.from_arrays(*model.to_arrays())
    knows = suggester.tokeniser.knows
    text = person_text(read(LETTER, suggester.tokeniser), people_lists(), knows, LETTER.petitioner)
    assert again.find([text], knows) == model.find([text], knows)
    assert again.find([], knows) == []


def test_a_damaged_model_is_told(suggester: Suggester) -> None:
    arrays, about = suggester.people.model.to_arrays()
    for broken, entry in (({**arrays, "person": arrays["person"][:5]}, about), (arrays, {**about, "bits": 3})):
        with pytest.raises(ModelError, match="train it again"):
            PeopleModel.from_arrays(broken, entry)


def test_names_are_read_from_both_forms(tmp_path: Path) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text('{"text": "叶老桂说", "entity_list": [{"entity_type": "name", "entity": "叶老桂"}]}\n', "utf-8")
    tags = tmp_path / "tags.txt"
    tags.write_text("叶 B-PER\n老 I-PER\n桂 I-PER\n说 O\n\n路 O\n", "utf-8")
    assert list(read_names(lines)) == [("叶老桂说", ["叶老桂"])]
    assert list(read_names(tags)) == [("叶老桂说", ["叶老桂"]), ("路", [])]
    lines.write_text("{}\n", "utf-8")
    with pytest.raises(InputError):
        list(read_names(lines))
