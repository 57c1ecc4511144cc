"""From the written repeats to a version folder with the part `repeats`, its figures and its card."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from corpus.paths import DATA
from corpus.records import Petition
from models.comparer import Comparer
from models.evaluate_repeats import repeats_report
from models.pair_features import FEATURES
from models.pair_scorer import PART
from models.repeats import SALT_BYTES, RepeatFinder
from models.store import file_hash, save_version
from models.train import WRITTEN
from models.train_repeats import train_repeats


def train_repeats_version(folder: Path, own: Sequence[Petition] = (), files: Sequence[Path] = (), seed: int = 0) -> str:
    """Trains the part, measures it on the test split, saves it; gives the tables.

    Args:
        folder: version folder to write; its other parts stay.
        own: an office's letters with their matter in the column `matter`.
        files: where those come from, for the manifest.
        seed: of the trees.
    """
    comparer = Comparer.load(secrets.token_bytes(SALT_BYTES))
    scorer, cross = train_repeats(comparer, own, seed)
    report = repeats_report(RepeatFinder(comparer, scorer), cross)
    arrays, entry = scorer.to_arrays()
    data = {path.name: file_hash(path) for path in (*(DATA / name for name in WRITTEN), *files)}
    name = f"{date.today().isoformat()}-{hashlib.sha256(''.join(sorted(data.values())).encode()).hexdigest()[:8]}"
    entry |= {"source": "the written corpus", "data": data, "metrics": report.metrics, "trained": name}
    listed = ", ".join(f"{file} (sha256 {digest[:12]}…)" for file, digest in data.items())
    card = CARD.format(name=name, files=listed, features=len(FEATURES), report=report.text)
    save_version(folder, PART, arrays, entry, card)
    return report.text


CARD = """# repeats, {name}

Says how likely two petitions are about one matter; a clerk decides. It was measured only on letters like those it
learned from.

- Data: the families of repeats of the written corpus, splits train and dev, and its other letters, letters sent again
  or made to be about another village, and the letters with a matter of the other files:
  {files}.
- {features} features of a pair (words, particulars, petitioner, problem, time); boosted trees stored as arrays. No text
  and no name is stored. The share of problems comes from a discipline part that had not seen the families. Calibration
  and threshold come from cross-validation over the writers; nothing was chosen on the test split.

{report}
"""
