"""Ledgers that say only what a test is about."""

from __future__ import annotations

import pandas as pd

from models.analysis.ledger import make_ledger


def ledger_of(*rows: dict[str, object]) -> pd.DataFrame:
    """A ledger of rows that say only what they are about."""
    usual = {
        "kind_label": "accusation",
        "content_label": "农村农业/村务管理",
        "primary": "Z0",
        "subject_unit_code": "",
        "received": "2025-05-06",
        "channel": "letter",
        "discipline_accepted": True,
        "urgent_flag": False,
    }
    return make_ledger(pd.DataFrame([{**usual, "id": str(number), **row} for number, row in enumerate(rows)]))
