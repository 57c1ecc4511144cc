"""Closed decisions as examples to learn from, without petitioner data."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.feedback import FeedbackExample
from service.masking import complainants, masked_text
from service.store.petition_tables import DECIDED, DecisionRow, PetitionRow, PetitionText, SuggestionRow


def feedback_examples(session: Session) -> Iterator[FeedbackExample]:
    """One example for every petition whose standing decision closes it. Confidential petitions are no examples."""
    query = (
        select(PetitionRow, PetitionText, DecisionRow, SuggestionRow.body)
        .join(PetitionText, PetitionText.petition_key == PetitionRow.key)
        .join(DecisionRow, DecisionRow.key == PetitionRow.decision_key)
        .outerjoin(SuggestionRow, SuggestionRow.key == DecisionRow.suggestion_key)
        .where(DecisionRow.status == DECIDED, PetitionRow.confidential.is_(False))
        .order_by(PetitionRow.key)
        .execution_options(yield_per=500)
    )
    for row, text, decision, body in session.execute(query):
        words = f"{text.title}\n{text.text}" if text.title.strip() else text.text
        yield FeedbackExample(
            text=masked_text(words, text.petitioner, text.phone, complainants(body) if body else ()),
            group=f"matter {row.matter_key}" if row.matter_key else f"petition {row.key}",
            kind=decision.kind,
            content=decision.content,
            discipline=tuple(decision.discipline),
            primary=decision.primary,
            urgent=decision.urgent,
        )
