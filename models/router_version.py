"""From a table of past decisions to a version folder with the router, its figures and its card."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from corpus.decisions import PastDecision, dated, split_by_time
from corpus.dictionary import domain_words
from corpus.errors import ModelError
from models.encoder import Encoder, load_encoder
from models.evaluate import Report
from models.evaluate_router import evaluate_router_peers, router_report
from models.features import reading_fingerprint
from models.router import PART, RouterModel, encoder_fingerprint
from models.store import SHIPPED, file_hash, open_version, save_version
from models.train_router import train_router
from nlp.tokenise import Tokeniser

FEW = 3
"""A unit with fewer letters is suggested on the strength of its kind."""


def train_router_version(decisions: Sequence[PastDecision], folder: Path, files: Sequence[Path], source: str) -> str:
    """Measures a router that learned from the earlier letters on the later ones, saves one that learned from all.

    Args:
        decisions: the office's own.
        folder: version folder to write; its other parts stay.
        files: where the decisions come from, for the manifest.
        source: what they are, for the card.

    Raises:
        FenbanError: too few decisions or units, or none to test on.
    """
    tokeniser, encoder = _tools()
    train, test = split_by_time(decisions)
    report = router_report(train_router(train, encoder, tokeniser), test, encoder, tokeniser)
    model = train_router(decisions, encoder, tokeniser)
    text = f"{learned_text(decisions, model)}\n{report.text}"
    arrays, entry = model.to_arrays()
    data = {path.name: file_hash(path) for path in files}
    name = f"{date.today().isoformat()}-{hashlib.sha256(''.join(sorted(data.values())).encode()).hexdigest()[:8]}"
    entry |= {"train": len(decisions), "source": source, "data": data, "metrics": report.metrics, "trained": name}
    listed = ", ".join(f"{file} (sha256 {digest[:12]}…)" for file, digest in data.items())
    card = CARD.format(name=name, source=source, train=len(decisions), files=listed, earlier=len(train), text=text)
    save_version(folder, PART, arrays, entry, card)
    return text


def evaluate_router(decisions: Sequence[PastDecision]) -> tuple[Report, dict[str, dict[str, float]]]:
    """The figures of a router that learned from the earlier letters on the later ones, and those of the peers."""
    tokeniser, encoder = _tools()
    train, test = split_by_time(decisions)
    report = router_report(train_router(train, encoder, tokeniser), test, encoder, tokeniser)
    return report, evaluate_router_peers(train, test, tokeniser)


def evaluate_router_version(decisions: Sequence[PastDecision], folder: Path, files: Sequence[Path]) -> Report:
    """The figures of a saved router on letters that it has not learned from.

    Raises:
        ModelError: the version has no router, was trained with another encoder or reader, or has seen one of the files.
    """
    tokeniser, encoder = _tools()
    model = load_router(folder, tokeniser, encoder)
    seen = set(open_version(folder).parts[PART].get("data", {}).values())
    known = [path.name for path in files if file_hash(path) in seen]
    if known:
        raise ModelError(f"{folder}: learned from {', '.join(known)}; leave --models out to measure on its last fifth")
    return router_report(model, decisions, encoder, tokeniser)


def load_router(folder: Path, tokeniser: Tokeniser, encoder: Encoder) -> RouterModel:
    """The router of a version folder.

    Raises:
        ModelError: there is none, it is damaged, or it was trained with another dictionary, reader or encoder.
    """
    version = open_version(folder)
    if PART not in version.parts:
        raise ModelError(f"{folder}: has no unit router; train one with fenban train unit")
    about = version.parts[PART]
    expected = {"reading": reading_fingerprint(tokeniser), "encoder": encoder_fingerprint(encoder)}
    for name, fingerprint in expected.items():
        if about.get(name) != fingerprint:
            what = "dictionary or reader" if name == "reading" else "encoder"
            raise ModelError(f"{folder}: the router was trained with another {what}; train it again")
    return RouterModel.from_arrays(version.arrays(PART), about)


def learned_text(decisions: Sequence[PastDecision], model: RouterModel) -> str:
    """What the table was enough for and what it was not, as Markdown. Counts alone: names stay in the model."""
    letters = Counter(one.unit for one in decisions)
    kinds = {model.kind_of(unit) for unit in model.units if unit in letters}
    rare = sum(count < FEW for count in letters.values())
    supposed = int(model.choice.assumed.any(axis=0).sum())
    lines = [
        "### What the table taught\n",
        f"- {len(decisions)} letters, {len(letters)} units, {len(kinds)} kinds of bureau, "
        f"{len(model.districts)} districts.",
        f"- {rare} units have fewer than {FEW} letters: they are suggested on the strength of their kind of bureau.",
        f"- {supposed} bureaus that no letter went to are supposed, because other districts have them.",
    ]
    if not model.districts:
        lines.append("- No column `district`: every unit of the table is in question for every letter.")
    if not dated(decisions):
        lines.append("- No day of receipt: figures and calibration are of other groups of letters, not of later ones.")
    for name, threshold in (("kind", model.kinds.threshold), ("unit", model.threshold)):
        if threshold > 1:
            lines.append(f"- No {name} is ever marked as accepted: no probability was high enough to be sure of it.")
    return "\n".join([*lines, ""])


def _tools() -> tuple[Tokeniser, Encoder]:
    return Tokeniser(domain_words()), load_encoder(SHIPPED / "encoder")


CARD = """# unit, {name}

It proposes which unit handles a petition; a clerk decides. It repeats what the office decided before, right or wrong,
and knows no law: the rules of authority come before it.

- Data: {source}; {train} past decisions. Files: {files}.
- The figures are of a router that learned from the {earlier} earlier letters, measured on the later ones; letters whose
  near-copies came earlier are left out. The router in this folder learned from all letters.
- Features: hashed words and character n-grams (no text is stored), the encoder's vectors, the district; names of units.
  Calibration, factors and thresholds come from letters later than those that the predicting model had learned from.

{text}
"""
