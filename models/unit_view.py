"""A registry as it was on some day, with everything that is made of it once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

import numpy as np

from corpus.records import Petition
from corpus.routing import Routing
from corpus.units import UnitRegistry
from models.calibration import Numbers, softmax
from models.handling import Rules
from models.reading import Reading
from models.remits import RemitFinder, remit_hits
from models.subject import LOCAL, SubjectModel
from models.unit_finder import bureau_codes, mention_finder
from nlp.mentions import Mention

ISO_DAY = 10


class View:
    """Finders and rules of one registry."""

    def __init__(self, registry: UnitRegistry, routing: Routing, bureaus: Sequence[str]) -> None:
        self.registry = registry
        self.finder = mention_finder(registry)
        self.rules = Rules(registry, routing)
        self.codes = {**bureau_codes(bureaus, registry), LOCAL: LOCAL}
        self._remits = RemitFinder(registry)

    def mentions(self, petition: Petition, reading: Reading) -> list[Mention]:
        """Units that the petition names; its address helps to tell units of one name apart."""
        around: tuple[str, ...] = ()
        if petition.address:
            known = self.finder.find(petition.address, [petition.address])
            around = tuple(code for mention in reversed(known) if (code := mention.code) is not None)
        return self.finder.find(reading.text, reading.words, around)

    def remit_shares(self, model: SubjectModel, bureau: Numbers, readings: Sequence[Reading]) -> list[dict[str, float]]:
        """For every text the probability of each unit, by its work, to be the one whose remit the matter is.

        Args:
            model: with the bureau head.
            bureau: (texts, bureaus) its scores.
            readings: the texts.
        """
        labels = model.bureau.labels
        hits = remit_hits(self._remits, readings, labels, self.codes)
        shares = softmax(bureau * model.bureau_scale + hits * model.remit_weight)
        columns = [(number, self.codes[label]) for number, label in enumerate(labels) if label in self.codes]
        return [{code: row[number] for number, code in columns} for row in np.asarray(shares).tolist()]

    def codes_of(self, names: Mapping[str, float]) -> dict[str, float]:
        """Shares by code; a unit that the registry does not have keeps its name for a code."""
        found: dict[str, float] = {}
        for name, share in names.items():
            code = next(iter(self.registry.by_name.get(name, ())), name)
            found[code] = found.get(code, 0.0) + share
        return found

    def towns(self, mentions: Sequence[Mention]) -> tuple[str, ...]:
        """Towns that the text may mean, the likeliest first: of decided mentions, then of open ones."""
        of_kind = self.finder.gazetteer.of_kind
        ordered = sorted(mentions, key=lambda mention: len(mention.codes))
        towns = (of_kind(code, "town") for mention in ordered for code in mention.codes)
        return tuple(dict.fromkeys(town for town in towns if town is not None))


class Views:
    """The views of a registry over time: one for each day on which units were merged or renamed, and one for today."""

    def __init__(self, registry: UnitRegistry, routing: Routing, bureaus: Sequence[str]) -> None:
        self._registry, self._routing, self._bureaus = registry, routing, tuple(bureaus)
        self._views: dict[int, View] = {}
        self.today = self.on("")

    def on(self, received: str) -> View:
        """The view of the day a petition was received (YYYY-MM-DD…); today's where the day is not known."""
        days = self._registry.last_days
        day = received[:ISO_DAY]
        passed = bisect_left(days, day) if len(day) == ISO_DAY and day[:4].isdigit() else len(days)
        if passed not in self._views:
            registry = self._registry.as_of(day if passed < len(days) else "")
            self._views[passed] = View(registry, self._routing, self._bureaus)
        return self._views[passed]
