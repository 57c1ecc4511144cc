"""Letters that repeat one another, put into a store, and what became of them."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import select

from corpus.records import Petition
from service.store.audit import audited
from service.store.engine import Store
from service.store.petition_tables import LinkRow
from service.store.petitions import Intake, add_petition
from service.store.repeat_tables import LinkTask

FEE = (
    "我是青石镇赵湾村村民。村会计刘大志在2023年收农村医保时每人多收30元，全村四百多人，不开票据，"
    "钱进了他个人的微信，村里问了几次都不退，请查处。"
)
LAMP = "文昌社区老粮站宿舍巷子口的路灯从去年入冬就不亮了，孩子晚自习下课摸黑走，请派人来修。"


def add(store: Store, *texts: str) -> list[int]:
    with audited(store, "test") as work:
        return [add_petition(work, Intake(Petition(text=one)), None, None).key for one in texts]


def links(store: Store) -> list[tuple[int, int]]:
    with store.read() as session:
        return sorted((one.first_key, one.second_key) for one in session.scalars(select(LinkRow)))


def waiting(store: Store) -> list[int]:
    with store.read() as session:
        return list(session.scalars(select(LinkTask.petition_key).order_by(LinkTask.petition_key)))


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)
