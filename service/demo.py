"""Forty letters of the invented county, so that a new office can try the queue before its own letters are in."""

from __future__ import annotations

from dataclasses import replace

from corpus.records import Petition
from corpus.written import written_petitions, written_repeats
from service.bulk import Importer
from service.intake import keep_out
from service.store.imports import imported_rows

SOURCE = "demo"
SPLIT = "dev"
"""The shipped models have learned from it too, so they are surer here than on an office's own letters. The test split
measures them and is kept out."""
LETTERS = 40
REPEATED = 4
"""How many of them are of one matter, so that there is something to merge."""


def demo_letters() -> list[Petition]:
    """The letters, in the order of their arrival, numbered from 1."""
    repeats = written_repeats(SPLIT)
    matters = [one.gold.matter for one in repeats]
    matter = next(name for name in matters if matters.count(name) >= REPEATED)
    family = [one.petition for one in repeats if one.gold.matter == matter][:REPEATED]
    written = [one.petition for one in written_petitions(SPLIT)]
    others = LETTERS - len(family)
    spread = [written[position * len(written) // others] for position in range(others)]
    ordered = sorted([*family, *spread], key=lambda one: one.received)
    return [replace(one, row=row) for row, one in enumerate(ordered, 1)]


def add_demo(importer: Importer) -> int:
    """Puts the letters that are not there yet into the queue; gives how many. Art. 15 holds for them as for all."""
    with importer.store.read() as session:
        known = imported_rows(session, SOURCE)
    new = [
        importer.intake(letter, SOURCE)
        for letter in demo_letters()
        if letter.row not in known and keep_out(importer.store, importer.office, letter, None) is None
    ]
    return importer.add(new)
