"""A small office whose database is backed up and restored."""

from __future__ import annotations

import io

from sqlalchemy import func, select

from corpus.records import Petition
from service.jobs.uploads import kept
from service.settings import Settings
from service.store.accounts import add_account
from service.store.audit import audited, verify
from service.store.engine import Store, open_store
from service.store.jobs import add_job
from service.store.petition_tables import PetitionText
from service.store.petitions import Intake, add_petition

LETTER = "路灯坏了，没人来修。"


def fill(settings: Settings, letters: int = 3) -> None:
    store = open_store(settings.database_url)
    with audited(store, "test") as work:
        account = add_account(work, "a", "", ["clerk"], []).key
        for number in range(letters):
            add_petition(work, Intake(Petition(text=LETTER, id=str(number))), None, account)
    folder = settings.uploads
    with kept(folder, "tag", "信.csv", io.BytesIO(b"x\ny\n")) as upload, audited(store, "test") as work:
        add_job(work, account, "tag", {"format": "csv"}, upload)
    (settings.data / "models" / "v1").mkdir(parents=True)
    (settings.data / "models" / "v1" / "manifest.json").write_text("{}")
    (settings.data / "models" / "current").write_text('["v1"]')
    store.close()


def texts(store: Store) -> int:
    with store.read() as session:
        assert verify(session).broken is None
        return session.scalar(select(func.count()).select_from(PetitionText)) or 0
