from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from corpus.errors import DataFileError, FenbanError
from corpus.records import Petition
from corpus.repeat_words import repeat_words
from models.comparables import Comparables
from models.pair_features import FEATURES
from models.pair_scorer import ENOUGH
from models.pair_scores import judged, score_pairs
from models.repeat_candidates import NEXT, _sharing, candidate_pairs, candidate_sides
from models.repeat_evidence import reasons
from models.repeats import RepeatFinder, find_repeats

LETTER = Petition(
    id="a",
    received="2022-06-13",
    petitioner="骆大英",
    phone="15430618827",
    title="征地款没有分到户",
    text="我是河口镇下坪村七组的骆大英。2021年下半年省道改线，从我们七组的荒坡上过，占了4.6亩，是组里23户共有的。"
    "补偿款18.4万元在2022年正月就拨到村里了，到今天一户都没见到钱。去问村会计满先进，头一次讲上面没批，第二次讲要等审计。",
)
COPY = replace(LETTER, id="b", received="2022-06-27", title="", text=f"信访局的同志：\n{LETTER.text}请你们管一管。")
TEMPLATE = replace(
    LETTER,
    id="c",
    petitioner="瞿桂香",
    phone="",
    text=LETTER.text.replace("下坪村七组的骆大英", "沿江村三组的瞿桂香")
    .replace("七组", "三组")
    .replace("4.6亩", "5.2亩")
    .replace("23户", "19户")
    .replace("18.4万元", "20.8万元")
    .replace("满先进", "逄立新"),
)
OTHER = Petition(id="d", received="2022-07-01", text="巷子口的路灯从去年入冬就不亮了，孩子晚自习下课摸黑走。")
COLUMNS = {"编号": "id", "内容": "text", "姓名": "petitioner"}
FOUR = (LETTER, COPY, TEMPLATE, OTHER)


@pytest.fixture(scope="module")
def finder() -> RepeatFinder:
    return RepeatFinder.load(salt=b"0" * 16)


def test_a_copy_is_found_and_a_template_of_another_village_is_not(finder: RepeatFinder) -> None:
    found = finder.find(FOUR)
    assert found.matters() == [[0, 1]]
    (pair,) = found.linked().tolist()
    assert found.scored.pairs[pair].tolist() == [0, 1]
    assert found.scored.relation_names[pair] == "copy"


def letters_naming(unit: str, of: int) -> list[Petition]:
    return [
        Petition(id=f"{row}", text=f"我家在{unit if row < of else '本地'}{row}号，自来水停了{row}天，没有人来修。")
        for row in range(ENOUGH)
    ]


