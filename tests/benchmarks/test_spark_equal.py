"""On 100,000 varied letters the engine spark gives what one machine gives. `make bench`; takes half an hour."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyspark
import pytest

from corpus.writers import write_rows
from models.repeats import RepeatFinder, Repeats
from models.spark.petitions import FIELDS, read_files
from models.spark.repeats import find_repeats
from models.spark.session import spark_session
from models.spark.stages import Stages, files_fingerprint, settings_of
from models.varied import varied_letters

pytestmark = [pytest.mark.benchmark, pytest.mark.filterwarnings("ignore::ResourceWarning")]
COUNT = 100_000
MASTERS = ("local[2]", "local-cluster[2,1,2048]")
SALT = b"salt" * 4
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The letters as a file. Executors keep their logs in Spark's folder, so that is one of links here."""
    home = tmp_path_factory.mktemp("home")
    for path in Path(pyspark.__path__[0]).iterdir():
        (home / path.name).symlink_to(path)
    path = home / "letters.jsonl"
    write_rows(path, ({name: getattr(one, name) for name in FIELDS} for one in varied_letters(COUNT)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_HOME", str(home))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        yield path


@pytest.fixture(scope="module")
def one_machine() -> Repeats:
    return RepeatFinder.load(salt=SALT).find(varied_letters(COUNT))


@pytest.mark.parametrize("master", MASTERS)
def test_the_same_matters(source: Path, one_machine: Repeats, tmp_path: Path, master: str) -> None:
    settings = settings_of(None, None)
    with spark_session(tmp_path, master) as session:
        stages = Stages(session, tmp_path, files_fingerprint([source], settings))
        petitions, stages = read_files(stages, [source])
        found, _ = find_repeats(stages, petitions, settings, SALT)
    np.testing.assert_array_equal(found.scored.pairs, one_machine.scored.pairs)
    np.testing.assert_array_equal(found.scored.relation, one_machine.scored.relation)
    np.testing.assert_array_equal(found.scored.scores, one_machine.scored.scores)
    np.testing.assert_array_equal(found.labels(), one_machine.labels())


def test_the_same_tags(source: Path, fenban: Run, tmp_path: Path) -> None:
    digests = set()
    for number, more in enumerate(
        (("--engine", "local"), *(("--engine", "spark", "--master", one) for one in MASTERS))
    ):
        out = tmp_path / f"{number}.jsonl"
        code, _, err = fenban("tag", source, "--out", out, *more)
        assert code == 0, err
        with out.open("rb") as file:
            digests.add(hashlib.file_digest(file, "sha256").hexdigest())
        out.unlink()
    assert len(digests) == 1
