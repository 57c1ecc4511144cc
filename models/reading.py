"""A petition as the models see it: normalised once, cut into words once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from corpus.records import Petition
from nlp.clauses import clauses
from nlp.normalise import Normalised, normalise
from nlp.tokenise import Tokeniser


@dataclass(frozen=True)
class Reading:
    """Title and text as one normalised string, its words, and where the petition's own text begins.

    `text_start` counts characters of the string before it was normalised.
    """

    normalised: Normalised
    words: list[str]
    text_start: int

    @property
    def text(self) -> str:
        """The normalised string."""
        return self.normalised.text

    @cached_property
    def clauses(self) -> list[tuple[int, int]]:
        """Clauses of the normalised string, those of the title included."""
        return clauses(self.text, self.words)

    @cached_property
    def own_start(self) -> int:
        """Where the petition's own text begins in the normalised string."""
        starts = self.normalised.starts
        return self.text_start if starts is None else bisect_left(starts, self.text_start)

    def span_in_text(self, start: int, end: int) -> tuple[int, int] | None:
        """Offsets in the petition's text of a normalised span; None where it lies in the title."""
        first, last = self.normalised.span(start, end)
        if first < self.text_start:
            return None
        return first - self.text_start, last - self.text_start


def read(petition: Petition, tokeniser: Tokeniser) -> Reading:
    """Normalises and cuts one petition."""
    full, start = petition.full_text()
    normalised = normalise(full)
    return Reading(normalised, tokeniser.cut(normalised.text), start)


def read_texts(texts: Iterable[str], tokeniser: Tokeniser) -> list[Reading]:
    """Readings of bare texts, as training tables hold them."""
    return [read(Petition(text=text), tokeniser) for text in texts]
