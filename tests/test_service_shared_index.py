"""The index that processes share answers as the file's does, and nothing of a letter stands in it in clear."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from corpus.errors import ModelError
from corpus.records import Petition
from corpus.written import written_repeats
from models.repeat_index import Match, RepeatIndex
from service import shared_index
from service.shared_index import SharedIndex
from service.store import engine, repeat_vectors, shared_repeats
from service.store.engine import Store, open_store
from service.store.link_tasks import claimed, queue_all
from service.store.petition_tables import PetitionRow
from service.store.repeat_tables import LinkTask, RepeatAbout, RepeatKey, RepeatLetter

LETTERS = [replace(row.petition, id=str(key)) for key, row in enumerate(written_repeats("train")[:400], 1)]
ASKED = [replace(row.petition, id="") for row in written_repeats("dev")]
WIDTH = 128
"""Of the shipped encoder's vectors."""
NEW = replace(LETTERS[0], id="", received="2024-01-01")


@pytest.fixture
def shared_store(empty_postgres: str) -> Iterator[Store]:
    store = open_store(empty_postgres)
    yield store
    store.close()


@pytest.fixture
def index(shared_store: Store) -> SharedIndex:
    index = SharedIndex(shared_store)
    index.add(LETTERS[:60])
    return index


def shown(matches: Sequence[Match]) -> list[tuple]:
    return [(one.id, round(one.score, 4), one.relation, one.reasons) for one in matches]


@pytest.mark.long
def test_the_same_matches_as_from_the_file(shared_store: Store, tmp_path: Path) -> None:
    """With the same letters counted; the graph of neighbours may leave one out, which moves the scores around it."""
    shared, own = SharedIndex(shared_store), RepeatIndex(tmp_path / "index.db")
    for one in (shared, own):
        one.add(LETTERS)
    shared.take_snapshot()
    same = 0
    for petition in [*LETTERS, *ASKED]:
        asked = replace(petition, id="")
        same += [one.id for one in shared.query(asked)] == [one.id for one in own.query(asked)]
    assert same >= 0.98 * (len(LETTERS) + len(ASKED))
    own.close()


@pytest.mark.long
def test_letters_one_after_the_other_find_the_same_earlier_ones(shared_store: Store, tmp_path: Path) -> None:
    """Here the counts lag behind those of the file, which counts every letter at once; of so few it finds more."""
    shared, own = SharedIndex(shared_store), RepeatIndex(tmp_path / "index.db")
    pairs = []
    for one in (shared, own):
        found = zip(LETTERS, one.taken_in(LETTERS), strict=True)
        pairs.append({(letter.id, match.id) for letter, matches in found for match in matches})
    assert len(pairs[0] & pairs[1]) >= 0.98 * len(pairs[1])
    assert len(pairs[0]) <= 1.1 * len(pairs[1])
    own.close()


def test_a_copy_is_found_with_its_reasons_by_another_process(index: SharedIndex, shared_store: Store) -> None:
    best = SharedIndex(shared_store).query(NEW)[0]
    assert (best.id, best.relation) == ("1", "copy")
    assert {"文字相同", "同村"} <= set(best.reasons)


def test_what_is_removed_or_replaced_is_found_no_more(index: SharedIndex, shared_store: Store) -> None:
    gone = {match.id for match in index.query(NEW, most=100)}
    first, *others = sorted(gone)
    index.remove(others)
    index.add([Petition(id=first, text="巷子口的路灯从去年入冬就不亮了。")])
    assert index.query(NEW) == []
    index.remove([first, "99999"])
    with shared_store.read() as session:
        assert session.scalar(select(func.count()).select_from(RepeatLetter)) == 60 - len(gone)
        assert session.scalar(select(func.count()).where(RepeatKey.petition_key.in_(map(int, gone)))) == 0
        assert session.scalar(text("SELECT count(*) FROM repeat_vectors")) == 60 - len(gone)


