"""spaCy components for facts and personal data: span groups that matchers, displacy and notebooks can use."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc, Span

from nlp.facts import read_facts
from nlp.personal import find_personal

FACTS = "fenban_facts"
PERSONAL = "fenban_personal"


@Language.factory(FACTS)
def make_facts(nlp: Language, name: str) -> FactsComponent:
    """Component for `language.add_pipe("fenban_facts")`: groups `amounts`, `dates` and `places` in `doc.spans`."""
    return FactsComponent()


@Language.factory(PERSONAL)
def make_personal(nlp: Language, name: str) -> PersonalComponent:
    """Component for `language.add_pipe("fenban_personal")`: the group `personal` in `doc.spans`."""
    return PersonalComponent()


class FactsComponent:
    """Adds sums of money (kb_id: yuan), dates (kb_id: the value) and places; spans grow to whole tokens."""

    def __call__(self, doc: Doc) -> Doc:
        """The same Doc with its span groups."""
        facts = read_facts(doc.text, [token.text_with_ws for token in doc])
        doc.spans["amounts"] = [_span(doc, one.start, one.end, "MONEY", f"{one.yuan:g}") for one in facts.amounts]
        doc.spans["dates"] = [_span(doc, one.start, one.end, "DATE", one.value or "") for one in facts.dates]
        doc.spans["places"] = [_span(doc, one.start, one.end, "PLACE") for one in facts.places]
        return doc


class PersonalComponent:
    """Adds telephone numbers, ID numbers, addresses and the like, labelled by kind; spans grow to whole tokens."""

    def __call__(self, doc: Doc) -> Doc:
        """The same Doc with its span group."""
        doc.spans["personal"] = [_span(doc, one.start, one.end, one.kind.upper()) for one in find_personal(doc.text)]
        return doc


def _span(doc: Doc, start: int, end: int, label: str, value: str = "") -> Span:
    span = doc.char_span(start, end, label=label, kb_id=value, alignment_mode="expand")
    if span is None:
        raise ValueError(f"no tokens at characters {start} to {end}")
    return span
