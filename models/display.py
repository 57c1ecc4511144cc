"""How suggestions show themselves in a notebook: tables with probabilities, and the text with its evidence marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from corpus.records import Petition
from models.suggestions import Evidence, LabelSuggestion, Suggestion, UnitSuggestion

CELL = "style='padding:2px 10px;text-align:left;vertical-align:top'"
BAR = "display:inline-block;height:10px;background:#2b6cb0;width:{width}px"
BAR_WIDTH = 80
LONGEST_QUOTE = 60
COLOURS = {"类别": "#bee3f8", "问题": "#fed7d7", "性质": "#e2e8f0", "单位": "#c6f6d5", "紧急": "#feb2b2"}


def suggestion_html(suggestion: Suggestion) -> str:
    """A table: what is suggested, how probable it is, whether that is enough, and the words it rests on."""
    kind = suggestion.kind
    named = () if suggestion.subject_unit is None else (suggestion.subject_unit,)
    rows = [
        *(() if kind is None else (_row("性质", kind.name, kind.score, _tick(kind.accepted), kind.evidence),)),
        *_label_rows("类别", suggestion.content),
        *_label_rows("问题", suggestion.discipline),
        *_unit_rows("被反映单位", named),
        *_unit_rows("承办单位", suggestion.handling_unit),
    ]
    if suggestion.urgent.flag:
        rows.append(_row("紧急", "是", None, "", suggestion.urgent.evidence))
    head = "".join(f"<th {CELL}>{name}</th>" for name in ("", "建议", "概率", "", "依据"))
    return f"<table><tr>{head}</tr>{''.join(rows)}</table>"


def evidence_html(petition: Petition | str, suggestion: Suggestion) -> str:
    """The text with the words marked that the best label of each part, the unit and the urgency rest on (displaCy)."""
    from spacy import displacy

    text = petition if isinstance(petition, str) else petition.text
    parts = (
        ("类别", suggestion.content[0].evidence if suggestion.content else ()),
        ("问题", suggestion.discipline[0].evidence if suggestion.discipline else ()),
        ("单位", () if suggestion.subject_unit is None else suggestion.subject_unit.evidence),
        ("紧急", suggestion.urgent.evidence),
    )
    entities = _marks(len(text), parts)
    document = {"text": text, "ents": entities, "title": None}
    options = {"colors": COLOURS}
    return str(displacy.render(document, style="ent", manual=True, jupyter=False, options=options))


def _marks(length: int, parts: Sequence[tuple[str, Sequence[Evidence]]]) -> list[dict[str, int | str]]:
    """Stretches of the text by part; displaCy takes no overlaps: where two parts meet, the later has the words."""
    owner = [""] * length
    for name, found in parts:
        for one in found:
            owner[one.start : one.end] = [name] * (one.end - one.start)
    result: list[dict[str, int | str]] = []
    start = 0
    for name, run in groupby(owner):
        end = start + len(list(run))
        if name:
            result.append({"start": start, "end": end, "label": name})
        start = end
    return result


def _label_rows(name: str, labels: Iterable[LabelSuggestion]) -> list[str]:
    rows = []
    for number, label in enumerate(labels):
        shown = label.label if label.label.endswith(label.name) else f"{label.label} {label.name}"
        rows.append(_row("" if number else name, shown, label.score, _tick(label.accepted), label.evidence))
    return rows


def _unit_rows(name: str, units: Iterable[UnitSuggestion]) -> list[str]:
    rows = []
    for number, unit in enumerate(units):
        shown = f"{unit.name}（{unit.reason}）" if unit.reason else unit.name
        rows.append(_row("" if number else name, shown, unit.score, "", unit.evidence))
    return rows


def _row(name: str, shown: str, score: float | None, accepted: str, evidence: Sequence[Evidence]) -> str:
    quotes = "；".join(_quote(one.text) for one in evidence)
    bar = f"<span style='{BAR.format(width=round(BAR_WIDTH * score))}'></span> {score:.0%}" if score is not None else ""
    cells = (escape(name), escape(shown), bar, accepted, escape(quotes))
    return "<tr>" + "".join(f"<td {CELL}>{cell}</td>" for cell in cells) + "</tr>"


def _tick(accepted: bool) -> str:
    return "✓" if accepted else ""


def _quote(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else f"{text[: LONGEST_QUOTE - 1]}…"
