"""Other programs' ways to find repeats, run beside ours on the same texts in one command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import MissingExtraError
from corpus.variety import SHINGLE, bare
from models.encoder import StaticEncoder, load_encoder
from models.pair_scorer import upper_pairs
from models.store import SHIPPED
from nlp.tokenise import Tokeniser

PERMUTATIONS = 128
Similarities = Callable[[Sequence[str], Tokeniser], NDArray[np.float32]]
"""Texts → similarity of every two, in the order of `upper_pairs`."""


def datasketch_minhash(texts: Sequence[str], _tokeniser: Tokeniser) -> NDArray[np.float32]:
    """datasketch: MinHash of five-character shingles, estimated Jaccard similarity.

    Raises:
        MissingExtraError: datasketch is not installed.
    """
    try:
        from datasketch import MinHash
    except ImportError as error:
        raise MissingExtraError("the datasketch peer", "peers") from error
    hashed = []
    for text in texts:
        one = MinHash(num_perm=PERMUTATIONS)
        one.update_batch([shingle.encode() for shingle in shingles(text)])
        hashed.append(one.hashvalues)
    return _agreeing(np.array(hashed))


def rensa_minhash(texts: Sequence[str], _tokeniser: Tokeniser) -> NDArray[np.float32]:
    """rensa: R-MinHash of five-character shingles, estimated Jaccard similarity.

    Raises:
        MissingExtraError: rensa is not installed.
    """
    try:
        from rensa import RMinHash
    except ImportError as error:
        raise MissingExtraError("the rensa peer", "peers") from error
    hashed = []
    for text in texts:
        one = RMinHash(num_perm=PERMUTATIONS, seed=0)
        one.update(shingles(text))
        hashed.append(one.digest())
    return _agreeing(np.array(hashed))


def semhash(texts: Sequence[str], tokeniser: Tokeniser) -> NDArray[np.float32]:
    """Semhash over the shipped encoder's vectors: cosine of the neighbours that it finds, 0 for others.

    Raises:
        MissingExtraError: semhash is not installed.
    """
    try:
        from semhash import SemHash
    except ImportError as error:
        raise MissingExtraError("the semhash peer", "peers") from error
    numbered = [f"{number} {text}" for number, text in enumerate(texts)]
    index = SemHash.from_records(records=numbered, model=_Words(tokeniser))
    rows = {text: row for row, text in enumerate(numbered)}
    similar = np.zeros((len(texts), len(texts)), dtype=np.float32)
    for item in index.self_deduplicate(threshold=0.3).filtered:
        row, other = rows[item.record], rows[item.duplicate_of]
        similar[row, other] = similar[other, row] = item.score
    i, j = upper_pairs(len(texts))
    return similar[i, j]


def tfidf_cosine(texts: Sequence[str], _tokeniser: Tokeniser) -> NDArray[np.float32]:
    """TF-IDF of character n-grams (1 to 3), cosine."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    rows = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True).fit_transform(texts)
    i, j = upper_pairs(len(texts))
    return np.asarray((rows @ rows.T).toarray()[i, j], dtype=np.float32)


def shingles(text: str) -> list[str]:
    """The text's runs of five characters, blanks left out."""
    clean = bare(text)
    return [clean[start : start + SHINGLE] for start in range(max(1, len(clean) - SHINGLE + 1))]


class _Words:
    """The shipped encoder in the form that semhash calls."""

    def __init__(self, tokeniser: Tokeniser) -> None:
        encoder = load_encoder(SHIPPED / "encoder")
        if not isinstance(encoder, StaticEncoder):
            raise MissingExtraError("the semhash peer", "train")
        self._encoder, self._tokeniser = encoder, tokeniser

    def encode(self, inputs: Any, **_options: Any) -> Any:
        """(texts, dimensions) vectors; the number in front of a text has none."""
        return self._encoder.encode_words([self._tokeniser.cut(text.split(" ", 1)[1]) for text in inputs])


def _agreeing(hashed: NDArray[Any]) -> NDArray[np.float32]:
    i, j = upper_pairs(len(hashed))
    return np.asarray((hashed[i] == hashed[j]).mean(axis=1), dtype=np.float32)


PEERS: dict[str, Similarities] = {
    "TF-IDF cosine": tfidf_cosine,
    "datasketch MinHash": datasketch_minhash,
    "rensa R-MinHash": rensa_minhash,
    "semhash": semhash,
}
