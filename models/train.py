"""From labelled texts to a version folder with figures and a card."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from corpus.dictionary import domain_words
from corpus.errors import MissingExtraError
from corpus.paths import DATA
from corpus.records import LabelledText
from corpus.routing import load_routing
from corpus.units import demo_county
from corpus.written import written_petitions, written_repeats, written_reports, written_statements
from models import content, discipline, findings, people, subject
from models.content import train_content
from models.discipline import DisciplineModel, HeldOut, train_discipline
from models.evaluate import Report, content_report, content_split, discipline_report
from models.evaluate_facts import facts_report
from models.evaluate_findings import findings_report
from models.evaluate_units import units_report
from models.examples import ProblemExample, content_examples, problem_examples
from models.facts import PeopleFinder
from models.finding_units import FindingUnits
from models.findings import labelled_report, train_findings
from models.found import FindingReader
from models.loading import load_part
from models.people import PeopleModel, people_lists
from models.plots import plot_answers
from models.store import SHIPPED, Arrays, file_hash, open_version, save_version
from models.train_people import fit_people, held_out_people, name_priors, people_examples, read_names
from models.train_subject import train_subject
from models.unit_finder import mention_finder
from models.units import UnitSuggester
from nlp.tokenise import Tokeniser

WRITTEN = ("petitions.jsonl", "repeats.jsonl", "reports.jsonl", "statements.jsonl")
TRAINING_SPLITS = ("train", "dev")


def train_content_version(
    labelled: Sequence[LabelledText], folder: Path, files: Sequence[Path], *, written: bool, source: str = ""
) -> str:
    """Trains the content part on nine tenths of the groups, measures on the last one, saves; gives the tables.

    Args:
        labelled: an office's own labelled texts.
        folder: version folder to write; its other parts stay.
        files: where the labelled texts come from, for the manifest.
        written: learn from the written corpus as well, so that all classes of the scheme have examples.
        source: what the data is, for the card.

    Raises:
        FenbanError: the texts name no group, so that nothing can be held out.
    """
    model, report, count = fit_content(labelled, written=written)
    used = [*files, DATA / "petitions.jsonl"] if written else list(files)
    _save(folder, content.PART, model.to_arrays(), {"train": count, "source": source}, used, report)
    return report.text


def fit_content(
    labelled: Sequence[LabelledText], *, written: bool, seed: int = 0
) -> tuple[content.ContentModel, Report, int]:
    """The content model, its figures, and the number of texts it learned from."""
    tokeniser = Tokeniser(domain_words())
    train, test = content_split(labelled, tokeniser)
    corpus = [row for row in written_petitions() if row.split in TRAINING_SPLITS] if written else []
    model = train_content(content_examples(train, corpus), tokeniser, seed)
    report = content_report(model, test, written_petitions("test") if written else [], tokeniser)
    return model, report, len(train) + len(corpus)


def train_discipline_version(extra: Sequence[ProblemExample], folder: Path, files: Sequence[Path]) -> str:
    """Trains problems, kind and urgency on the written corpus and `extra`, measures on the corpus's test split, saves.

    Args:
        extra: an office's own labelled letters.
        folder: version folder to write; its other parts stay.
        files: where `extra` comes from, for the manifest.
    """
    tokeniser = Tokeniser(domain_words())
    fitted = fit_discipline(extra, tokeniser)
    test = written_petitions("test")
    report = discipline_report(fitted.discipline, test, tokeniser)
    about = {"train": fitted.examples, "source": "the written corpus"}
    used = [*(DATA / name for name in WRITTEN), *files]
    _save(folder, discipline.PART, fitted.discipline.to_arrays(), about, used, report)
    suggester = UnitSuggester(fitted.subject, demo_county(), load_routing())
    finder = PeopleFinder(shipped_people(), people_lists(), tokeniser)
    units = units_report(suggester, fitted.discipline, finder, test)
    about = {"train": fitted.letters, "source": "the written corpus"}
    _save(folder, subject.PART, fitted.subject.to_arrays(), about, [DATA / WRITTEN[0], DATA / "units.csv"], units)
    return f"{report.text}\n\n{units.text}"


@dataclass(frozen=True)
class Fitted:
    """The discipline part, the subject part that builds on its scores, and how many texts each learned from."""

    discipline: discipline.DisciplineModel
    subject: subject.SubjectModel
    examples: int
    letters: int


def fit_discipline(
    extra: Sequence[ProblemExample], tokeniser: Tokeniser, splits: Sequence[str] = TRAINING_SPLITS, seed: int = 0
) -> Fitted:
    """Fits both parts on these splits of the written corpus; `extra` letters only teach problems."""
    letters = [row for row in written_petitions() if row.split in splits]
    examples = [*written_problem_examples(splits), *extra]
    model, held_out = train_discipline(examples, tokeniser, seed)
    first = HeldOut(*(scores[: len(letters)] for scores in (held_out.problems, held_out.kind, held_out.urgent)))
    labels = model.problems.labels
    writers = [row.writer for row in letters]
    named = held_out_people(people_examples(splits, tokeniser), shipped_people().priors, writers, tokeniser)
    chosen = train_subject(letters, first, labels, named, demo_county(), tokeniser, seed)
    return Fitted(model, chosen, len(examples), len(letters))


def shipped_people() -> PeopleModel:
    """The shipped people part; what is fitted anew for held-out letters takes how names are written from it."""
    version = open_version(SHIPPED)
    return PeopleModel.from_arrays(version.arrays(people.PART), version.parts[people.PART])


def train_people_version(names: Sequence[Path], folder: Path) -> str:
    """Trains the people part on the written corpus, measures on its test split, saves; gives the tables.

    Args:
        names: files of sentences with names, as `models.train_people.read_names` takes them.
        folder: version folder to write; its other parts stay.

    Raises:
        InputError: a file of names has no known form.
    """
    tokeniser = Tokeniser(domain_words())
    priors = name_priors(sentence for path in names for sentence in read_names(path))
    examples = people_examples(TRAINING_SPLITS, tokeniser)
    model = fit_people(examples, priors, tokeniser)
    report = facts_report(model, written_petitions("test"), written_reports("test"), tokeniser)
    about = {
        "train": len(examples),
        "source": "the written corpus; how likely characters are in names, from news texts",
    }
    _save(folder, people.PART, model.to_arrays(), about, [DATA / WRITTEN[0], DATA / WRITTEN[2], *names], report)
    return report.text


def written_problem_examples(splits: Sequence[str] = TRAINING_SPLITS) -> list[ProblemExample]:
    """The written corpus's letters, repeats, findings and statements of these splits as examples."""
    letters = [row for row in (*written_petitions(), *written_repeats()) if row.split in splits]
    reports = [report for report in written_reports() if report.split in splits]
    return problem_examples(letters, reports, written_statements())