def test_of_letters_taken_in_at_one_moment_each_pair_is_found(shared_store: Store) -> None:
    """Copies of eight letters in four processes' hands at once: at least one of every two sees the other."""
    indexes = [SharedIndex(shared_store) for _ in range(4)]
    copies = [[replace(one, id=str(1_000 * part + n)) for n, one in enumerate(LETTERS[:8], 1)] for part in range(4)]

    def take(part: int) -> list[tuple[str, str]]:
        found = zip(copies[part], indexes[part].taken_in(copies[part], most=100), strict=True)
        return [(letter.id, match.id) for letter, matches in found for match in matches]

    with ThreadPoolExecutor(4) as pool:
        pairs = {frozenset(pair) for found in pool.map(take, range(4)) for pair in found}
    for n in range(1, 9):
        same = [str(1_000 * part + n) for part in range(4)]
        assert {frozenset((a, b)) for a in same for b in same if a < b} <= pairs


def test_no_name_phone_or_text_is_in_the_tables(index: SharedIndex, shared_store: Store) -> None:
    with shared_store.read() as session:
        columns = b"".join(session.scalars(select(RepeatLetter.columns)))
    for one in LETTERS[:60]:
        for secret in (one.petitioner, one.phone, one.text[:6]):
            assert not secret or secret.encode() not in columns


def test_each_database_has_a_salt_of_its_own(new_postgres: Callable) -> None:
    salts = set()
    for _ in range(2):
        with new_postgres() as url:
            store = open_store(url)
            SharedIndex(store)
            SharedIndex(store)
            with store.read() as session:
                salts |= set(session.scalars(select(RepeatAbout.salt)))
            store.close()
    assert len(salts) == 2


def test_counts_of_another_process_are_taken_over(index: SharedIndex, shared_store: Store) -> None:
    other = SharedIndex(shared_store)
    other.add(LETTERS[60:])
    assert other.take_snapshot()
    assert not other.take_snapshot(least=1)
    asked = [replace(one, id="") for one in LETTERS[:30]]
    assert [shown(index.query(one)) for one in asked] == [shown(other.query(one)) for one in asked]


def test_a_snapshot_is_taken_when_it_is_due(shared_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_index, "FIRST_SNAPSHOT", 20)
    index = SharedIndex(shared_store)
    counts = []
    for first in range(0, 120, 10):
        index.add(LETTERS[first : first + 10])
        index.snapshot_if_due()
        with shared_store.read() as session:
            counts.append([one.letters for one in shared_repeats.snapshots_after(session, 0, 9)])
    assert counts[0] == []
    assert counts[-1] == [20, 80]


@contextmanager
def petitions(store: Store, count: int) -> Iterator[None]:
    with store.write() as session:
        session.add_all(PetitionRow() for _ in range(count))
    yield


def waiting(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(LinkTask)) or 0


def test_an_index_of_another_tokeniser_is_made_anew_and_who_has_it_open_is_told(
    index: SharedIndex, shared_store: Store
) -> None:
    with petitions(shared_store, 3):
        shared_repeats.open_shared(shared_store, "another", 4)
    assert waiting(shared_store) == 3
    with pytest.raises(ModelError, match="restart"):
        index.query(NEW)
    with pytest.raises(ModelError, match="restart"):
        index.add(LETTERS[:1])
    SharedIndex(shared_store).add(LETTERS[:1])


def test_an_index_is_made_anew_between_two_batches_only(index: SharedIndex, shared_store: Store) -> None:
    """What a process has claimed is linked for the index that it knows, so that none of it waits for the new one."""
    with petitions(shared_store, 3), shared_store.write() as session:
        queue_all(session)
    with ThreadPoolExecutor(1) as pool:
        with claimed(shared_store, 2) as claim:
            found = index.taken_in([replace(LETTERS[key], id=str(key)) for key in claim.keys])
            next(found)
            anew = pool.submit(shared_repeats.open_shared, shared_store, "another", WIDTH)
            until_waited_for(shared_store, anew)
            next(found)
            claim.done.extend(claim.keys)
        anew.result()
    assert waiting(shared_store) == 3
    with shared_store.read() as session:
        assert session.scalar(select(func.count()).select_from(RepeatLetter)) == 0


