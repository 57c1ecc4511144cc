"""Which candidates of a report are findings: a linear model of words and cues, and a second that sees their company."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from corpus.documents import Document
from corpus.errors import FenbanError, ModelError
from corpus.plain import plain_document
from corpus.report_words import ReportWords, report_words
from corpus.written import NO_PROBLEM, WrittenReport, WrittenStatement
from models.calibration import Numbers, sigmoid
from models.features import FeatureSpace, Occurrences, occurrences, reading_fingerprint
from models.finding_features import PLACES, company, cues, denied, routine
from models.linear import Bool, Float, Linear, fit_linear
from models.reading import read_texts
from models.report_reading import ReportReading, read_report, slices
from models.space import space_from_arrays, space_to_arrays
from models.store import Arrays
from nlp.tokenise import Tokeniser

PART = "findings"
LABEL = "finding"
THRESHOLD = 0.35
"""Between 0.3 and 0.45 the span F1 across the writers of the training reports is within 0.003 of its best."""
CUE_SCALE = 0.4
"""Weight of a cue beside the words of a sentence, whose blocks have length 1."""
STATEMENT_WEIGHT = 0.3
"""What a single statement counts beside a sentence that stands in a report."""


@dataclass(frozen=True)
class FindingModel:
    """First pass: features of the sentence and its cues; second: the first's score, its company, the place."""

    space: FeatureSpace
    first: Linear
    second: Linear
    reading: str

    @cached_property
    def words(self) -> ReportWords:
        """The words of reports, read when the first report is: programs that read none start without them."""
        return report_words()

    def probabilities(self, report: ReportReading, tokeniser: Tokeniser) -> Numbers:
        """(candidates,) probability of being a finding; 0 for what is denied or routine."""
        if not report.candidates:
            return np.zeros(0)
        found_cues = cues(report, self.words)
        if len(self.space.buckets) + found_cues.shape[1] != len(self.first.weights):
            raise ModelError("findings: other groups of words than it was trained with; train it again")
        texts = [report.words(one) for one in report.candidates]
        parts = []
        for part in slices(texts):
            rows = sentence_rows(self.space, occurrences(read_texts(texts[part], tokeniser)), found_cues[part])
            parts.append(self.first.scores(rows)[:, 0])
        scores = np.concatenate(parts)
        weighed = _second_rows(report, scores, found_cues) @ self.second.weights[:, 0] + self.second.bias[0]
        never = np.array(denied(report, report.candidates, self.words)) | np.array(routine(report, self.words))
        return np.where(never, 0.0, sigmoid(weighed))

    def to_arrays(self) -> tuple[Arrays, dict[str, Any]]:
        """What the store keeps: arrays, and the manifest's entry."""
        arrays = space_to_arrays(self.space)
        for name, linear in (("first", self.first), ("second", self.second)):
            arrays[f"{name}.weights"] = linear.weights.astype(np.float16 if name == "first" else np.float32)
            arrays[f"{name}.bias"] = linear.bias.astype(np.float32)
        return arrays, {"reading": self.reading, "labels": [LABEL]}

    @classmethod
    def from_arrays(cls, arrays: Arrays, about: dict[str, Any]) -> FindingModel:
        """The model that `to_arrays` described.

        Raises:
            ModelError: an array is missing or has the wrong shape.
        """
        space = space_from_arrays(arrays)
        try:
            first, second = (
                Linear(arrays[f"{name}.weights"].astype(np.float32), arrays[f"{name}.bias"])
                for name in ("first", "second")
            )
        except KeyError as error:
            raise ModelError(f"findings: {error} is missing; train the part again") from error
        known = first.weights.ndim == 2 and len(first.weights) >= len(space.buckets)
        if not known or second.weights.shape != (4 + PLACES, 1):
            raise ModelError("findings: weights do not fit the features; train the part again")
        return cls(space, first, second, str(about.get("reading")))


@dataclass(frozen=True)
class LabelledReport:
    """A report of the corpus, and which of its candidates state a finding."""

    source: WrittenReport
    reading: ReportReading
    target: Bool


def labelled_report(report: WrittenReport, document: Document | None = None) -> LabelledReport:
    """The candidates of a report that hold, or lie in, a gold finding by at least half."""
    reading = read_report(document or plain_document(report.text))
    target = [
        any(_holds((one.start, one.end), (gold.start, gold.end)) for gold in report.findings)
        for one in reading.candidates
    ]
    return LabelledReport(report, reading, np.array(target, dtype=bool))


