from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from corpus.writers import write_rows
from service.store.audit import verify
from service.store.engine import open_store
from service.store.petition_tables import HeldBack, PetitionRow, PetitionText, SuggestionRow

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FENBAN_DATA", str(tmp_path / "var"))
    return tmp_path


def stored(data: Path) -> list[tuple[PetitionRow, PetitionText]]:
    store = open_store(f"sqlite:///{data / 'var' / 'fenban.sqlite'}")
    with store.read() as session:
        rows = session.execute(select(PetitionRow, PetitionText).join(PetitionText)).all()
        assert session.scalar(select(func.count()).select_from(SuggestionRow)) == len(rows)
        assert verify(session).broken is None
    store.close()
    return [(row[0], row[1]) for row in rows]


def test_a_table_is_imported_once_and_bad_rows_are_told(fenban: Command, data: Path) -> None:
    table = data / "letters.csv"
    table.write_text(
        "编号,来信时间,姓名,内容,备注\n"
        "1,2025-03-02,赵建国,村里的路灯坏了,急\n"
        "2,2025-03-03,,  ,\n"
        "3,2025年3月4日,,县长周某收了开发商的钱,\n"
        "4,,,停水三天了,\n",
        "utf-8",
    )
    code, _, err = fenban("import", table, "--unit", "T03")
    assert code == 0
    assert f"{table}: row 3: no text" in err
    assert f"{table}: row 4: Art. 15, level_above" in err
    assert "2 petitions taken in, 0 known already, 1 kept out by Art. 15, 1 rows not read" in err
    assert "周某" not in err
    rows = stored(data)
    assert [row.id for row, _ in rows] == ["1", "4"]
    first, text = rows[0]
    assert (first.received_on, first.signed, first.intake_unit) == ("2025-03-02", True, "T03")
    assert (text.petitioner, text.extra) == ("赵建国", {"备注": "急"})
    assert "0 petitions taken in, 2 known already" in fenban("import", table)[2]
    assert len(stored(data)) == 2
    store = open_store(f"sqlite:///{data / 'var' / 'fenban.sqlite'}")
    with store.read() as session:
        assert session.scalar(select(func.sum(HeldBack.count))) == 2
    store.close()


def test_a_letter_of_its_own_file_is_imported_once(fenban: Command, data: Path) -> None:
    (data / "letter.txt").write_text("村里的路灯坏了", "utf-8")
    for _ in range(2):
        assert fenban("import", data / "letter.txt")[0] == 0
    assert [row.id for row, _ in stored(data)] == ["letter"]


def test_a_missing_file_and_a_wrong_unit_are_told(fenban: Command, data: Path) -> None:
    assert fenban("import", data / "none.csv")[0] == 1
    code, _, err = fenban("import", data / "none.csv", "--unit", "nowhere")
    assert code == 1
    assert "--unit" in err


def test_a_database_that_fails_is_told_without_a_word_of_the_letters(fenban: Command, data: Path) -> None:
    (data / "letter.txt").write_text("村里的路灯坏了", "utf-8")
    store = open_store(f"sqlite:///{data / 'var' / 'fenban.sqlite'}")

    def rename(old: str, new: str) -> None:
        with store.write() as session:
            session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    rename("suggestions", "gone")
    code, _, err = fenban("import", data / "letter.txt")
    rename("gone", "suggestions")
    store.close()
    assert code == 1
    assert "the database failed in the middle of the work (OperationalError)" in err
    assert "路灯" not in err
    assert fenban("import", data / "letter.txt")[0] == 0
    assert len(stored(data)) == 1


@pytest.mark.long
def test_an_import_that_is_killed_goes_on_without_loss_or_double(fenban: Command, data: Path) -> None:
    table = data / "many.jsonl"
    write_rows(table, [{"id": str(number), "text": f"第{number}封信：村里的路灯坏了"} for number in range(3_000)])
    command = [sys.executable, "-m", "service.cli", "import", str(table)]
    for seconds in (1.5, 2.0, 2.5):
        process = subprocess.Popen(command, env=os.environ, stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert fenban("import", table)[0] == 0
    assert sorted(int(row.id) for row, _ in stored(data)) == list(range(3_000))
