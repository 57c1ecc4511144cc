from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from corpus.errors import FenbanError
from corpus.records import Petition
from corpus.written import NO_PROBLEM
from models.calibration import calibration_error, fit_ranked, softmax, softmax_scale, threshold_for
from models.content import predict_first_level, read_occurrences, train_content
from models.discipline import targets_of, train_discipline
from models.evidence import Clauses, ClauseShares
from models.examples import ContentExample, ProblemExample
from models.features import occurrences
from models.folds import group_folds
from models.heads import Head
from models.linear import Linear
from models.reading import read
from nlp.tokenise import Tokeniser


def test_softmax_scale_recovers_the_scale() -> None:
    generator = np.random.default_rng(0)
    scores = generator.normal(size=(4_000, 3))
    target = np.array([generator.choice(3, p=row) for row in softmax(2.5 * scores)])
    assert softmax_scale(scores, target) == pytest.approx(2.5, rel=0.1)


def test_ranked_calibration_is_calibrated_for_the_best_label() -> None:
    generator = np.random.default_rng(1)
    scores = generator.normal(size=(6_000, 8))
    target = generator.random(scores.shape) < 1 / (1 + np.exp(-(2 * scores - 2)))
    probability = fit_ranked(scores, target, np.ones(scores.shape, dtype=bool)).probabilities(scores)
    rows, best = np.arange(len(scores)), scores.argmax(axis=1)
    assert (probability.argmax(axis=1) == best).all()
    assert calibration_error(probability[rows, best], target[rows, best]) < 0.03
    assert calibration_error(probability.ravel(), target.ravel()) < 0.03


def test_the_threshold_is_the_lowest_that_reaches_the_precision() -> None:
    probability = np.repeat([0.9, 0.8, 0.7, 0.6], 20)
    right = np.repeat([True, True, False, True], 20)
    assert threshold_for(probability, right, 0.9) == pytest.approx(0.8)
    assert threshold_for(probability, np.zeros(80, dtype=bool), 0.9) > 1
    assert threshold_for(probability[:10], right[:10], 0.9) > 1
    # Of answers with one probability all are accepted or none: three right ones in front say nothing.
    assert threshold_for(np.full(40, 0.9), np.arange(40) < 30, 0.9) > 1


def test_folds_keep_groups_whole() -> None:
    groups = [f"g{number // 4}" for number in range(80)]
    for train, test in group_folds(groups, np.arange(80) % 2):
        assert {groups[i] for i in train}.isdisjoint(groups[i] for i in test)


def test_a_head_survives_storing() -> None:
    generator = np.random.default_rng(0)
    head = Head(("甲", "乙"), Linear(generator.normal(size=(9, 2)).astype(np.float32), np.zeros(2, np.float32)), 0.4)
    arrays, about = head.to_arrays("x")
    again = Head.from_arrays("x", arrays, about, 9)
    assert (again.labels, again.threshold, again.ranked) == (head.labels, head.threshold, head.ranked)
    assert np.abs(again.linear.weights - head.linear.weights).max() < np.abs(head.linear.weights).max() / 100


def content_set() -> list[ContentExample]:
    topics = {
        "城乡建设": ("路灯坏了", "井盖丢失", "垃圾没人清扫"),
        "教育文体": ("学校乱收费", "补课要交钱", "校服太贵"),
    }
    return [
        ContentExample(Petition(text=f"{street}{word}，{number}天了"), label, f"{street}{number}")
        for label, words in topics.items()
        for word in words
        for number in range(3)
        for street in ("东街", "西街", "南街", "北街", "河边")
    ]


def test_content_learns_and_needs_two_labels(tokeniser: Tokeniser) -> None:
    model = train_content(content_set(), tokeniser)
    petitions = [Petition(text="新村的井盖丢失"), Petition(text="小学校服太贵")]
    probability = predict_first_level(model, petitions, tokeniser)
    assert [model.head.labels[i] for i in probability.argmax(axis=1)] == ["城乡建设", "教育文体"]
    assert model.paths is None
    with pytest.raises(FenbanError, match="two different labels"):
        train_content(content_set()[:10], tokeniser)


