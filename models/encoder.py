"""Texts as dense vectors: the mean of their words' vectors, read from a sentence-transformers folder without torch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from corpus.errors import MissingExtraError, ModelError
from models.reading import Reading

Float = NDArray[np.float32]


class Encoder(Protocol):
    """What turns readings into vectors."""

    def encode(self, readings: Sequence[Reading]) -> Float:
        """(texts, dimensions) float32, rows of length 1 (0 for a text without any known word)."""


@dataclass(frozen=True)
class StaticEncoder:
    """Means of word vectors. `vocabulary` word → row of `vectors` (words, dimensions)."""

    vocabulary: dict[str, int]
    vectors: Float

    def encode(self, readings: Sequence[Reading]) -> Float:
        """(texts, dimensions) float32, rows of length 1 (0 for a text without any known word)."""
        return self.encode_words([reading.words for reading in readings])

    def encode_words(self, texts: Sequence[Sequence[str]]) -> Float:
        """The same for texts that are cut into words already."""
        ids = [self.ids(words) for words in texts]
        ends = np.cumsum([0, *map(len, ids)])
        columns = np.array(list(chain.from_iterable(ids)), dtype=np.int64)
        counts = sp.csr_matrix((np.ones(len(columns), np.float32), columns, ends), shape=(len(ids), len(self.vectors)))
        sums = np.asarray(counts @ self.vectors, dtype=np.float32)
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        return np.asarray(sums / np.maximum(norms, 1e-9), dtype=np.float32)

    def ids(self, words: Sequence[str]) -> list[int]:
        """Rows of the words; an unknown word is spelled by those of its characters that are known."""
        known = self.vocabulary
        found: list[int] = []
        for word in words:
            number = known.get(word)
            if number is not None:
                found.append(number)
            elif len(word) > 1:
                found += [known[character] for character in word if character in known]
        return found


def load_encoder(folder: Path) -> Encoder:
    """The encoder in a sentence-transformers folder: a static one is read by numpy, any other by sentence-transformers.

    Raises:
        ModelError: no such folder, or damaged.
        MissingExtraError: not a static encoder, and sentence-transformers is not installed.
    """
    try:
        modules = json.loads((folder / "modules.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder}: not a sentence-transformers folder (no readable modules.json)") from error
    if not str(modules[0]["type"]).endswith(".StaticEmbedding"):
        return TransformerEncoder.load(folder)
    part = folder / str(modules[0]["path"])
    try:
        vectors = load_file(part / "model.safetensors")["embedding.weight"].astype(np.float32)
        vocabulary = json.loads((part / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise ModelError(f"{part}: cannot be read ({error!r}); train the encoder again") from error
    return StaticEncoder(vocabulary, vectors)


@dataclass(frozen=True)
class TransformerEncoder:
    """Any other sentence-transformers model; slow on a CPU, needs the train extra."""

    model: object

    @classmethod
    def load(cls, folder: Path) -> TransformerEncoder:
        """Reads the model from its folder; nothing is fetched.

        Raises:
            MissingExtraError: sentence-transformers is not installed.
        """
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise MissingExtraError("this encoder", "train") from error
        return cls(SentenceTransformer(str(folder), device="cpu", local_files_only=True))

    def encode(self, readings: Sequence[Reading]) -> Float:
        """(texts, dimensions) float32, rows of length 1."""
        texts = [reading.text for reading in readings]
        vectors = self.model.encode(texts, normalize_embeddings=True)  # type: ignore[attr-defined]
        return np.asarray(vectors, dtype=np.float32)
