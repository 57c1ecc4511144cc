"""The models in use: loaded when the service starts, and again when a person has moved the pointer."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fastapi import Request

from corpus.errors import FenbanError
from corpus.records import Petition
from models.repeat_relation import RELATIONS
from models.repeats import RepeatFinder
from models.suggester import Suggester
from models.versions import POINTER, current_folder
from service.store.errors import UnavailableError

MOST_REPEATS = 5
log = logging.getLogger("fenban")


@dataclass
class LoadedModels:
    """The Suggester in use, or why there is none.

    While a new version is read the old one goes on serving, and a version that cannot be read does not replace it.
    """

    fixed: Path | None
    """The version folder of FENBAN_MODELS, which no pointer moves."""
    versions: Path
    county: Path | None = None
    """csv of the office's units; None: the demo county."""
    suggester: Suggester | None = None
    fault: str = ""
    finder: RepeatFinder | None = None
    _seen: tuple[int, int] = (-1, -1)
    _loading: threading.Lock = field(default_factory=threading.Lock)

    def load(self) -> None:
        """Reads the version that the pointer names; errors are logged and kept in `fault`."""
        with self._loading:
            self._seen = self._pointer()
            try:
                self.suggester = Suggester.load(self.fixed or current_folder(self.versions), self.county)
                self.fault, self.finder = "", None
            except FenbanError as error:
                self.fault = str(error)
                log.error("models not loaded: %s", error)

    def repeats_among(self, petitions: Sequence[Petition]) -> list[list[dict[str, Any]]]:
        """For each petition the others of the list that are likely about the same matter, the likeliest first."""
        found: list[list[dict[str, Any]]] = [[] for _ in petitions]
        if len(petitions) < 2:
            return found
        repeats = self._repeat_finder().find([replace(one, id=str(row)) for row, one in enumerate(petitions)])
        scored = repeats.scored
        for number in repeats.linked():
            score, relation = round(float(scored.scores[number]), 4), RELATIONS[scored.relation[number]]
            a, b = scored.pairs[number].tolist()
            for one, other in ((a, b), (b, a)):
                found[one].append({"id": petitions[other].id, "score": score, "relation": relation})
        return [sorted(others, key=lambda one: -one["score"])[:MOST_REPEATS] for others in found]

    def _repeat_finder(self) -> RepeatFinder:
        # Loaded when it is first asked for: one petition alone repeats nothing.
        with self._loading:
            if self.finder is None:
                self.finder = RepeatFinder.load(self.fixed or current_folder(self.versions), self.county)
            return self.finder

    def load_if_moved(self) -> None:
        """Reads again where the pointer has moved since the last time."""
        if self.fixed is None and self._pointer() != self._seen:
            self.load()

    def _pointer(self) -> tuple[int, int]:
        try:
            stat = (self.versions / POINTER).stat()
        except OSError:
            return (0, 0)
        return (stat.st_mtime_ns, stat.st_ino)


def loaded_suggester(request: Request) -> Suggester:
    """The Suggester. Raises UnavailableError where no model is loaded."""
    models: LoadedModels = request.app.state.models
    if models.suggester is None:
        raise UnavailableError("model", "No model is loaded; see /health/ready")
    return models.suggester
