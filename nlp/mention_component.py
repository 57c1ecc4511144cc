"""Unit mentions as a component of a spaCy language.

Once this module is imported:

    language.add_pipe("fenban_units", config={"units": [...]})

fills `doc.spans["units"]`; a span's `kb_id_` is the unit's code ("" where it is left open), its label tells how it is
named, and `span.id_` joins the codes that it may mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from nlp.gazetteer import Gazetteer
from nlp.mentions import MentionFinder

NAME = "fenban_units"
SPANS = "units"


@dataclass(frozen=True, slots=True)
class ConfiguredUnit:
    """A unit as the config of a language holds it."""

    code: str
    name: str
    kind: str
    parent: str | None = None
    aliases: tuple[str, ...] = ()


class UnitMentions:
    """Marks mentions of units. Spans are whole tokens; a name inside a token takes the token."""

    def __init__(self, finder: MentionFinder) -> None:
        self.finder = finder

    def __call__(self, doc: Doc) -> Doc:
        """The Doc with its mentions."""
        words = [token.text_with_ws for token in doc]
        spans = []
        for mention in self.finder.find(doc.text, words):
            span = doc.char_span(mention.start, mention.end, alignment_mode="expand")
            if span is not None:
                code, codes = mention.code or "", "|".join(mention.codes)
                spans.append(Span(doc, span.start, span.end, label=mention.how, kb_id=code, span_id=codes))
        doc.spans[SPANS] = SpanGroup(doc, name=SPANS, spans=spans)
        return doc


@Language.factory(NAME, default_config={"units": [], "institutions": {}, "relative": {}})
def _make(
    nlp: Language,  # spaCy passes it by this name
    name: str,
    units: Iterable[Mapping[str, Any]],
    institutions: Mapping[str, Sequence[str]],
    relative: Mapping[str, Sequence[str]],
) -> UnitMentions:
    entries = [ConfiguredUnit(**{**unit, "aliases": tuple(unit.get("aliases", ()))}) for unit in units]
    return UnitMentions(MentionFinder(Gazetteer(entries, institutions, relative)))