@pytest.mark.parametrize(("of", "registered"), [(ENOUGH // 5, True), (ENOUGH // 5 - 1, False)])
def test_letters_of_a_county_without_registry_are_judged_by_themselves(
    finder: RepeatFinder, of: int, registered: bool
) -> None:
    letters = letters_naming("下坪村", of)
    assert finder.scorer.within(finder.table(letters[1:])).registered, "too few to tell"
    table = finder.table(letters)
    scorer = finder.scorer.within(table)
    assert scorer.registered is registered
    i, j = np.arange(ENOUGH - 1), np.arange(1, ENOUGH)
    scored, features = score_pairs(table, i, table, j, scorer, least=0.0)
    judge = scorer.local if registered else scorer.elsewhere
    np.testing.assert_array_equal(scored.scores, judge.probabilities(features))
    final = judged(ENOUGH, scored, scorer).scores
    assert bool((final == scored.scores).all()) is not registered


def test_another_threshold_needs_no_new_scores(finder: RepeatFinder) -> None:
    found = finder.find(FOUR)
    assert found.at(0.9999999).matters() == []
    assert found.at(0.9999999).at(found.threshold).matters() == [[0, 1]]


def test_a_clerks_merge_and_split_stay(finder: RepeatFinder) -> None:
    found = finder.find(FOUR).decided(joined=[("c", "d")], parted=[("b", "a")])
    assert found.matters() == [[2, 3]]
    assert found.at(0.01).labels()[0] != found.at(0.01).labels()[1]
    with pytest.raises(FenbanError, match="1 ids"):
        found.decided(joined=[("a", "nobody")])


def test_evidence_says_what_agrees_and_what_conflicts(finder: RepeatFinder) -> None:
    found = {one.reason: one for one in reasons(LETTER, TEMPLATE, finder.comparer)}
    assert not found["不同村"].agrees
    assert not found["人名不同"].agrees
    assert not found["信访人不同"].agrees
    assert found["同年份"].agrees
    for one in found.values():
        for side, petition in ((one.a, LETTER), (one.b, TEMPLATE)):
            assert all(petition.text[span.start : span.end] == span.text for span in side)


def test_petitioners_are_no_evidence_text(finder: RepeatFinder) -> None:
    same = [one for one in reasons(LETTER, COPY, finder.comparer) if one.reason in ("同一信访人", "同一电话")]
    assert len(same) == 2
    assert all(one.a == one.b == () for one in same)


def test_names_and_phones_are_in_no_column_in_clear(finder: RepeatFinder) -> None:
    one, other = (RepeatFinder.load(salt=salt).comparer.table([LETTER]) for salt in (b"1" * 16, b"2" * 16))
    for name in ("petitioners", "petitioner_surnames", "phones"):
        assert len(one.sets[name].keys)
        assert not set(one.sets[name].keys.tolist()) & set(other.sets[name].keys.tolist())


def test_candidates_of_many_hold_the_pairs_that_matter(finder: RepeatFinder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.repeat_candidates.EVERY_PAIR", 0)
    table = finder.comparer.table(FOUR)
    pairs = set(map(tuple, candidate_pairs(table, finder.scorer.rarity).tolist()))
    assert (0, 1) in pairs
    assert all(a < b for a, b in pairs)
    assert (0, 1) in set(map(tuple, candidate_sides(table, finder.scorer.rarity)["copies"].tolist()))


def test_candidates_do_not_depend_on_the_blocks_of_letters(
    finder: RepeatFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.repeat_candidates.EVERY_PAIR", 0)
    monkeypatch.setattr("models.repeat_candidates.EXACT", 0)
    table, rarity = finder.comparer.table(FOUR), finder.scorer.rarity
    whole = candidate_pairs(table, rarity)
    monkeypatch.setattr("models.repeat_candidates.BLOCK", 1)
    np.testing.assert_array_equal(candidate_pairs(table, rarity), whole)
    assert len(whole)


def test_a_key_that_all_letters_share_costs_no_more_than_its_window() -> None:
    rows, days = np.arange(30_000), np.zeros(30_000, dtype=np.int32)
    codes = _sharing([(rows, np.full(30_000, 7, dtype=np.uint64))], days)
    assert len(codes) == sum(30_000 - step for step in range(1, NEXT + 1))


def test_features_do_not_depend_on_the_order_of_a_pair(finder: RepeatFinder) -> None:
    table = finder.comparer.table(FOUR)
    i, j = np.array([0, 0, 1]), np.array([1, 2, 3])
    there, back = (finder.scorer.features(table, *side) for side in ((i, table, j), (j, table, i)))
    assert there.shape == (3, len(FEATURES))
    np.testing.assert_allclose(there, back, atol=1e-5)


def test_tables_join_to_what_one_batch_gives(finder: RepeatFinder) -> None:
    parts = Comparables.joined([finder.comparer.table(FOUR[:1]), finder.comparer.table(FOUR[1:])])
    whole = finder.comparer.table(FOUR)
    assert parts.ids == whole.ids
    for name, rows in whole.sets.items():
        np.testing.assert_array_equal(rows.keys, parts.sets[name].keys)


def test_no_petitions_and_one(finder: RepeatFinder) -> None:
    assert finder.find([]).matters() == []
    assert finder.find([LETTER]).matters() == []


def test_a_frame_in_and_a_frame_out() -> None:
    frame = pd.DataFrame(
        {
            "编号": [one.id for one in FOUR],
            "内容": [one.text for one in FOUR],
            "姓名": [one.petitioner for one in FOUR],
        },
        index=[7, 8, 9, 10],
    )
    found = find_repeats(frame)
    assert found.index.tolist() == [7, 8, 9, 10]
    assert found["matter"].tolist()[0] == found["matter"].tolist()[1]
    assert found["size"].tolist() == [2, 2, 1, 1]


def test_word_lists_with_faults_are_told(tmp_path: Path) -> None:
    path = tmp_path / "repeats.yaml"
    path.write_text("rectified: 整改\nagain: []\n", "utf-8")
    with pytest.raises(DataFileError) as error:
        repeat_words(path)
    assert len(error.value.problems) == 4
