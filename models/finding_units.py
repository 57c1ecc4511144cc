"""Which unit a finding is about: what the sentence names first, or what its row, label and headings say."""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.units import Unit, UnitRegistry
from models.report_reading import ReportReading
from nlp.findings import Candidate
from nlp.mentions import Mention, MentionFinder
from nlp.structure import HEADING, ROW
from nlp.tokenise import Tokeniser

_OBJECT = re.compile(r"[向被到对受给从与由在同于替将]$")
_BLAMED = re.compile("责任单位|被检查单位|问题单位|整改单位")
_INSPECTORS = ("D01", "D02", "D12", "YZ")
"""Units that report on others, with the offices under them: a title or heading names them as author."""
_VERTICAL = re.compile("公安|教育|卫生健康")
LATE = 14
"""Characters after which a name in the sentence yields to the unit of a heading of its own."""
FIRST_LINES, LONGEST_CONTEXT, LONGEST_CELL = 3, 60, 20
NAMED, AROUND, TITLE = 0.94, 0.96, 0.93
"""Share of right units among those told by the sentence, by what stands over or beside it, and by the title alone, on
the corpus's training reports."""


def _inspects(unit: Unit) -> bool:
    return unit.code in _INSPECTORS or unit.parent in _INSPECTORS[:1]


@dataclass(frozen=True)
class Subject:
    """The unit that a finding is about, how often such a one is right, and the reason that a clerk reads."""

    unit: Unit
    score: float
    reason: str


@dataclass(frozen=True)
class FindingUnits:
    """Finds the units of findings among the units of one registry."""

    finder: MentionFinder
    registry: UnitRegistry
    tokeniser: Tokeniser

    def subject(self, report: ReportReading, one: Candidate, quote: str, title: Unit | None) -> Subject | None:
        """The unit that a finding is about, `title` being that of the report; None where the document does not tell."""
        context = [title] if title else []
        if blamed := self._blamed(report, one, context):
            return Subject(blamed, AROUND, "表中责任单位")
        own = self._own_context(report, one, context)
        below = {unit.code for unit in own}
        for start, unit in self._named(quote, [*context, *own]):
            is_object = bool(_OBJECT.search(quote[:start][-1:])) and bool(own or context)
            late = start > LATE and own and unit.parent not in below
            if not (is_object or late or _inspects(unit)):
                return Subject(unit, NAMED, "问题原文写明")
        if own:
            return Subject(own[-1], AROUND, "所在标题或表格行写明")
        return Subject(title, TITLE, "报告题目写明") if title else None

    def title(self, report: ReportReading) -> Unit | None:
        """The unit that the first lines name, a town or village before others; not the author's."""
        named: list[Unit] = []
        for block in report.blocks[:FIRST_LINES]:
            text = report.words((block.start, block.end))
            named += [unit for _, unit in self._named(text, []) if not _inspects(unit)]
            if block.kind != HEADING:
                break
        places = [unit for unit in named if unit.kind in ("town", "village")]
        return next(iter(places or named), None)

    def _blamed(self, report: ReportReading, one: Candidate, context: list[Unit]) -> Unit | None:
        """The unit in a row's column of responsible units (责任单位)."""
        block = report.blocks[one.block]
        for cell, column in zip(block.cells, block.columns, strict=False):
            if _BLAMED.search(column):
                named = self._named(report.words(cell), context)
                return named[-1][1] if named else None
        return None

    def _own_context(self, report: ReportReading, one: Candidate, title: list[Unit]) -> list[Unit]:
        """Units of the headings over a finding, its row's other cells, its paragraph's first sentence and its label."""
        texts = [report.words(span) for span in one.above if span[1] - span[0] <= LONGEST_CONTEXT]
        block = report.blocks[one.block]
        if block.kind == ROW:
            before = [cell for cell in block.cells if cell[1] <= one.start]
            texts += [report.words(cell) for cell in before if cell[1] - cell[0] <= LONGEST_CELL]
        texts += [report.words(None if one.enumerated else one.lead), report.words(one.label)]
        found: list[Unit] = []
        for text in texts:
            named = [unit for _, unit in self._named(text, [*title, *found]) if not _inspects(unit)]
            found += named[:1]
        return found

    def _named(self, text: str, context: list[Unit]) -> list[tuple[int, Unit]]:
        """Where a text names units, and which; what follows a unit directly and belongs to it is one name with it."""
        if not text:
            return []
        around = [unit.code for unit in reversed(context)]
        found: list[tuple[int, Unit]] = []
        end = -1
        for mention in self.finder.find(text, self.tokeniser.cut(text), around):
            before = found[-1][1] if found and end == mention.start else None
            unit = self._meant(text, mention, before, [*(one.code for _, one in reversed(found)), *around])
            if unit is None:
                continue
            if before is not None and (unit.parent == before.code or mention.how == "institution"):
                found[-1] = (found[-1][0], unit)
            else:
                found.append((mention.start, unit))
            end = mention.end
        return found

    def _meant(self, text: str, mention: Mention, before: Unit | None, around: list[str]) -> Unit | None:
        """The unit of a mention as reports use names: 镇财政所 is the town, 村卫生室 the village.

        Schools, hospitals and the police belong to their bureau wherever they are, where they are named fully.
        """
        if mention.code is None or (mention.how == "short" and before is None):
            return None
        unit = self.registry[mention.code]
        if unit.kind != "department":
            return unit
        level = {"镇": "town", "乡": "town", "道": "town", "村": "village"}.get(text[: mention.start][-1:])
        vertical = _VERTICAL.search(unit.name) is not None
        if level and not (vertical and level == "town"):
            of_kind = self.finder.gazetteer.of_kind
            code = next((found for one in around if (found := of_kind(one, level)) is not None), None)
            return None if code is None else self.registry[code]
        own = text[: mention.start][-1:] == "县" or (vertical and (before is not None or level or mention.start == 0))
        return unit if own or mention.how != "institution" else None
