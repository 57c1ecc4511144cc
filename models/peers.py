"""Other programs' ways to classify the same texts, run beside ours in one command."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from corpus.errors import MissingExtraError
from models.encoder import StaticEncoder, load_encoder
from models.store import SHIPPED

Classifier = Callable[[Sequence[str], Sequence[str], Sequence[str]], list[str]]
"""Training texts (words joined by blanks), their labels, test texts → labels of the test texts."""


def signalen(train: Sequence[str], labels: Sequence[str], test: Sequence[str]) -> list[str]:
    """Amsterdam's Signalen: word counts and L1 logistic regression."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline

    counts = CountVectorizer(token_pattern=r"\S+", ngram_range=(1, 2), min_df=2)
    regression = LogisticRegression(l1_ratio=1.0, solver="liblinear", C=1.0, random_state=0)
    model = make_pipeline(counts, OneVsRestClassifier(regression)).fit(train, labels)
    return [str(label) for label in model.predict(test)]


def linear_svc(train: Sequence[str], labels: Sequence[str], test: Sequence[str]) -> list[str]:
    """TF-IDF of words and linear SVC."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    model = make_pipeline(TfidfVectorizer(token_pattern=r"\S+", sublinear_tf=True), LinearSVC(random_state=0))
    return [str(label) for label in model.fit(train, labels).predict(test)]


def fasttext(train: Sequence[str], labels: Sequence[str], test: Sequence[str]) -> list[str]:
    """fastText, supervised, word bigrams, 25 epochs.

    Raises:
        MissingExtraError: fastText is not installed.
    """
    try:
        import fasttext as library
    except ImportError as error:
        raise MissingExtraError("the fastText peer", "peers") from error
    names = sorted(set(labels))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.txt"
        lines = (f"__label__{names.index(label)} {_one_line(text)}" for text, label in zip(train, labels, strict=True))
        path.write_text("\n".join(lines), "utf-8")
        model = library.train_supervised(str(path), epoch=25, lr=0.5, wordNgrams=2, thread=1, seed=0, verbose=0)
    # model.predict fails under NumPy 2; the object it wraps does not.
    return [
        names[int(model.f.predict(_one_line(text), 1, 0.0, "strict")[0][1].removeprefix("__label__"))] for text in test
    ]


def encoder_linear(train: Sequence[str], labels: Sequence[str], test: Sequence[str]) -> list[str]:
    """The shipped encoder's vectors and logistic regression, as SetFit does after its fine-tuning (Tunstall, 2022)."""
    from sklearn.linear_model import LogisticRegression

    encoder = load_encoder(SHIPPED / "encoder")
    if not isinstance(encoder, StaticEncoder):
        raise MissingExtraError("the encoder peer", "train")
    known, asked = (encoder.encode_words([text.split() for text in texts]) for texts in (train, test))
    model = LogisticRegression(C=30, max_iter=500).fit(known, labels)
    return [str(label) for label in model.predict(asked)]


def _one_line(text: str) -> str:
    return " ".join(text.split()) or "。"


PEERS: dict[str, Classifier] = {
    "Signalen (counts + L1 logistic regression)": signalen,
    "linear SVC on TF-IDF": linear_svc,
    "fastText": fasttext,
    "encoder + logistic regression": encoder_linear,
}