def until_waited_for(store: Store, work: Future) -> None:
    """Until the work has ended or the database lets it wait."""
    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    while not work.done():
        with store.read() as session:
            if session.scalar(waits):
                return
        time.sleep(0.01)


def test_a_batch_whose_claim_is_lost_adds_nothing_to_the_new_index(index: SharedIndex, shared_store: Store) -> None:
    found = index.taken_in(LETTERS[:2])
    next(found)
    shared_repeats.open_shared(shared_store, "another", WIDTH)
    with pytest.raises(ModelError, match="restart"):
        next(found)
    with pytest.raises(ModelError, match="restart"):
        index.take_snapshot()
    with shared_store.read() as session:
        assert session.scalar(select(func.count()).select_from(RepeatLetter)) == 0


def test_vectors_that_another_process_made_room_for_are_kept(
    shared_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeat_vectors, "_EXTENSION", "no_such_extension")
    index = SharedIndex(shared_store)
    index.add(LETTERS[:1])
    monkeypatch.undo()
    SharedIndex(shared_store)
    index.add(LETTERS[1:3])
    with shared_store.read() as session:
        assert session.scalars(text("SELECT petition_key FROM repeat_vectors ORDER BY 1")).all() == [2, 3]
    assert index.query(replace(LETTERS[1], id=""))[0].id == "2"


def test_without_pgvector_the_rest_is_found_with_one_warning(
    shared_store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(repeat_vectors, "_EXTENSION", "no_such_extension")
    with caplog.at_level(logging.WARNING, logger="fenban"):
        index = SharedIndex(shared_store)
        index.add(LETTERS[:60])
        assert index.query(NEW)[0].relation == "copy"
        index.remove(["1"])
    assert [record.message.count("pgvector") for record in caplog.records] == [1]
    monkeypatch.undo()
    with petitions(shared_store, 2):
        again = SharedIndex(shared_store)
    assert waiting(shared_store) == 2, "all are read again, now with vectors"
    again.add(LETTERS[:60])
    assert again.query(NEW)[0].id == "1"


def test_letters_that_take_long_stay_claimed(empty_postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "IDLE_SECONDS", 1)
    store = open_store(empty_postgres)
    with store.write() as session:
        session.add(PetitionRow())
        session.flush()
        queue_all(session)
    with claimed(store, 50) as claim:
        time.sleep(1.5)
        claim.done.extend(claim.keys)
    assert waiting(store) == 0
    store.close()


@pytest.mark.parametrize("words", ["，。！", "a", "　 x", "一" * 5_000])
def test_strange_texts_are_taken_in(shared_store: Store, words: str) -> None:
    index = SharedIndex(shared_store)
    first, second = index.taken_in([Petition(words, id="1"), Petition(words, id="2")])
    assert (first, {one.id for one in second} <= {"1"}) == ([], True)


def test_a_key_that_half_the_letters_hold_is_not_read_to_its_end(shared_store: Store) -> None:
    with shared_store.write() as session:
        # As many on average that the planner, who knows no more, would fetch all and sort them.
        held = "(SELECT 7 AS key, one FROM generate_series(1, 200000) AS one)"
        for count in (12_000, 15_000):
            held += f" UNION ALL (SELECT 1000 + one % {count}, one FROM generate_series(1, 100000) AS one)"
        rows = f"SELECT key, one FROM ({held}) AS row GROUP BY 1, 2 ORDER BY random()"
        session.execute(text(f"INSERT INTO repeat_keys {rows}"))
        session.execute(text("ANALYZE repeat_keys"))

    def seconds(keys: list[int]) -> float:
        took = []
        for _ in range(7):
            start = time.perf_counter()
            with shared_store.read() as session:
                assert shared_repeats.sharing(session, keys, 1, a_key=40, most=60)
            took.append(time.perf_counter() - start)
        return min(took)

    assert seconds([7, 1_001, 1_002]) < 8 * seconds([1_001, 1_002])
