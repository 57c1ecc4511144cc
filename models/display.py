"""How suggestions show themselves in a notebook: tables with probabilities, and the text with its evidence marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from corpus.records import Petition
from models.suggestions import Evidence, LabelSuggestion, Suggestion, UnitSuggestion

if TYPE_CHECKING:
    from models.found import FoundFinding
    from models.repeat_evidence import Reason

CELL = "style='padding:2px 10px;text-align:left;vertical-align:top'"
BAR = (
    "<span style='white-space:nowrap'>"
    "<span style='display:inline-block;height:10px;background:#2b6cb0;width:{width}px'></span> {share}</span>"
)
BAR_WIDTH = 80
LONGEST_QUOTE = 60
AGREES, CONTRADICTS = "#c6f6d5", "#fed7d7"
COLOURS = {"类别": "#bee3f8", "问题": "#fed7d7", "性质": "#e2e8f0", "单位": "#c6f6d5", "紧急": "#feb2b2"}


class Html(str):
    """Markup that a notebook shows as what it means."""

    def _repr_html_(self) -> str:
        return str(self)


def suggestion_html(suggestion: Suggestion) -> Html:
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
    return _table(("", "建议", "概率", "", "依据"), rows)


def evidence_html(petition: Petition | str, suggestion: Suggestion) -> Html:
    """The text with the words marked that the best label of each part, the unit and the urgency rest on (displaCy)."""
    text = petition if isinstance(petition, str) else petition.text
    parts = (
        ("类别", suggestion.content[0].evidence if suggestion.content else ()),
        ("问题", suggestion.discipline[0].evidence if suggestion.discipline else ()),
        ("单位", () if suggestion.subject_unit is None else suggestion.subject_unit.evidence),
        ("紧急", suggestion.urgent.evidence),
    )
    return marked_html(text, parts, COLOURS)


def matter_html(petitions: Iterable[Petition]) -> Html:
    """The letters of a matter in the order in which they came."""
    ordered = sorted(petitions, key=lambda one: one.received)
    rows = [_cells(one.id, one.received, one.channel, one.title, _quote(one.text)) for one in ordered]
    return _table(("编号", "收件日期", "来源", "标题", "内容"), rows)


def pair_html(a: Petition, b: Petition, reasons: Sequence[Reason]) -> Html:
    """Two letters side by side, with what they agree on (green) and where they contradict each other (red) marked."""
    colours = {one.reason: AGREES if one.agrees else CONTRADICTS for one in reasons}
    sides = [
        marked_html(petition.text, [(one.reason, getattr(one, side)) for one in reasons], colours)
        for petition, side in ((a, "a"), (b, "b"))
    ]
    said = "，".join(escape(one.reason) for one in reasons)
    heads = "".join(f"<th {CELL}>{escape(one.id)}　{escape(one.received)}</th>" for one in (a, b))
    cells = "".join(f"<td {CELL} width='50%'>{side}</td>" for side in sides)
    return Html(f"<p>{said}</p><table><tr>{heads}</tr><tr>{cells}</tr></table>")


def finding_html(finding: FoundFinding) -> Html:
    """A finding of a report: its words, problems with probability, unit, people, amounts, state and place."""
    from models.found import STATUS_NAMES

    unit = finding.subject_unit
    lines = [
        ("问题", finding.quote),
        ("类别", "；".join(f"{one.label} {one.name} {one.score:.0%}" for one in finding.discipline)),
        ("单位", "" if unit is None else f"{unit.name}（{unit.reason}）"),
        ("人员", "、".join(str(person["text"]) for person in finding.people)),
        ("金额", "、".join(str(amount["text"]) for amount in finding.amounts)),
        ("整改", STATUS_NAMES.get(finding.status or "", "")),
        ("出处", f"{finding.report} {finding.place} {finding.heading}"),
    ]
    return _table(("", ""), [_cells(*line) for line in lines if line[1].strip()])


def marked_html(text: str, parts: Sequence[tuple[str, Sequence[Evidence]]], colours: Mapping[str, str]) -> Html:
    """The text with the evidence of named parts marked (displaCy)."""
    from spacy import displacy

    document = {"text": text, "ents": _marks(len(text), parts), "title": None}
    options = {"colors": dict(colours)}
    return Html(displacy.render(document, style="ent", manual=True, jupyter=False, options=options))


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
    bar = "" if score is None else BAR.format(width=round(BAR_WIDTH * score), share=f"{score:.0%}")
    return _cells(name, shown, Html(bar), accepted, quotes)


def _cells(*cells: str) -> str:
    """A row of a table; only what is markup already is not escaped."""
    shown = (cell if isinstance(cell, Html) else escape(cell) for cell in cells)
    return "<tr>" + "".join(f"<td {CELL}>{cell}</td>" for cell in shown) + "</tr>"


def _table(names: Iterable[str], rows: Iterable[str]) -> Html:
    head = "".join(f"<th {CELL}>{name}</th>" for name in names)
    return Html(f"<table><tr>{head}</tr>{''.join(rows)}</table>")


def _tick(accepted: bool) -> str:
    return "✓" if accepted else ""


def _quote(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else f"{text[: LONGEST_QUOTE - 1]}…"
