"""Any number of letters, varied from the written corpus, for measuring speed and memory; never for quality.

Every letter is one of the corpus with its unit names, figures and given names changed. One in ten is an earlier letter
sent again: half of them the same text with a sentence less, half with a line in front.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from corpus.records import Petition
from corpus.units import demo_county
from corpus.written import written_petitions, written_repeats

AGAIN = 0.1
REMEMBERED = 2_000
"""A letter is sent again among the next thousands, as in a ledger."""
FIRST_DAY = date(2018, 1, 1)
DAYS = 2_500
SYLLABLES = "国建志明秀英桂春德福玉兰家文永平光华海军小红金菊长生水林广才立新细毛大贵美娥喜全有根正义传友"
_NUMBER = re.compile(r"\d+")


def varied_letters(count: int, seed: int = 0) -> Iterator[Petition]:
    """So many letters; the same for the same seed."""
    chance = random.Random(seed)
    letters = [row.petition for row in (*written_petitions(), *written_repeats()) if row.split != "test"]
    villages = [unit.name for unit in demo_county().units.values() if unit.kind == "village"]
    known = re.compile("|".join(sorted(map(re.escape, villages), key=len, reverse=True)))
    earlier: list[Petition] = []
    for number in range(count):
        if earlier and chance.random() < AGAIN:
            letter = _again(chance.choice(earlier), chance)
        else:
            letter = _varied(chance.choice(letters), known, villages, chance)
            if len(earlier) < REMEMBERED:
                earlier.append(letter)
            else:
                earlier[chance.randrange(REMEMBERED)] = letter
        received = FIRST_DAY + timedelta(days=number * DAYS // count)
        yield replace(letter, id=f"v{number}", received=received.isoformat())


def _varied(letter: Petition, known: re.Pattern[str], villages: list[str], chance: random.Random) -> Petition:
    here = chance.choice(villages)
    given = "".join(chance.sample(SYLLABLES, 2))
    text = known.sub(here, letter.text)
    text = _NUMBER.sub(lambda match: _figure(match[0], chance), text)
    name = letter.petitioner
    if len(name) == 3:
        text, name = text.replace(name, name[0] + given), name[0] + given
    phone = f"154{chance.randrange(10**8):08}" if letter.phone else ""
    return replace(letter, text=text, title=known.sub(here, letter.title), petitioner=name, phone=phone)


def _figure(figures: str, chance: random.Random) -> str:
    if len(figures) == 4 and figures.startswith("20"):
        return str(chance.randrange(2015, 2025))
    return figures if len(figures) > 4 else str(chance.randrange(10 ** (len(figures) - 1), 10 ** len(figures)))


def _again(letter: Petition, chance: random.Random) -> Petition:
    if chance.random() < 0.5:
        return replace(letter, text=f"县信访局的同志：\n{letter.text}", title="")
    sentences = re.split(r"(?<=[。！？\n])", letter.text)
    del sentences[chance.randrange(len(sentences))]
    return replace(letter, text="".join(sentences) or letter.text)
