"""The same letters through any door: taken in once, none lost, on both databases."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import xlsxwriter
from job_results import expire, job_row, jsonl, result_lines, results
from sqlalchemy import select, update

from corpus.errors import FenbanError
from corpus.records import Petition
from service.bulk import Importer, ImportReport
from service.jobs import worker
from service.jobs.worker import Workshop, work_once
from service.store.engine import Store
from service.store.imports import ImportedFile, Place
from service.store.petition_tables import PetitionRow, PetitionText

LETTERS = ("路灯坏了", "停水三天", "垃圾没人清", "噪声扰民")


@pytest.fixture
def importer(shop: Workshop) -> Importer:
    return Importer(shop.store, shop.office, None, 0.0, "test")


@pytest.fixture
def take_in(importer: Importer, tmp_path: Path) -> Callable[..., ImportReport]:
    """Takes a file in as `fenban import` does."""

    def take(content: bytes, name: str = "来信.jsonl") -> ImportReport:
        (tmp_path / name).write_bytes(content)
        return importer.take_in(tmp_path / name)

    return take


def texts_in(store: Store) -> list[str]:
    with store.read() as session:
        return sorted(session.scalars(select(PetitionText.text)))


def sheets(*texts: Sequence[str]) -> bytes:
    """A workbook with a sheet for each list of letters."""
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed) as book:
        for letters in texts:
            sheet = book.add_worksheet()
            sheet.write_column(0, 0, ["内容", *letters])
            sheet.write_column(0, 1, ["片区", *("东" for _ in letters)])
    return packed.getvalue()


def archive(*files: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for name, content in files:
            made.writestr(name, content)
    return packed.getvalue()


def make_old(store: Store, content: bytes, source: str, places: dict[str, int]) -> None:
    """Turns the stored rows into those of an earlier version."""
    digest = hashlib.sha256(content).hexdigest()
    with store.write() as session:
        for text, row in places.items():
            key = session.scalars(select(PetitionText.petition_key).where(PetitionText.text == text)).one()
            old = {"source": f"{source}:{digest}", "source_row": row}
            session.execute(update(PetitionRow).where(PetitionRow.key == key).values(**old))


def test_every_sheet_of_a_workbook_is_taken_in(shop: Workshop, take_in: Callable[..., ImportReport]) -> None:
    content = sheets(LETTERS[:2], LETTERS[2:])
    first, second = take_in(content, "来信.xlsx"), take_in(content, "来信.xlsx")
    assert (first.added, first.known, second.added, second.known) == (4, 0, 0, 4)
    assert texts_in(shop.store) == sorted(LETTERS)


CONTENTS = {
    "来信.jsonl": jsonl([{"text": LETTERS[0]}, {"text": ""}, {"text": LETTERS[1]}]),
    "来信.xlsx": sheets(LETTERS[:2], [LETTERS[2], "", LETTERS[3]]),
    "来信.txt": LETTERS[0].encode(),
}


@pytest.mark.parametrize("name", CONTENTS)
@pytest.mark.parametrize("first_door", ["command", "upload"])
def test_one_file_is_one_file_through_either_door(
    shop: Workshop, send: Callable[..., int], take_in: Callable[..., ImportReport], name: str, first_door: str
) -> None:
    content = CONTENTS[name]
    if first_door == "command":
        taken = take_in(content, name).added
        key = send(name, content, kind="import")
        work_once(shop)
        assert [line.get("taken_in") for line in result_lines(shop, key) if not line["problem"]] == [False] * taken
    else:
        send(name, content, kind="import")
        work_once(shop)
        taken = len(texts_in(shop.store))
        again = take_in(content, name)
        assert (again.added, again.known) == (0, taken)
    stored = texts_in(shop.store)
    assert taken == len(stored) == len(set(stored)) > 0


def test_an_import_that_stopped_halfway_is_ended_by_an_upload(
    shop: Workshop, send: Callable[..., int], take_in: Callable[..., ImportReport]
) -> None:
    content = jsonl([{"text": text} for text in LETTERS])
    take_in(content)
    with shop.store.write() as session:
        keys = session.scalars(select(PetitionText.petition_key).where(PetitionText.text.in_(LETTERS[2:]))).all()
        session.execute(update(PetitionRow).where(PetitionRow.key.in_(keys)).values(source=None))
        session.execute(update(PetitionText).where(PetitionText.petition_key.in_(keys)).values(text="别的信"))
    send("来信.jsonl", content, kind="import")
    work_once(shop)
    assert texts_in(shop.store) == sorted([*LETTERS, "别的信", "别的信"])


def test_equal_entries_of_an_archive_are_letters_each(shop: Workshop, send: Callable[..., int]) -> None:
    content = archive(
        ("东镇/信.txt", LETTERS[0].encode()),
        ("西镇/信.txt", LETTERS[0].encode()),
        ("表.xlsx", sheets(LETTERS[1:2], LETTERS[2:3])),
    )
    for _ in range(2):
        key = send("材料.zip", content, kind="import")
        work_once(shop)
    assert texts_in(shop.store) == sorted([LETTERS[0], *LETTERS[:3]])
    assert [line["taken_in"] for line in result_lines(shop, key)] == [False] * 4


LEDGER = [{"id": f"2025-{number}", "received": "2025-03-02", "text": text} for number, text in enumerate(LETTERS)]


@pytest.mark.parametrize("door", ["command", "upload"])
def test_a_ledger_that_grew_brings_its_new_rows_alone(
    shop: Workshop, send: Callable[..., int], take_in: Callable[..., ImportReport], door: str
) -> None:
    take_in(jsonl(LEDGER[:2]))
    grown = jsonl([LEDGER[3], *LEDGER[:3]])
    if door == "command":
        report = take_in(grown)
        assert (report.added, report.known) == (2, 2)
    else:
        key = send("来信.jsonl", grown, kind="import")
        # The command took them in for no unit, as this job does.
        work_once(shop)
        assert [line["taken_in"] for line in result_lines(shop, key)] == [True, False, False, True]
    assert texts_in(shop.store) == sorted(LETTERS)


@pytest.mark.parametrize(
    "changed", [{"id": "2025-9"}, {"text": "路灯又坏了"}, {"received": "2025-03-03"}, {"姓名": "甲"}]
)
def test_a_row_that_differs_in_any_field_is_a_letter_of_its_own(
    shop: Workshop, take_in: Callable[..., ImportReport], changed: dict[str, str]
) -> None:
    take_in(jsonl([LEDGER[0]]))
    assert take_in(jsonl([{**LEDGER[0], **changed}])).added == 1


def test_the_same_row_for_another_unit_is_a_letter_of_its_own(shop: Workshop, send: Callable[..., int]) -> None:
    for unit, rows in (("T03", LEDGER[:1]), ("T05", LEDGER[:2])):
        send("来信.jsonl", jsonl(rows), kind="import", unit=unit)
        work_once(shop)
    assert texts_in(shop.store) == sorted([LETTERS[0], *LETTERS[:2]])


def test_a_row_that_stands_twice_under_its_number_is_one_letter(
    shop: Workshop, take_in: Callable[..., ImportReport]
) -> None:
    unnumbered = [{"text": LETTERS[1]}, {"text": LETTERS[1]}]
    report = take_in(jsonl([LEDGER[0], LEDGER[0], *unnumbered]))
    assert (report.added, report.known) == (3, 1)
    assert texts_in(shop.store) == sorted([LETTERS[0], LETTERS[1], LETTERS[1]])


def test_results_and_problems_tell_the_sheet(shop: Workshop, send: Callable[..., int]) -> None:
    key = send("来信.xlsx", sheets(LETTERS[:1], ["", LETTERS[1], LETTERS[2]]), kind="tag")
    work_once(shop)
    assert [(row.sheet, row.row, bool(row.body)) for row in results(shop.store, key)] == [
        (1, 2, True),
        (2, 2, False),
        (2, 3, True),
        (2, 4, True),
    ]
    lines = result_lines(shop, key)
    assert [(line["source_sheet"], line["source_row"]) for line in lines] == [(1, 2), (2, 2), (2, 3), (2, 4)]
    assert [line.get("id") for line in lines] == ["来信-1.2", None, "来信-2.3", "来信-2.4"]


@pytest.mark.parametrize(
    ("source", "places"),
    [
        # Uploads were counted through, with what could not be read.
        ("upload", {LETTERS[0]: 1, LETTERS[2]: 4}),
        # Rows of all sheets were one: those of the first that had the row.
        ("sha256", {LETTERS[0]: 2, LETTERS[1]: 3}),
    ],
)
@pytest.mark.parametrize("door", ["command", "upload"])
def test_letters_that_an_earlier_version_took_in_are_known(
    shop: Workshop,
    send: Callable[..., int],
    take_in: Callable[..., ImportReport],
    source: str,
    places: dict[str, int],
    door: str,
) -> None:
    content = sheets(LETTERS[:2], ["", *LETTERS[2:]])
    take_in(content, "来信.xlsx")
    make_old(shop.store, content, source, places)
    if door == "command":
        assert take_in(content, "来信.xlsx").known == 4
    else:
        send("来信.xlsx", content, kind="import")
        work_once(shop)
    assert texts_in(shop.store) == sorted(LETTERS)


def test_a_letter_that_an_earlier_version_lost_behind_another_sheet_is_taken_in(
    shop: Workshop, take_in: Callable[..., ImportReport]
) -> None:
    take_in(sheets(LETTERS[:1], LETTERS[1:2]), "来信.xlsx")
    content = sheets(LETTERS[:1], LETTERS[2:3])
    make_old(shop.store, content, "sha256", {LETTERS[0]: 2})
    report = take_in(content, "来信.xlsx")
    assert (report.added, report.known) == (1, 1)
    assert texts_in(shop.store) == sorted(LETTERS[:3])


def test_a_worker_that_dies_between_sheets_loses_none(
    shop: Workshop, send: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Stands for SIGKILL."""

    many = [[f"第{sheet}页第{row}盏路灯坏了" for row in range(120)] for sheet in range(3)]
    key = send("来信.xlsx", sheets(*many), kind="import")
    written, calls = worker._write, []

    def dies(*given: object) -> None:
        calls.append(given)
        if len(calls) == 2:
            raise Killed
        written(*given)

    monkeypatch.setattr(worker, "_write", dies)
    with pytest.raises(Killed):
        work_once(shop)
    expire(shop.store, key)
    work_once(shop)
    assert job_row(shop.store, key).state == "done"
    assert texts_in(shop.store) == sorted(text for page in many for text in page)