def train_findings_version(folder: Path, models: Path | None = None) -> str:
    """Trains the findings part on the corpus's reports and statements, measures on its test split, saves.

    Args:
        folder: version folder to write; its other parts stay.
        models: version folder whose other parts name problems, units and people when it is measured.
    """
    tokeniser = Tokeniser(domain_words())
    known = [labelled_report(report) for report in written_reports() if report.split in TRAINING_SPLITS]
    model = train_findings(known, written_statements(), tokeniser)
    report = findings_report(finding_reader(model, tokeniser, models), written_reports("test"))
    used = [DATA / name for name in ("reports.jsonl", "statements.jsonl", "report_words.yaml")]
    about = {"train": len(known), "source": "the written corpus"}
    _save(folder, findings.PART, model.to_arrays(), about, used, report)
    return report.text


def finding_reader(model: findings.FindingModel, tokeniser: Tokeniser, models: Path | None) -> FindingReader:
    """A reader with this model, the demo county's units and the other parts of a version (None: the shipped one)."""
    registry = demo_county()
    return FindingReader(
        model,
        load_part(discipline.PART, DisciplineModel.from_arrays, tokeniser, models),
        tokeniser,
        FindingUnits(mention_finder(registry), registry, tokeniser),
        PeopleFinder(load_part(people.PART, PeopleModel.from_arrays, tokeniser, models), people_lists(), tokeniser),
    )


def _save(
    folder: Path,
    part: str,
    stored: tuple[Arrays, dict[str, Any]],
    about: dict[str, Any],
    files: Sequence[Path],
    report: Report,
) -> None:
    arrays, entry = stored
    data = {path.name: file_hash(path) for path in files}
    name = f"{date.today().isoformat()}-{hashlib.sha256(''.join(sorted(data.values())).encode()).hexdigest()[:8]}"
    entry |= {**about, "data": data, "metrics": report.metrics, "trained": name}
    card = _card(part, name, entry, report)
    # Without the library that draws, the same curves stand in the card as tables.
    with suppress(MissingExtraError):
        folder.mkdir(parents=True, exist_ok=True)
        plot_answers(report.answers, folder / f"{part}.svg")
        card += PICTURE.format(part=part)
    save_version(folder, part, arrays, entry, card)


def _card(part: str, name: str, entry: dict[str, Any], report: Report) -> str:
    files = ", ".join(f"{file} (sha256 {digest[:12]}…)" for file, digest in entry["data"].items())
    return CARD.format(
        part=part,
        name=name,
        files=files,
        labels=len(entry["labels"]),
        report=report.text,
        **{key: entry.get(key, "") for key in ("source", "train")},
    )


PICTURE = "\n![Reliability and coverage]({part}.svg)\n"
CARD = """# {part}, {name}

It proposes; a clerk decides. It was measured only on texts like its training data, and says nothing of whether an
allegation is true.

- Data: {source}; {train} examples. Files: {files}.
- Labels: {labels}.
- Features: hashed words and character n-grams (no text is stored); linear models. No test text was used to fit,
  calibrate or choose.

{report}
"""
