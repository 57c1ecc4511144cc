"""What the model of findings sees of a candidate besides its words: position, what kind of sentence and part it is.

Two passes: `cues` belong to a candidate alone, `company` to how the candidates beside it scored in the first pass, as a
column of a table or the items of a part are mostly findings all or none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from corpus.report_words import Patterns, ReportWords
from models.linear import Float
from models.report_reading import ReportReading
from nlp.findings import Candidate
from nlp.structure import ROW

PLACES = 14
"""The first columns of `cues`: where and how long a candidate is."""
LONG, SHORT, TINY, LEAD = 120, 20, 10, 40
"""Characters: as long as any, a heading, a name, what is read of a paragraph's first sentence."""
LEAD_GROUPS = ("denial", "in_order", "requirement", "negation", "wrong")
BESIDE_GROUPS = ("denial", "in_order", "requirement", "handling")
_QUOTED = re.compile("“[^”]*”")

Groups = Callable[[str], list[bool]]


def cues(report: ReportReading, words: ReportWords) -> Float:
    """(candidates, features): places first, then which groups of words stand in it and around it."""
    sentence = _groups(words.sentences)
    heading = _groups(words.headings)
    lead = _groups({name: words.sentences[name] for name in LEAD_GROUPS})
    beside = _groups({name: words.sentences[name] for name in BESIDE_GROUPS})
    title = report.words((report.blocks[0].start, report.blocks[0].end)) if report.blocks else ""
    rows = []
    for one in report.candidates:
        above = [report.words(span) for span in one.above]
        context = (
            "".join(above[-1:]),
            " ".join(above[:-1]),
            one.column or "",
            report.words(one.lead)[:LEAD],
            title,
            report.words(one.label),
        )
        row = [*_place(report, one), *sentence(report.words(one))]
        row += (flag for text in context for flag in heading(text))
        row += (*beside(report.words(one.before)), *beside(report.words(one.after)), *lead(report.words(one.lead)))
        rows.append(row)
    width = PLACES + len(words.sentences) + 6 * len(words.headings) + 2 * len(BESIDE_GROUPS) + len(LEAD_GROUPS)
    return np.array(rows, dtype=np.float32).reshape(len(rows), width)


def _place(report: ReportReading, one: Candidate) -> list[float]:
    length = one.end - one.start
    first = one.lead is None
    alone = one.after is None
    return [
        one.start / len(report.text),
        first,
        first and alone,
        first and length < 16,
        first and not alone and length <= SHORT,
        one.number is not None,
        one.enumerated,
        one.column is not None,
        min(length, LONG) / 60,
        length < TINY,
        length < SHORT,
        one.label is not None,
        len(one.above) / 3,
        report.blocks[one.block].kind == ROW,
    ]


def _groups(patterns: Patterns) -> Groups:
    """Which patterns a text holds; what was asked before is remembered, as headings stand over many sentences."""

    @cache
    def found(text: str) -> list[bool]:
        return [bool(pattern.search(text)) for pattern in patterns.values()]

    return found


def company(report: ReportReading, scores: Float) -> Float:
    """(candidates, 3): mean score of the others of its kind, whether there are any, the share of them over 0.

    Of a kind are candidates of the same column, or those under the same headings at the same place of their paragraph.
    """
    kinds: dict[object, list[int]] = defaultdict(list)
    for index, one in enumerate(report.candidates):
        label = report.words(one.label)
        kinds[one.above, one.column, label if len(label) < 6 else "", one.lead is None, one.enumerated].append(index)
    result = np.zeros((len(scores), 3), dtype=np.float32)
    for members in kinds.values():
        mine = np.tanh(scores[members])
        count = len(members)
        others = mine.sum() - mine
        share = ((mine > 0).sum() - (mine > 0)) / count
        result[members] = np.stack((others / count, np.full(count, count > 1), share), axis=1)
    return result


def routine(report: ReportReading, words: ReportWords) -> list[bool]:
    """Which candidates tell how somebody was punished, or of mechanisms and campaigns with nothing wrong in them."""
    names = ("mechanism", "negation", "outcome", "wrong")
    mechanism, negation, outcome, wrong = (words.sentences[name] for name in names)
    found = []
    for one in report.candidates:
        bare = _QUOTED.sub("“”", report.words(one))
        at_work = bool(mechanism.search(bare)) and not negation.search(bare) and not wrong.search(bare)
        found.append(at_work or bool(outcome.search(bare)))
    return found


def denied(report: ReportReading, candidates: Sequence[Candidate], words: ReportWords) -> list[bool]:
    """Which candidates say that something was not found or is untrue, and do not turn afterwards."""
    found = []
    for one in candidates:
        bare = _QUOTED.sub("“”", report.words(one))
        match = words.sentences["denial"].search(bare)
        found.append(match is not None and not words.turn.search(bare, match.end()))
    return found
