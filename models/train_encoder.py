"""Trains the static encoder with sentence-transformers, and measures how well it finds the body of an unseen title."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.dictionary import domain_words
from corpus.errors import FenbanError, MissingExtraError
from corpus.splits import held_out
from models.encoder import Float, StaticEncoder, load_encoder
from models.reading import Reading, read_texts
from nlp.tokenise import Tokeniser

DIMENSIONS = 128
MOST_WORDS = 24_000
LEAST_COUNT = 3
EPOCHS = 4
BATCH = 512
LEARNING_RATE = 0.2
UNKNOWN = "[UNK]"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that mean the same or belong together; `source` says what makes them a pair."""

    left: str
    right: str
    source: str


def train_encoder(pairs: Sequence[Pair], folder: Path, seed: int = 0) -> str:
    """Fits word vectors so that the two texts of a pair are near and those of other pairs are far; gives the figures.

    MultipleNegativesRankingLoss after Henderson et al. (2017), "Efficient Natural Language Response Suggestion".
    Every tenth pair, by a hash of its left text, is held out for the figures.

    Args:
        pairs: what to learn from.
        folder: sentence-transformers folder to write.
        seed: of the first vectors and the order.

    Raises:
        MissingExtraError: torch or sentence-transformers is not installed.
        FenbanError: too few pairs.
    """
    train = [pair for pair in pairs if not held_out(pair.left)]
    test = [pair for pair in pairs if held_out(pair.left) and pair.source == "title"]
    if len(train) < BATCH or not test:
        raise FenbanError(f"{len(train)} pairs to learn from, {len(test)} titles to test on; needed: {BATCH}, 1")
    tokeniser = Tokeniser(domain_words())
    left = read_texts((pair.left for pair in train), tokeniser)
    right = read_texts((pair.right for pair in train), tokeniser)
    vocabulary = _vocabulary([*left, *right], tokeniser)
    _fit(left, right, vocabulary, folder, seed)
    text = _figures(load_encoder(folder), train, test, tokeniser)
    (folder / "card.md").write_text(_card(train, len(vocabulary), text), "utf-8")
    return text


def _vocabulary(readings: Sequence[Reading], tokeniser: Tokeniser) -> dict[str, int]:
    """The most frequent words of the public dictionary, and every frequent character so that others can be spelled.

    What the cutting finds beyond the dictionary is mostly names of people, and numbers are theirs too: neither may
    stand in a model file.
    """
    words = Counter(word for reading in readings for word in reading.words if tokeniser.knows(word))
    characters = Counter(character for reading in readings for character in reading.text if character.isalpha())
    chosen = [word for word, count in words.most_common(MOST_WORDS) if count >= LEAST_COUNT]
    chosen += [character for character, count in characters.most_common() if count >= LEAST_COUNT]
    return {word: number for number, word in enumerate(dict.fromkeys([UNKNOWN, *chosen]))}


def _fit(
    left: Sequence[Reading], right: Sequence[Reading], vocabulary: dict[str, int], folder: Path, seed: int
) -> None:
    try:
        import torch
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
        from sentence_transformers.sentence_transformer.modules import StaticEmbedding
        from tokenizers import Tokenizer
        from tokenizers.models import WordLevel
        from tokenizers.pre_tokenizers import WhitespaceSplit
    except ImportError as error:
        raise MissingExtraError("training the encoder", "train") from error
    torch.manual_seed(seed)
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=DIMENSIONS)], device="cpu")
    spelled = StaticEncoder(vocabulary, np.zeros((len(vocabulary), 1), dtype=np.float32))
    names = list(vocabulary)
    texts = [[" ".join(names[i] for i in spelled.ids(one.words)) for one in side] for side in (left, right)]
    loss = MultipleNegativesRankingLoss(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    order = np.random.default_rng(seed)
    for _ in range(EPOCHS):
        for batch in np.array_split(order.permutation(len(left)), max(1, len(left) // BATCH)):
            features = [model.preprocess([side[i] for i in batch]) for side in texts]
            optimizer.zero_grad()
            loss(features, None).backward()
            optimizer.step()
    model.half()
    model.save(str(folder), create_model_card=False)
    (folder / "model.safetensors").chmod(0o644)


def _figures(encoder: Any, train: Sequence[Pair], test: Sequence[Pair], tokeniser: Tokeniser) -> str:
    """Share of held-out titles whose own body is nearest among all held-out bodies, with peers."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline

    titles, bodies = [pair.left for pair in test], [pair.right for pair in test]
    sides = [encoder.encode(read_texts(texts, tokeniser)) for texts in (titles, bodies)]
    found = {"static encoder": _first(sides[0], sides[1])}
    words = TfidfVectorizer(analyzer=tokeniser.cut, sublinear_tf=True, min_df=2)
    known = [pair.right for pair in train if pair.source == "title"]
    dimensions = min(DIMENSIONS, len(words.fit(known).vocabulary_) - 1)
    lsa = make_pipeline(words, TruncatedSVD(dimensions, random_state=0)).fit(known)
    found["LSA, as many dimensions"] = _first(_unit(lsa.transform(titles)), _unit(lsa.transform(bodies)))
    characters = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2)
    characters.fit(known)
    similar = (characters.transform(titles) @ characters.transform(bodies).T).toarray()
    found["character TF-IDF"] = float((similar.argmax(axis=1) == np.arange(len(test))).mean())
    lines = [f"| {name} | {share:.3f} |" for name, share in found.items()]
    head = f"The body of an unseen title is nearest among {len(test)} bodies:\n\n| method | share |\n|---|---|"
    return "\n".join([head, *lines])


def _first(titles: Float, bodies: Float) -> float:
    return float(((titles @ bodies.T).argmax(axis=1) == np.arange(len(titles))).mean())


def _unit(vectors: NDArray[np.floating]) -> Float:
    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return np.asarray(vectors / lengths, dtype=np.float32)


def _card(train: Sequence[Pair], words: int, figures: str) -> str:
    sources = ", ".join(f"{name} {count}" for name, count in Counter(pair.source for pair in train).most_common())
    return f"""# Encoder

Mean of word vectors, {words} words, {DIMENSIONS} dimensions; its input is words as fenban cuts them, joined by blanks.
Trained from nothing on pairs of texts: {sources}. One pair in ten, by a hash of its left text, was held out.

{figures}
"""
