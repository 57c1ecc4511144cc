"""The router learned from past decisions, as the Suggester asks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.decisions import district_of
from corpus.records import Petition
from models.encoder import Encoder, load_encoder
from models.features import Occurrences
from models.reading import Reading
from models.router import RouterModel
from models.router_version import load_router
from models.store import SHIPPED
from nlp.tokenise import Tokeniser

MOST = 10
LEAST = 0.01


@dataclass(frozen=True)
class PastDecisions:
    """A router with the encoder whose vectors it knows."""

    model: RouterModel
    encoder: Encoder

    @classmethod
    def load(cls, folder: Path, tokeniser: Tokeniser) -> PastDecisions:
        """The router of a version folder.

        Raises:
            ModelError: there is none, it is damaged, or it was trained with another dictionary, reader or encoder.
        """
        encoder = load_encoder(SHIPPED / "encoder")
        return cls(load_router(folder, tokeniser, encoder), encoder)

    def shares(
        self, found: Occurrences, readings: Sequence[Reading], petitions: Sequence[Petition]
    ) -> list[dict[str, float]]:
        """For every petition the names of the likeliest units with their probabilities."""
        districts = [district_of(petition) for petition in petitions]
        ranked = self.model.scores(found, self.encoder.encode(readings), districts, MOST)
        return [{name: share for name, share in units if share >= LEAST} for units in ranked]
