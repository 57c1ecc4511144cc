"""Which parts a Suggester is made of: the shipped ones, some replaced by another version's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from corpus.errors import ModelError
from corpus.schemes import content_scheme, discipline_scheme
from models import content, discipline, findings, people, router, subject
from models.content import ContentModel
from models.discipline import DisciplineModel
from models.features import reading_fingerprint
from models.findings import FindingModel
from models.past_decisions import PastDecisions
from models.people import PeopleModel
from models.store import SHIPPED, Arrays, Version, open_version
from models.subject import SubjectModel
from nlp.tokenise import Tokeniser

Model = TypeVar("Model")
PARTS = (content.PART, discipline.PART, subject.PART, people.PART, findings.PART)


@dataclass(frozen=True)
class Parts:
    """The models of a Suggester."""

    content: ContentModel
    discipline: DisciplineModel
    subject: SubjectModel
    people: PeopleModel
    findings: FindingModel
    past: PastDecisions | None


def load_parts(tokeniser: Tokeniser, folder: Path | None) -> tuple[Parts, str]:
    """The parts, and the name of the versions they come from.

    Raises:
        ModelError: a version is missing, damaged, of another tokeniser, or has labels that no scheme knows.
    """
    chosen = open_version(SHIPPED if folder is None else folder)
    shipped = chosen if folder is None else open_version(SHIPPED)
    used = {part: chosen if part in chosen.parts else shipped for part in PARTS}
    expected = reading_fingerprint(tokeniser)
    for part, version in used.items():
        _check(version, part, expected)
    names = dict.fromkeys(version.name for version in (*used.values(), chosen))
    return Parts(
        ContentModel.from_arrays(*_stored(used[content.PART], content.PART)),
        DisciplineModel.from_arrays(*_stored(used[discipline.PART], discipline.PART)),
        SubjectModel.from_arrays(*_stored(used[subject.PART], subject.PART)),
        PeopleModel.from_arrays(*_stored(used[people.PART], people.PART)),
        FindingModel.from_arrays(*_stored(used[findings.PART], findings.PART)),
        PastDecisions.load(chosen.folder, tokeniser) if router.PART in chosen.parts else None,
    ), "+".join(names)


def load_part(
    part: str, build: Callable[[Arrays, dict[str, Any]], Model], tokeniser: Tokeniser, folder: Path | None
) -> Model:
    """One part alone, of a version folder or, where that has none, of the shipped version.

    Raises:
        ModelError: as `load_parts`.
    """
    version = open_version(SHIPPED if folder is None else folder)
    version = version if part in version.parts else open_version(SHIPPED)
    _check(version, part, reading_fingerprint(tokeniser))
    return build(*_stored(version, part))


def _stored(version: Version, part: str) -> tuple[Arrays, dict[str, Any]]:
    return version.arrays(part), version.parts[part]


def _check(version: Version, part: str, expected: str) -> None:
    about = version.parts[part]
    if about.get("reading") != expected:
        command = "discipline" if part == subject.PART else part
        raise ModelError(
            f"{version.folder}: trained with another dictionary or reader; train it again with fenban train {command}"
        )
    if part in (subject.PART, people.PART, findings.PART):
        return
    scheme = content_scheme() if part == content.PART else discipline_scheme()
    unknown = [label for label in about.get("labels", ()) if label not in scheme]
    if unknown:
        raise ModelError(f"{version.folder}: labels not in the {part} scheme: {', '.join(unknown)}")
