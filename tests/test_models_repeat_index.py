from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.errors import ModelError
from corpus.records import Petition
from corpus.written import written_repeats
from models import repeat_index
from models.repeat_index import RepeatIndex

LETTERS = [row.petition for row in written_repeats("train")[:60]]
NEW = replace(LETTERS[0], id="new", received="2024-01-01")


@pytest.fixture
def index(tmp_path: Path) -> RepeatIndex:
    index = RepeatIndex(tmp_path / "index.db")
    index.add(LETTERS)
    return index


def test_a_copy_is_found_with_its_reasons(index: RepeatIndex) -> None:
    best = index.query(NEW)[0]
    assert best.relation == "copy"
    assert {"文字相同", "同村"} <= set(best.reasons)
    assert best.score > 0.5


def test_a_petition_is_not_its_own_repeat(index: RepeatIndex) -> None:
    assert LETTERS[0].id not in [match.id for match in index.query(LETTERS[0])]


def test_removed_petitions_are_found_no_more(index: RepeatIndex, tmp_path: Path) -> None:
    gone = {match.id for match in index.query(NEW, most=100)}
    index.remove(gone)
    assert index.query(NEW) == []
    index.close()
    again = RepeatIndex(tmp_path / "index.db")
    assert len(again) == len(LETTERS) - len(gone)
    assert again.query(NEW) == []


def test_an_id_that_comes_again_replaces_the_first(index: RepeatIndex, tmp_path: Path) -> None:
    index.add([replace(LETTERS[0], text="巷子口的路灯从去年入冬就不亮了。", title="")])
    assert len(index) == len(LETTERS)
    index.close()
    again = RepeatIndex(tmp_path / "index.db")
    assert len(again) == len(LETTERS)
    assert LETTERS[0].id not in [match.id for match in again.query(NEW, most=100)]


def test_the_same_answers_after_opening_again_and_after_compacting(index: RepeatIndex, tmp_path: Path) -> None:
    before = {match.id for match in index.query(NEW)}
    index.add([replace(one, id=f"{one.id}-again") for one in LETTERS[40:]])
    index.remove(f"{one.id}-again" for one in LETTERS[40:])
    index.compact()
    assert {match.id for match in index.query(NEW)} == before
    index.close()
    again = RepeatIndex(tmp_path / "index.db")
    assert len(again) == len(LETTERS)
    assert {match.id for match in again.query(NEW)} == before


def test_what_was_taken_in_is_found_by_what_follows(tmp_path: Path) -> None:
    index = RepeatIndex(tmp_path / "index.db")
    first, second = index.taken_in([replace(LETTERS[0], id="1"), replace(NEW, id="2")])
    assert (first, [match.id for match in second]) == ([], ["1"])
    assert len(index) == 2


def batches(path: Path) -> int:
    with closing(sqlite3.connect(path)) as file:
        return file.execute("SELECT COUNT(*) FROM segments").fetchone()[0]


@pytest.mark.parametrize(("removed", "written_anew"), [(20, False), (40, True)])
def test_a_file_that_is_mostly_removed_is_written_anew_when_it_is_opened(
    index: RepeatIndex, tmp_path: Path, removed: int, written_anew: bool
) -> None:
    index.add([replace(LETTERS[0], id="one more")])
    index.remove(one.id for one in LETTERS[:removed])
    index.close()
    again = RepeatIndex(tmp_path / "index.db")
    assert len(again) == 61 - removed
    assert batches(tmp_path / "index.db") == (1 if written_anew else 2)
    assert "one more" in [match.id for match in again.query(NEW)]


def test_a_file_of_many_small_batches_is_written_anew_when_it_is_opened(
    index: RepeatIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeat_index, "MOST_BATCHES", 5)
    list(index.taken_in([replace(one, id=f"{one.id}-again") for one in LETTERS[:6]]))
    index.close()
    assert batches(tmp_path / "index.db") == 7
    assert len(RepeatIndex(tmp_path / "index.db")) == 66
    assert batches(tmp_path / "index.db") == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE segments SET columns = x'00'",
        "UPDATE segments SET columns = substr(columns, 1, length(columns) - 4)",
        "UPDATE segments SET ids = '[\"1\"]'",
        "UPDATE segments SET ids = '['",
    ],
)
def test_a_damaged_batch_is_told(index: RepeatIndex, tmp_path: Path, statement: str) -> None:
    index.close()
    with closing(sqlite3.connect(tmp_path / "index.db")) as file, file:
        file.execute(statement)
    with pytest.raises(ModelError, match="batch is damaged"):
        RepeatIndex(tmp_path / "index.db")


def test_a_file_of_another_format_is_refused_or_begun_anew(index: RepeatIndex, tmp_path: Path) -> None:
    index.close()
    path = tmp_path / "index.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE about SET value = '0' WHERE name = 'format'")
    with pytest.raises(ModelError, match="build the index again"):
        RepeatIndex(path)
    with closing(RepeatIndex(path, anew=True)) as emptied:
        assert len(emptied) == 0
        emptied.add(LETTERS[:1])
    with closing(RepeatIndex(path)) as again:
        assert len(again) == 1


def test_no_name_phone_or_text_is_in_the_file(index: RepeatIndex, tmp_path: Path) -> None:
    index.close()
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for one in LETTERS:
        for secret in (one.petitioner, one.phone, one.text[:6]):
            assert not secret or secret.encode() not in content


def test_a_file_that_is_no_index_is_told(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(ModelError, match="build it again"):
        RepeatIndex(path)


ADDER = """
import sys
from dataclasses import replace
from pathlib import Path
from corpus.written import written_repeats
from models.repeat_index import RepeatIndex
index = RepeatIndex(Path(sys.argv[1]))
letters = [row.petition for row in written_repeats("train")[:5]]
for number in range(100_000):
    index.add([replace(one, id=f"{number}-{place}") for place, one in enumerate(letters)])
    print(number, flush=True)
"""


@pytest.mark.long
def test_killed_while_adding_it_holds_every_batch_that_was_told_and_no_half_one(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    process = subprocess.Popen(
        [sys.executable, "-c", ADDER, str(path)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(5)]
    time.sleep(0.013)
    process.send_signal(signal.SIGKILL)
    process.wait()
    told += process.stdout.readlines()
    process.stdout.close()
    index = RepeatIndex(path)
    assert len(index) % 5 == 0
    assert len(index) >= 5 * len(told)
    index.add([Petition(id="later", text="巷子口的路灯不亮了。")])
    assert len(index) % 5 == 1
    index.close()
