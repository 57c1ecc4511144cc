from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import ModelError
from corpus.records import Petition
from corpus.written import written_repeats
from models.encoder import StaticEncoder, load_encoder
from models.pairs import matter_pairs, paraphrase_pairs, title_pairs
from models.reading import read_texts
from models.store import SHIPPED
from models.train_encoder import Pair, train_encoder
from nlp.tokenise import Tokeniser

ENCODER = SHIPPED / "encoder"


def test_petitions_of_one_matter_are_near(tokeniser: Tokeniser) -> None:
    pairs = [pair for pair in matter_pairs(written_repeats("test")) if pair.left != pair.right]
    encoder = load_encoder(ENCODER)
    left = encoder.encode(read_texts([pair.left for pair in pairs], tokeniser))
    right = encoder.encode(read_texts([pair.right for pair in pairs], tokeniser))
    assert np.allclose(np.linalg.norm(left, axis=1), 1, atol=1e-4)
    same, other = (left * right).sum(axis=1), (left * np.roll(right, 12, axis=0)).sum(axis=1)
    assert same.mean() > other.mean() + 0.3


def test_the_vocabulary_is_public(tokeniser: Tokeniser) -> None:
    """No word that only the cutting of private texts could have made, and no number, stands in the model file."""
    encoder = load_encoder(ENCODER)
    assert isinstance(encoder, StaticEncoder)
    words = [word for word in encoder.vocabulary if word != "[UNK]"]
    assert all(tokeniser.knows(word) or len(word) == 1 for word in words)
    assert not any(character.isdigit() for word in words for character in word)


def test_unknown_words_are_spelled_and_empty_texts_are_zero(tokeniser: Tokeniser) -> None:
    vectors = load_encoder(ENCODER).encode(read_texts(["龘龘龘", "🧿", "路灯"], tokeniser))
    assert np.isfinite(vectors).all()
    assert np.linalg.norm(vectors[1]) == 0
    assert np.linalg.norm(vectors[2]) > 0.99


def test_reading_the_encoder_needs_no_torch() -> None:
    program = (
        "import sys; from pathlib import Path; from models.encoder import StaticEncoder, load_encoder; "
        f"load_encoder(Path({str(ENCODER)!r})); print('torch' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


@pytest.mark.parametrize("name", ["nothing", "broken"])
def test_a_folder_that_is_no_encoder_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "modules.json").write_text('[{"type": "x.StaticEmbedding", "path": ""}]')
    with pytest.raises(ModelError, match=name):
        load_encoder(tmp_path / name)


def test_pairs_come_from_titles_paraphrases_and_matters(tmp_path: Path) -> None:
    petitions = [Petition(title="路灯不亮", text="路灯不亮\n巷子口摸黑"), Petition(title="", text="停水")]
    assert list(title_pairs(petitions)) == [Pair("路灯不亮", "巷子口摸黑", "title")]
    path = tmp_path / "pairs.txt"
    path.write_text("怎么还款\t如何还款\t1\n怎么还款\t天气如何\t0\n", "utf-8")
    assert list(paraphrase_pairs(path)) == [Pair("怎么还款", "如何还款", "paraphrase")]
    assert len(list(matter_pairs(written_repeats("dev")))) > 30


@pytest.mark.long
def test_sentence_transformers_reads_what_numpy_reads(tokeniser: Tokeniser) -> None:
    from sentence_transformers import SentenceTransformer

    readings = read_texts(["路灯坏了没人修", "村会计把低保金取走了"], tokeniser)
    encoder = load_encoder(ENCODER)
    assert isinstance(encoder, StaticEncoder)
    ours = encoder.encode(readings)
    names = list(encoder.vocabulary)
    words = [" ".join(names[number] for number in encoder.ids(reading.words)) for reading in readings]
    theirs = SentenceTransformer(str(ENCODER), device="cpu").encode(words, normalize_embeddings=True)
    assert np.allclose(ours, theirs, atol=2e-2)


@pytest.mark.long
def test_the_encoder_is_trained_and_measured(tmp_path: Path) -> None:
    things, states = (
        ["路灯", "井盖", "水管", "电梯", "围墙", "公厕", "校车", "药房", "鱼塘", "水渠"],
        ["坏了", "堵了", "漏了", "停了", "塌了", "丢了"],
    )
    pairs = [
        Pair(f"{street}{thing}{state}", f"我们{street}的{thing}{state}很久，一直没有人来管", "title")
        for street in ("东街", "西街", "南街", "北街", "河边", "山脚", "桥头", "站前", "城西", "渡口")
        for thing in things
        for state in states
    ]
    text = train_encoder(pairs, tmp_path / "encoder")
    assert "static encoder" in text
    shares = [float(line.split("|")[2]) for line in text.splitlines() if line.startswith("| ") and "0" in line]
    assert shares[0] > 0.3
    modules = json.loads((tmp_path / "encoder" / "modules.json").read_text("utf-8"))
    assert modules[0]["type"].endswith("StaticEmbedding")


def test_training_with_too_few_pairs_is_refused(tmp_path: Path) -> None:
    from corpus.errors import FenbanError

    with pytest.raises(FenbanError, match="pairs to learn from"):
        train_encoder([Pair("路灯不亮", "摸黑走路", "title")], tmp_path / "encoder")
