"""Taking petitions in: Art. 15 first, then the suggestion, then the store. Used by HTTP, page and command line."""

from __future__ import annotations

import hashlib
import logging
from datetime import date
from typing import Any

from corpus.records import Petition
from models.suggester import Failed, Suggester
from service.office import Office
from service.reserved import HeldBackPetition, held_back
from service.store.engine import Store
from service.store.held import count_held_back

log = logging.getLogger("fenban")


def keep_out(store: Store, office: Office, petition: Petition, flag: str | None) -> HeldBackPetition | None:
    """What the clerk is told where Art. 15 keeps the petition out; it is then counted, and nothing else is kept."""
    held = held_back(petition.full_text()[0], flag, office.ranks, office.heads, date.today())
    if held is not None:
        count_held_back(store, held.rule, held.seen_by)
    return held


def is_blind(text: str, share: float) -> bool:
    """Whether a petition is shown without suggestions: by a hash of its text, so that a copy shares its lot."""
    digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:4], "big") < share * 2**32


def suggestion_for(suggester: Suggester | None, petition: Petition) -> dict[str, Any] | None:
    """The object of `fenban tag`, or None where no model is loaded or the program fails at the petition."""
    if suggester is None:
        return None
    (found,) = suggester.suggest_each([petition])
    if isinstance(found, Failed):
        log.error("no suggestion for a petition: %s", found.error)
        return None
    return found.to_dict()