def test_a_field_too_long_for_the_store_is_its_row_alone(shop: Workshop, take_in: Callable[..., ImportReport]) -> None:
    rows = [{"id": "1", "text": LETTERS[0]}, {"id": "2" * 201, "text": LETTERS[1]}, {"id": "3", "text": LETTERS[2]}]
    report = take_in(jsonl(rows))
    assert (report.added, report.lost) == (2, 1)
    (problem,) = report.problems
    assert (problem.row, problem.reason) == (2, "longer than the store holds: id (at most 200 characters)")
    assert "222" not in str(problem)
    assert texts_in(shop.store) == sorted([LETTERS[0], LETTERS[2]])


def test_two_imports_at_the_same_moment_double_nothing(
    shop: Workshop, importer: Importer, take_in: Callable[..., ImportReport]
) -> None:
    content = jsonl([{"text": text} for text in LETTERS])
    file = ImportedFile(shop.store, hashlib.sha256(content).hexdigest())
    place = Place(1, 1)
    assert not file.has(place, LETTERS[0])
    late = importer.intake(Petition(LETTERS[0], row=1), file.source(place))
    take_in(content)
    with pytest.raises(FenbanError, match="run it again") as caught:
        importer.add([late])
    assert LETTERS[0] not in str(caught.value)
    assert texts_in(shop.store) == sorted(LETTERS)


def test_the_longest_source_fits_its_column(store: Store) -> None:
    source = ImportedFile(store, "f" * 64).source(Place(1, 1, sheet=999, entry=5_000))
    assert len(source) <= PetitionRow.__table__.c.source.type.length
