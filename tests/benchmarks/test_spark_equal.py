"""On 100,000 varied letters the engine spark gives what one machine gives. `make bench`; takes half an hour."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
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


def found_on(master: str, source: Path, folder: Path) -> Repeats:
    settings = settings_of(None, None)
    with spark_session(folder, master) as session:
        stages = Stages(session, folder, files_fingerprint([source], settings))
        petitions, stages = read_files(stages, [source])
        return find_repeats(stages, petitions, settings, SALT)[0]


@pytest.mark.parametrize("master", MASTERS)
def test_the_same_matters(source: Path, one_machine: Repeats, tmp_path: Path, master: str) -> None:
    # What Java is started with holds as long as its process, so each master has one of its own.
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        found = process.submit(found_on, master, source, tmp_path).result()
    for name in ("pairs", "relation", "scores"):
        np.testing.assert_array_equal(getattr(found.scored, name), getattr(one_machine.scored, name))
    np.testing.assert_array_equal(found.labels(), one_machine.labels())


def test_the_same_tags(source: Path, tmp_path: Path) -> None:
    digests = set()
    for engine in (("local",), *(("spark", "--master", master) for master in MASTERS)):
        out = tmp_path / "tagged.jsonl"
        words = ("tag", source, "--out", out, "--engine", *engine)
        subprocess.run([sys.executable, "-m", "service.cli", *words], check=True)
        with out.open("rb") as file:
            digests.add(hashlib.file_digest(file, "sha256").hexdigest())
    assert len(digests) == 1