def _holds(one: tuple[int, int], gold: tuple[int, int]) -> bool:
    shared = min(one[1], gold[1]) - max(one[0], gold[0])
    return shared * 2 >= min(one[1] - one[0], gold[1] - gold[0]) and shared > 0


def train_findings(
    reports: Sequence[LabelledReport], statements: Sequence[WrittenStatement], tokeniser: Tokeniser, seed: int = 0
) -> FindingModel:
    """Fits both passes; the second learns from scores of reports whose writer the first had not seen.

    Raises:
        FenbanError: reports of fewer than three writers.
    """
    words = report_words()
    data = _Data.of(reports, statements, tokeniser, words)
    writers = sorted(set(data.writer))
    if len(writers) < 3:
        raise FenbanError(f"reports of {len(writers)} writers; to learn findings at least 3 are needed")
    held_out = np.zeros(len(data.target), dtype=np.float32)
    for writer in writers:
        mine = data.writer == writer
        space, first = data.fit(~mine, seed)
        held_out[mine] = first.scores(data.rows(space)[mine])[:, 0]
    space, first = data.fit(np.ones(len(data.target), dtype=bool), seed)
    second = _fit_second(data.second_rows(held_out), data.target)
    return FindingModel(space, first, second, reading_fingerprint(tokeniser))


@dataclass(frozen=True)
class _Data:
    """All candidates of all reports, one after the other, and the statements that are learned from beside them."""

    reports: Sequence[LabelledReport]
    found: Occurrences
    cues: Float
    target: Bool
    writer: NDArray[np.str_]
    statements: Occurrences
    stated: Bool

    @classmethod
    def of(
        cls,
        reports: Sequence[LabelledReport],
        statements: Sequence[WrittenStatement],
        tokeniser: Tokeniser,
        words: ReportWords,
    ) -> _Data:
        return cls(
            reports=reports,
            found=sentence_occurrences([one.reading for one in reports], tokeniser),
            cues=np.concatenate([cues(one.reading, words) for one in reports]),
            target=np.concatenate([one.target for one in reports]),
            writer=np.array([one.source.writer for one in reports for _ in one.target]),
            statements=occurrences(read_texts([one.text for one in statements], tokeniser)),
            stated=np.array([one.code != NO_PROBLEM for one in statements]),
        )

    def rows(self, space: FeatureSpace) -> sp.csr_matrix:
        return sentence_rows(space, self.found, self.cues)

    def fit(self, used: Bool, seed: int) -> tuple[FeatureSpace, Linear]:
        """The first pass on the candidates that are `used` and on all statements, which have the mean of their cues."""
        space = FeatureSpace.fit(self.found, counted=used)
        means = np.tile(self.cues[used].mean(axis=0), (self.statements.texts, 1))
        rows = sp.vstack([self.rows(space)[used], sentence_rows(space, self.statements, means)]).tocsr()
        weight = np.repeat([1.0, STATEMENT_WEIGHT], [used.sum(), self.statements.texts]).astype(np.float32)
        return space, fit_linear(rows, np.concatenate((self.target[used], self.stated))[:, None], weight, seed)

    def second_rows(self, scores: Float) -> Float:
        ends = np.cumsum([len(one.target) for one in self.reports])[:-1]
        parts = zip(self.reports, np.split(scores, ends), np.split(self.cues, ends), strict=True)
        return np.concatenate([_second_rows(one.reading, part, found_cues) for one, part, found_cues in parts])


def sentence_occurrences(reports: Sequence[ReportReading], tokeniser: Tokeniser) -> Occurrences:
    """Words and n-grams of all candidates."""
    return occurrences(read_texts([one.words(candidate) for one in reports for candidate in one.candidates], tokeniser))


def sentence_rows(space: FeatureSpace, found: Occurrences, found_cues: Float) -> sp.csr_matrix:
    """(candidates, features): words and n-grams, then cues."""
    scaled = found_cues.copy()
    scaled[:, PLACES:] *= CUE_SCALE
    return sp.hstack([space.rows(found), sp.csr_matrix(scaled)]).tocsr()


def _second_rows(report: ReportReading, scores: Float, found_cues: Float) -> Float:
    return np.concatenate((scores[:, None], company(report, scores), found_cues[:, :PLACES]), axis=1)


def _fit_second(rows: Float, target: Bool) -> Linear:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1.0, max_iter=2000).fit(rows, target)
    return Linear(model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32))