def test_paths_are_learned_and_cut(tokeniser: Tokeniser) -> None:
    deep = {"城乡建设": "城乡建设/城市建设和市政管理/城市公共设施", "教育文体": "教育文体/教育收费"}
    examples = [ContentExample(one.petition, deep[one.path], one.group) for one in content_set()]
    model = train_content(examples, tokeniser)
    assert model.paths is not None
    paths = replace(model.paths, scale=50.0, threshold=0.5)
    similarity = np.zeros((3, len(paths.codes)), dtype=np.float32)
    similarity[:, paths.codes.index("教育文体/教育收费")] = 1.0
    found = paths.descend([("教育文体", 0.9), ("教育文体", 0.4), ("民政", 0.9)], similarity)
    assert found[0] == ("教育文体/教育收费", pytest.approx(0.9, abs=1e-3))
    assert found[1:] == [("教育文体", 0.4), ("民政", 0.9)]
    rows = model.space.rows(read_occurrences([one.petition for one in content_set()[:30]], tokeniser))
    below = paths.below(["教育文体", "城乡建设"] * 15, rows)
    mine = np.array([code.startswith("教育文体/") for code in paths.codes])
    assert np.array_equal(below[::2, mine], paths.similarities(rows)[::2, mine])
    assert not below[::2, ~mine].any()


def problem_set() -> list[ProblemExample]:
    topics = {
        "B1.5": ("我爹的补贴被会计拿去用了", "accusation"),
        "B8.1": ("镇上干部拿公家钱天天吃喝", "accusation"),
        NO_PROBLEM: ("请问养老保险怎么转", "out_of_scope"),
    }
    return [
        ProblemExample(
            Petition(text=f"{street}，{text}，{number}次了"), (code,), code, street, kind=kind, urgent=number == 1
        )
        for code, (text, kind) in topics.items()
        for number in range(3)
        for street in ("东街", "西街", "南街", "北街", "河边", "山脚")
    ]


def test_discipline_learns_problems_kinds_and_urgency(tokeniser: Tokeniser) -> None:
    model, _ = train_discipline(problem_set(), tokeniser)
    asked = [Petition(text="会计把补贴拿去用了"), Petition(text="问一下养老保险")]
    rows = model.space.rows(read_occurrences(asked, tokeniser))
    best = model.problems.scores(rows).argmax(axis=1)
    assert [model.problems.labels[i] for i in best] == ["B1.5", NO_PROBLEM]
    assert model.kind.scores(rows).argmax(axis=1).tolist() == [0, 4]


def test_targets_mark_what_is_unknown() -> None:
    clause = ProblemExample(Petition(text="未发现问题"), (NO_PROBLEM,), NO_PROBLEM, "g", whole=False)
    targets = targets_of([clause, problem_set()[0]])
    assert targets.kind.tolist() == [-1, 0]
    assert targets.urgent.tolist() == [-1, 0]
    assert targets.alleged.sum(axis=1).tolist() == [1, 1]


def test_of_clauses_that_say_the_same_the_first_are_shown(tokeniser: Tokeniser) -> None:
    model, _ = train_discipline(problem_set(), tokeniser)
    petition = Petition(title="会计把补贴拿去用了", text="，".join(["会计把补贴拿去用了"] * 30))
    reading = read(petition, tokeniser)
    found = occurrences([reading])
    counts = model.space.counts(found)
    shares = ClauseShares(Clauses(found, [reading], [petition.text]), counts, model.space.weighted(counts.table))
    (shown,) = shares.evidence(model.problems.linear, np.array([0]), np.array([model.problems.labels.index("B1.5")]))
    assert [one.start for one in shown] == [0, 10, 20]
    assert {one.text for one in shown} == {"会计把补贴拿去用了"}
