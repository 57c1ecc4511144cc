from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update

from service.store.account_tables import AuditRow
from service.store.audit import START, audited, entry_hash, verify
from service.store.engine import Store, open_store

Command = Callable[..., tuple[int, str, str]]


def fill(store: Store, count: int) -> None:
    for number in range(count):
        with audited(store, "account:1") as work:
            work.audit("petition.read", f"petition:{number}", version=number, units=["T03", "双桥"])


def tamper(store: Store, *statements) -> None:
    """What somebody with the database's own rights could do: the triggers go first."""
    with store.write() as session:
        if store.is_sqlite:
            for event in ("update", "delete"):
                session.execute(text(f"DROP TRIGGER audit_no_{event}"))
        else:
            session.execute(text("DROP TRIGGER audit_append_only ON audit"))
        for statement in statements:
            session.execute(statement)


def test_an_untouched_chain_verifies(store: Store) -> None:
    with store.read() as session:
        assert verify(session).last_hash == START
    fill(store, 5)
    with store.read() as session:
        result = verify(session)
        assert (result.entries, result.broken) == (5, None)
        rows = session.scalars(select(AuditRow).order_by(AuditRow.number)).all()
    assert [row.number for row in rows] == [1, 2, 3, 4, 5]
    assert rows[-1].hash == result.last_hash == entry_hash(rows[-1])


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        (update(AuditRow).where(AuditRow.number == 3).values(actor="account:2"), 3),
        (update(AuditRow).where(AuditRow.number == 3).values(object="petition:9"), 3),
        (update(AuditRow).where(AuditRow.number == 2).values(detail={}), 2),
        (update(AuditRow).where(AuditRow.number == 4).values(at="2000-01-01T00:00:00+00:00"), 4),
        (update(AuditRow).where(AuditRow.number == 1).values(hash="0" * 64), 1),
        (delete(AuditRow).where(AuditRow.number == 1), 1),
        (delete(AuditRow).where(AuditRow.number == 4), 4),
    ],
)
def test_the_first_broken_entry_is_found(store: Store, statement, broken: int) -> None:
    fill(store, 5)
    tamper(store, statement)
    with store.read() as session:
        assert verify(session).broken == broken


def test_a_rewritten_entry_breaks_the_one_after_it(store: Store) -> None:
    fill(store, 4)
    with store.read() as session:
        row = session.get_one(AuditRow, 2)
    row.action = "nothing"
    tamper(store, update(AuditRow).where(AuditRow.number == 2).values(action="nothing", hash=entry_hash(row)))
    with store.read() as session:
        assert verify(session).broken == 3


def test_a_cut_off_end_shows_by_a_hash_noted_earlier(store: Store) -> None:
    fill(store, 4)
    with store.read() as session:
        noted = verify(session).last_hash
    tamper(store, delete(AuditRow).where(AuditRow.number == 4))
    with store.read() as session:
        assert verify(session).broken is None
        assert not verify(session, noted).known


def test_what_failed_is_not_in_the_chain(store: Store) -> None:
    def fail() -> None:
        with audited(store, "account:1") as work:
            work.audit("petition.read", "petition:1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.read() as session:
        assert verify(session).entries == 0


def test_threads_build_one_chain(store: Store) -> None:
    threads = [threading.Thread(target=fill, args=(store, 10)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as session:
        assert (verify(session).entries, verify(session).broken) == (60, None)


def test_two_stores_on_one_file_build_one_chain(store: Store, database: str) -> None:
    other = open_store(database)
    threads = [threading.Thread(target=fill, args=(one, 10)) for one in (store, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    with store.read() as session:
        assert (verify(session).entries, verify(session).broken) == (20, None)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    detail=st.dictionaries(st.text(max_size=5).filter(lambda t: "\x00" not in t), st.integers(-9, 9) | st.booleans())
)
def test_a_detail_hashes_the_same_when_it_comes_back(store: Store, detail: dict) -> None:
    with audited(store, "account:1") as work:
        work.audit("change", "petition:1", **{f"k{key}": value for key, value in detail.items()})
    with store.read() as session:
        assert verify(session).broken is None


def test_the_command_tells_the_first_broken_entry(fenban: Command, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENBAN_DATA", str(tmp_path))
    store = open_store(f"sqlite:///{tmp_path / 'fenban.sqlite'}")
    fill(store, 3)
    code, out, _ = fenban("audit", "verify")
    assert (code, out.split()[0]) == (0, "3")
    tamper(store, update(AuditRow).where(AuditRow.number == 2).values(actor="x"))
    store.close()
    code, _, err = fenban("audit", "verify")
    assert code == 1
    assert "entry 2 is broken" in err
