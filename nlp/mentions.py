"""Mentions of registered units in a text: by name, alias, short form, with a wrong character, or relative to others.

One pass of an Aho-Corasick automaton finds every name; the few matches are then judged by what stands around them. The
time does not grow with the registry, so a province's 620,000 villages cost little more than one county's 150 units.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from nlp.gazetteer import Gazetteer, Match
from nlp.typos import TypoFinder

DISTINCT = 3
"""Characters from which on a village's name without 村 is no chance word; shorter ones need their town in the text, or
stand first in a line of a text that names no other unit."""


class Mention(NamedTuple):
    """Characters [start, end) that name a unit.

    `codes` holds one code where the unit is decided, which is `code` then, several where it is left open. `how`: name
    (the unit's own or an alias), short (without 村, 镇, …), typo (one character differs), institution (a school stands
    for its bureau), relative (我们村, 镇里: the unit that the rest of the text means).
    """

    start: int
    end: int
    codes: tuple[str, ...]
    how: str
    code: str | None


class MentionFinder:
    """Finds the mentions of the units of one registry. Made once; safe to share between threads."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self._typos = TypoFinder(gazetteer)

    def find(self, text: str, words: Sequence[str], around: Iterable[str] = ()) -> list[Mention]:
        """Mentions in the order of the text; they do not overlap.

        Args:
            text: any text; offsets count its characters.
            words: the text's words, which joined are the text.
            around: codes of units that are known from elsewhere (the petitioner's address, a report's heading); they
                decide between units of one name where the text itself does not.
        """
        matches = self.gazetteer.matches(text, words)
        mentions = self._decided(text, [match for match in matches if match.how != "relative"], tuple(around))
        spans = [(one.start, one.end) for one in matches if one.how != "relative"]
        typos = self._typos.find(text, spans, self._context(mentions) | set(around))
        mentions += [Mention(start, end, (code,), "typo", code) for start, end, code in typos]
        inside = {end - 1 for _, end, _ in typos}
        relative = [one for one in matches if one.how == "relative" and one.start not in inside]
        mentions += self._relative(relative, mentions, tuple(around))
        mentions.sort(key=lambda mention: mention.start)
        return mentions

    def _decided(self, text: str, matches: list[Match], around: tuple[str, ...]) -> list[Mention]:
        """Mentions of the matches: what has one meaning first, then what it decides, then what stays open."""
        sure = [
            Mention(m.start, m.end, m.codes, m.how, m.codes[0])
            for m in matches
            if len(m.codes) == 1 and m.how != "short"
        ]
        context = self._context(sure)
        elsewhere = self._with_ancestors(around)
        before = {mention.end: mention for mention in sure}
        followed = {match.start for match in matches}
        for match in matches:
            if match.how == "short":
                codes = self._short(match, text, before, followed, context | elsewhere)
            elif len(match.codes) > 1:
                codes = self._chosen(match, before, context, elsewhere)
            else:
                continue
            if codes:
                mention = Mention(match.start, match.end, codes, match.how, codes[0] if len(codes) == 1 else None)
                sure.append(mention)
                before[match.end] = mention
                if len(codes) == 1:
                    context |= self._with_ancestors(codes)
        return sure

    def _chosen(
        self, match: Match, before: Mapping[int, Mention], context: set[str], elsewhere: set[str]
    ) -> tuple[str, ...]:
        """Of units with one name those that the text means; all of them where nothing decides.

        That is those under the unit named just before, under any that is named, or under one known from elsewhere.
        """
        just_before = before.get(match.start)
        if just_before is not None and (below := self.gazetteer.below(match, set(just_before.codes))):
            return below
        for known in (context, elsewhere):
            below = self.gazetteer.below(match, known)
            if len(below) > 1:
                below = self._nearest(match, before) or below
            if below:
                return below
        return () if match.crowded else match.codes

    def _nearest(self, match: Match, before: Mapping[int, Mention]) -> tuple[str, ...]:
        """Those under the unit that is named last before the match, of several whose parents are all named."""
        for end in sorted((end for end in before if end <= match.start), reverse=True):
            above = self._with_ancestors(before[end].codes) if before[end].code else set()
            if below := self.gazetteer.below(match, above):
                return below
        return ()

    def _short(
        self, match: Match, text: str, before: Mapping[int, Mention], followed: set[int], context: set[str]
    ) -> tuple[str, ...]:
        """A short form is a mention next to its town or its own villages, or where the text names its town at all."""
        just_before = before.get(match.start)
        if just_before is not None and (below := self.gazetteer.below(match, set(just_before.codes))):
            return below
        if match.crowded:
            below = self.gazetteer.below(match, context) if match.bounded else ()
            return below if len(below) == 1 else ()
        kind = self.gazetteer.kind
        is_post = self.gazetteer.is_post(text, match.end)
        villages = tuple(code for code in match.codes if kind[code] == "village")
        if is_post and len(villages) == 1:
            return villages
        below = self.gazetteer.below(match, context)
        if match.bounded or is_post:
            towns = tuple(code for code in match.codes if kind[code] == "town")
            if len(towns) == 1 or any(code in towns for code in below):
                return tuple(code for code in below if code in towns) or towns
            first = not before and (match.start == 0 or text[match.start - 1] == "\n")
            distinct = len(match.codes) == 1 and (match.end - match.start >= DISTINCT or first)
            return below if len(below) == 1 else match.codes if distinct else ()
        if match.end in followed:
            return tuple(code for code in match.codes if self.gazetteer.kind[code] == "town")[:1]
        return ()

    def _context(self, mentions: Iterable[Mention]) -> set[str]:
        return self._with_ancestors(code for mention in mentions if (code := mention.code) is not None)

    def _with_ancestors(self, codes: Iterable[str]) -> set[str]:
        parent = self.gazetteer.parent
        found: set[str] = set()
        for code in codes:
            step: str | None = code
            while step is not None and step not in found:
                found.add(step)
                step = parent.get(step)
        return found

    def _relative(self, matches: list[Match], mentions: list[Mention], around: tuple[str, ...]) -> list[Mention]:
        """我们村, 镇里: the village or town that the text has named before (else later), or the known one's."""
        found = []
        for match in matches:
            code = self._meant(match.codes[0], match.start, mentions, around)
            if code is not None:
                found.append(Mention(match.start, match.end, (code,), "relative", code))
        return found

    def _meant(self, kind: str, start: int, mentions: list[Mention], around: tuple[str, ...]) -> str | None:
        named = [m for m in mentions if m.code is not None]
        nearest = [m for m in reversed(named) if m.start < start] + [m for m in named if m.start >= start]
        for code in (*(m.codes[0] for m in nearest), *around):
            if (unit := self.gazetteer.of_kind(code, kind)) is not None:
                return unit
        return None
