"""The names of the sets by which letters are compared."""

from __future__ import annotations

WEIGHED = ("words", "bigrams")
GRAMS = (*WEIGHED, "trigrams")
AGREEMENT = (
    *("villages", "towns", "first_unit"),
    *("people", "given_names", "surnames", "accused_posts"),
    *("amounts", "rough_amounts", "figures", "years", "months", "dates", "groups"),
)
"""Particulars of the matter, which agree or conflict."""
PETITIONER = ("petitioners", "petitioner_surnames", "phones")
SETS = (*GRAMS, *AGREEMENT, *PETITIONER)
