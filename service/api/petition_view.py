"""Petitions put together from the store, as this or that caller may see them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.access import Caller
from service.api.petition_models import DecisionOut, LinkOut, PetitionFull, line, masked_suggestion, words
from service.masking import complainants
from service.store.account_tables import AccountRow
from service.store.base import now
from service.store.decisions import decisions_of
from service.store.matters import links_of
from service.store.petition_tables import DecisionRow, PetitionRow, PetitionText
from service.store.petitions import holder_of, last_suggestion, last_suggestions, readers_of


def holders_of(session: Session, rows: list[PetitionRow]) -> dict[int, AccountRow]:
    """Petition key → who has it open now."""
    held = {
        row.key: row.claimed_by
        for row in rows
        if row.claimed_by is not None and row.claimed_until is not None and row.claimed_until > now()
    }
    accounts = {
        account.key: account
        for account in session.scalars(select(AccountRow).where(AccountRow.key.in_(set(held.values()))))
    }
    return {key: accounts[account] for key, account in held.items()}


def complainants_of(session: Session, keys: list[int]) -> dict[int, tuple[str, ...]]:
    """Petition key → names of its writers, to mask where a letter is shown to those who do not handle it."""
    return {key: complainants(body) for key, body in last_suggestions(session, keys).items()}


def full(session: Session, row: PetitionRow, caller: Caller) -> PetitionFull:
    """The petition as this caller may see it, with its history."""
    text = session.get_one(PetitionText, row.key)
    suggestion = last_suggestion(session, row.key)
    shown = words(text, caller, complainants(suggestion.body) if suggestion else ())
    body = suggestion.body if suggestion and not (row.blind and row.decision_key is None) else None
    if body is not None and shown["masked"]:
        body = masked_suggestion(body, shown["text"])
    decided = decisions_of(session, row.key)
    return PetitionFull(
        **{**line(row, text, holder_of(session, row)).model_dump(), **shown},
        suggestion=body,
        decisions=decisions_out(session, decided, masked=shown["masked"]),
        links=_links(session, caller, row.key),
        readers=readers_of(session, row.key),
    )


def decisions_out(session: Session, decided: list[DecisionRow], *, masked: bool) -> list[DecisionOut]:
    """Decisions with their clerks' names; notes are a clerk's words on the letter and masked with it."""
    keys = {one.account_key for one in decided}
    rows = session.execute(select(AccountRow.key, AccountRow.display_name).where(AccountRow.key.in_(keys)))
    names = dict(rows.all())
    copied = (
        *("key", "version", "action", "status", "kind", "content", "discipline", "primary"),
        *("subject_unit", "handling_unit", "urgent", "undoes", "created_at"),
    )
    return [
        DecisionOut(
            **{name: getattr(one, name) for name in copied},
            note="" if masked else one.note,
            account=one.account_key,
            by=names[one.account_key],
        )
        for one in decided
    ]


def _links(session: Session, caller: Caller, key: int) -> list[LinkOut]:
    return [
        LinkOut(
            petition=link.second_key if link.first_key == key else link.first_key,
            relation=link.relation,
            score=link.score,
            evidence=link.evidence if caller.reads_in_full else [],
        )
        for link in links_of(session, caller.sight, key)
    ]
