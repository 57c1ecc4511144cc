from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from corpus.decisions import PastDecision
from corpus.errors import FenbanError, ModelError
from corpus.records import Petition
from corpus.unit_kinds import kind_table
from models.encoder import StaticEncoder, load_encoder
from models.evaluate_router import evaluate_router_peers, router_report
from models.evidence import Clauses, ClauseShares
from models.features import occurrences
from models.reading import read
from models.router import RouterModel, encoder_fingerprint
from models.store import SHIPPED
from models.train_router import train_router
from models.unit_choice import ChoiceEvidence, NameMentions, UnitChoice, mean_letters, strongest
from models.unit_table import assumed_units, current_names
from nlp.tokenise import Tokeniser

WORK = {
    "教育局": ("学校乱收补课费", "小学入学要哪些材料", "老师上课打手机", "校服太贵了"),
    "城市管理局": ("路边摊占道经营", "门口违章搭建没人拆", "夜市油烟太大", "共享单车乱停"),
    "交通局": ("公交车半小时不来一辆", "出租车拒载乱要价", "公交站牌倒了", "网约车司机绕路"),
}
TOWNS = {"东区": ("青石", "白鹭"), "西区": ("双桥", "大湾"), "南区": ("柳林", "石桥")}


def past(number: int, text: str, unit: str, district: str) -> PastDecision:
    return PastDecision(
        Petition(text=f"{text}，第{number}次来信"),
        unit,
        district,
        f"g{number}",
        date(2023, 1, 1) + timedelta(number // 3),
    )


def office(*, districts: bool = True) -> list[PastDecision]:
    """Three districts, each with bureaus and two towns; 南区 has had no letter for an education bureau."""
    rows = []
    for round_ in range(6):
        for district, towns in TOWNS.items():
            for bureau, texts in WORK.items():
                if (district, bureau) != ("南区", "教育局"):
                    rows += [(texts[round_ % 4], f"{district}{bureau}", district)]
            rows += [(f"{town}村口的水沟堵了没人清", f"{district}{town}镇人民政府", district) for town in towns]
    return [
        past(number, text, unit, district if districts else "") for number, (text, unit, district) in enumerate(rows)
    ]


@pytest.fixture(scope="module")
def encoder() -> StaticEncoder:
    encoder = load_encoder(SHIPPED / "encoder")
    assert isinstance(encoder, StaticEncoder)
    return encoder


@pytest.fixture(scope="module")
def model(encoder: StaticEncoder, tokeniser: Tokeniser) -> RouterModel:
    return train_router(office(), encoder, tokeniser)


def best(
    model: RouterModel, encoder: StaticEncoder, tokeniser: Tokeniser, text: str, district: str
) -> list[tuple[str, float]]:
    readings = [read(Petition(text=text), tokeniser)]
    return model.scores(occurrences(readings), encoder.encode(readings), [district])[0]


@pytest.mark.parametrize(
    ("text", "district", "unit"),
    [
        ("孩子小学入学的材料", "东区", "东区教育局"),
        ("公交车一直不来", "西区", "西区交通局"),
        ("白鹭那边的水沟又堵了", "东区", "东区白鹭镇人民政府"),
        ("青石那边的水沟又堵了", "东区", "东区青石镇人民政府"),
        ("石桥村口的水沟", "南区", "南区石桥镇人民政府"),
        ("小学入学的材料", "南区", "南区教育局"),
    ],
)
def test_the_unit_that_handled_such_letters_comes_first(
    model: RouterModel, encoder: StaticEncoder, tokeniser: Tokeniser, text: str, district: str, unit: str
) -> None:
    assert best(model, encoder, tokeniser, text, district)[0][0] == unit


def test_a_bureau_without_any_letter_is_supposed_from_other_districts(model: RouterModel) -> None:
    supposed = [model.units[unit] for unit in np.flatnonzero(model.choice.assumed.any(axis=0))]
    assert supposed == ["南区教育局"]
    assert model.kind_of("南区教育局") == "教育"


def test_the_words_that_led_to_the_kind_can_be_shown(
    model: RouterModel, encoder: StaticEncoder, tokeniser: Tokeniser
) -> None:
    petition = Petition(text="我住在东街，公交车半小时不来一辆，盼回复。")
    reading = read(petition, tokeniser)
    found = occurrences([reading])
    counts = model.space.counts(found)
    clauses = Clauses(found, [reading], [petition.text])
    shares = ClauseShares(clauses, counts, model.space.weighted(counts.table))
    transport = np.array([model.kinds.labels.index("交通")])
    ((first, *_),) = shares.evidence(model.kinds.linear, np.array([0]), transport)
    assert first.text == "公交车半小时不来一辆"


@pytest.mark.parametrize("district", ["", "北区"])
def test_without_a_known_district_all_units_are_in_question(
    model: RouterModel, encoder: StaticEncoder, tokeniser: Tokeniser, district: str
) -> None:
    shown = best(model, encoder, tokeniser, "公交车一直不来", district)
    assert {name for name, _ in shown[:3]} == {"东区交通局", "西区交通局", "南区交通局"}


def test_a_table_without_districts_and_days_is_learned_from(encoder: StaticEncoder, tokeniser: Tokeniser) -> None:
    rows = [replace(one, day=None) for one in office(districts=False)]
    model = train_router(rows, encoder, tokeniser)
    assert model.districts == ()
    assert best(model, encoder, tokeniser, "大湾村口的水沟", "")[0][0] == "西区大湾镇人民政府"


def test_units_of_one_kind_alone_are_told_apart(encoder: StaticEncoder, tokeniser: Tokeniser) -> None:
    rows = [one for one in office() if "镇" in one.unit]
    model = train_router(rows, encoder, tokeniser)
    assert model.kinds.labels == ("乡镇街道",)
    assert best(model, encoder, tokeniser, "双桥村口的水沟", "西区")[0][0] == "西区双桥镇人民政府"


def test_too_few_decisions_are_refused(encoder: StaticEncoder, tokeniser: Tokeniser) -> None:
    with pytest.raises(FenbanError, match="needs 20 decisions by two units"):
        train_router(office()[:19], encoder, tokeniser)
    with pytest.raises(FenbanError, match="by 1 units"):
        train_router([replace(one, unit="教育局") for one in office()], encoder, tokeniser)


def test_a_router_survives_storing(model: RouterModel, encoder: StaticEncoder, tokeniser: Tokeniser) -> None:
    arrays, about = model.to_arrays()
    again = RouterModel.from_arrays(arrays, json.loads(json.dumps(about)))
    readings = [read(one.petition, tokeniser) for one in office()]
    asked = occurrences(readings), encoder.encode(readings), [one.district for one in office()]
    assert (again.units, again.districts, again.threshold) == (model.units, model.districts, model.threshold)
    assert np.allclose(again.route(*asked).units, model.route(*asked).units, atol=0.02)
    assert not any("补课" in part for part in (json.dumps(about, ensure_ascii=False), *arrays))


@pytest.mark.parametrize("broken", ["units.kind", "units.means.indices", "kinds.weights", "units.grams", "space.idf"])
def test_damaged_arrays_are_refused(model: RouterModel, broken: str) -> None:
    arrays, about = model.to_arrays()
    for changed in (
        {key: value for key, value in arrays.items() if key != broken},
        arrays | {broken: arrays[broken][:-1]},
    ):
        with pytest.raises(ModelError):
            RouterModel.from_arrays(changed, about)


@pytest.mark.parametrize("broken", ["labels", "districts", "factors", "kinds", "threshold"])
def test_a_manifest_without_its_entries_is_refused(model: RouterModel, broken: str) -> None:
    arrays, about = model.to_arrays()
    with pytest.raises(ModelError):
        RouterModel.from_arrays(arrays, {key: value for key, value in about.items() if key != broken})


def test_the_vectors_of_another_encoder_are_known_by_their_fingerprint(encoder: StaticEncoder) -> None:
    other = replace(encoder, vectors=encoder.vectors[:, ::-1])
    assert encoder_fingerprint(other) != encoder_fingerprint(encoder)


def test_spellings_and_successors_become_one_unit() -> None:
    def row(unit: str, day: int) -> PastDecision:
        return PastDecision(Petition(text="信"), unit, "东区", str(day), date(2023, 1, 1) + timedelta(day))

    rows = [row("东区（直属）公司", 0), row("东区(直属)公司", 1), row("东区(直属)公司", 2)]
    rows += [row("东区房管局", day) for day in range(10, 15)] + [
        row("东区住房保障和房屋管理局", day) for day in range(20, 25)
    ]
    rows += [row("西区教委", day) for day in range(10, 15)] + [row("西区教育局", day) for day in range(12, 20)]
    rows += [row("东区规划局", 1), row("东区自然资源局", 30)]
    names = current_names(rows, kind_table())
    assert names["东区（直属）公司"] == "东区(直属)公司"
    assert names["东区房管局"] == "东区住房保障和房屋管理局"
    assert names["西区教委"] == "西区教委", "both names were in use at one time"
    assert names["东区规划局"] == "东区规划局", "too few letters to tell a renaming from chance"


def test_bureaus_are_supposed_only_where_two_districts_share_a_pattern() -> None:
    homes = {("东区", "东区教育局"), ("西区", "西区教育局"), ("南区", "南区交通局"), ("市级", "市教委")}
    kinds = {name: ("交通" if "交通" in name else "教育") for _, name in homes}
    assert assumed_units(homes, kinds, ["东区", "南区", "市级", "西区"]) == [("南区教育局", "教育", "南区")]


@given(st.integers(0, 2**32 - 1))
def test_probabilities_of_units_never_exceed_those_of_their_kinds(seed: int) -> None:
    generator = np.random.default_rng(seed)
    texts, units, kinds, districts = 5, 7, 3, 2
    kind = generator.integers(0, kinds, units)
    counts = generator.integers(0, 3, (districts + 1, units)).astype(np.float32)
    first = np.isin(np.arange(units), np.unique(kind, return_index=True)[1])
    assumed = (counts == 0) & first
    empty = occurrences([])
    choice = UnitChoice(
        kinds, kind, counts, assumed, mean_letters(empty_rows(), kind[:0], units), NameMentions.of(empty)
    )
    district = generator.integers(-1, districts, texts)
    given_ = ChoiceEvidence(
        generator.random((texts, units)), counts[district], assumed[district], generator.random((texts, units))
    )
    of_kinds = generator.random((texts, kinds))
    probability = choice.probabilities(of_kinds, given_)
    assert (probability >= 0).all()
    for one in range(kinds):
        assert (probability[:, kind == one].sum(axis=1) <= of_kinds[:, one] + 1e-6).all()
    assert (probability[~((counts[district] > 0) | assumed[district])] == 0).all()


def empty_rows() -> sp.csr_matrix:
    return sp.csr_matrix((0, 4), dtype=np.float32)


def test_only_the_strongest_features_of_a_mean_are_kept() -> None:
    means = sp.csr_matrix(np.array([[1.0, 5.0, 3.0, 0.0], [0.0, 2.0, 0.0, 0.0]]))
    assert strongest(means, 2).toarray().tolist() == [[0, 5, 3, 0], [0, 2, 0, 0]]


def test_report_and_peers_measure_the_same_letters(
    model: RouterModel, encoder: StaticEncoder, tokeniser: Tokeniser
) -> None:
    test = [
        past(900, "小学入学要哪些材料", "东区教育局", "东区"),
        past(901, "大湾村口的水沟堵了", "西区大湾镇人民政府", "西区"),
    ]
    report = router_report(model, test, encoder, tokeniser)
    assert report.metrics["unit_top1"] == 1.0
    wrong = router_report(model, [replace(test[0], unit="东区交通局")], encoder, tokeniser)
    assert wrong.metrics["kind_top1"] == wrong.metrics["unit_top1"] == 0.0
    peers = evaluate_router_peers(office(), test, tokeniser)
    assert {name: figures["unit_top3"] for name, figures in peers.items()} == {
        "TF-IDF + linear SVC": 1.0,
        "nearest letter": 1.0,
        "majority of the district": pytest.approx(peers["majority of the district"]["unit_top3"]),
    }
    with pytest.raises(FenbanError, match="no letter to test on"):
        router_report(model, [], encoder, tokeniser)
