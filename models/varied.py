"""Letters varied from the written corpus: to learn what a copy and a template are, and to measure speed and memory.

`varied_letters` gives any number: each is one of the corpus with its villages, figures and names changed, and one in
ten is an earlier letter sent again, with a sentence less or a line in front.
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
LEAST_SENTENCES = 2
SYLLABLES = "国建志明秀英桂春德福玉兰家文永平光华海军小红金菊长生水林广才立新细毛大贵美娥喜全有根正义传友"
_NUMBER = re.compile(r"\d+")


class Variation:
    """Ways to vary a letter, by chance of one seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self._villages = [unit.name for unit in demo_county().units.values() if unit.kind == "village"]
        self._known = re.compile("|".join(sorted(map(re.escape, self._villages), key=len, reverse=True)))

    def elsewhere(self, letter: Petition) -> Petition:
        """The same letter about another village, with other figures, signed by another given name."""
        chance = self.chance
        here = chance.choice(self._villages)
        text = _NUMBER.sub(lambda match: _figure(match[0], chance), self._known.sub(here, letter.text))
        name = letter.petitioner
        if len(name) == 3:
            given = "".join(chance.sample(SYLLABLES, 2))
            text, name = text.replace(name, name[0] + given), name[0] + given
        phone = f"154{chance.randrange(10**8):08}" if letter.phone else ""
        return replace(letter, text=text, title=self._known.sub(here, letter.title), petitioner=name, phone=phone)

    def again(self, letter: Petition, latest: int = 0) -> Petition:
        """The same letter with a sentence less or a line in front; `latest` days later at most."""
        chance = self.chance
        if latest and letter.received:
            day = date.fromisoformat(letter.received[:10]) + timedelta(days=chance.randrange(latest))
            letter = replace(letter, received=day.isoformat())
        if chance.random() < 0.5:
            return replace(letter, text=f"县信访局的同志：\n{letter.text}", title="")
        sentences = re.split(r"(?<=[。！？\n])", letter.text)
        if len(sentences) > LEAST_SENTENCES:
            del sentences[chance.randrange(len(sentences))]
        return replace(letter, text="".join(sentences))


def varied_letters(count: int, seed: int = 0) -> Iterator[Petition]:
    """So many letters; the same for the same seed."""
    variation = Variation(seed)
    chance = variation.chance
    letters = [row.petition for row in (*written_petitions(), *written_repeats()) if row.split != "test"]
    earlier: list[Petition] = []
    for number in range(count):
        if earlier and chance.random() < AGAIN:
            letter = variation.again(chance.choice(earlier))
        else:
            letter = variation.elsewhere(chance.choice(letters))
            if len(earlier) < REMEMBERED:
                earlier.append(letter)
            else:
                earlier[chance.randrange(REMEMBERED)] = letter
        received = FIRST_DAY + timedelta(days=number * DAYS // count)
        yield replace(letter, id=f"v{number}", received=received.isoformat())


def _figure(figures: str, chance: random.Random) -> str:
    if len(figures) == 4 and figures.startswith("20"):
        return str(chance.randrange(2015, 2025))
    return figures if len(figures) > 4 else str(chance.randrange(10 ** (len(figures) - 1), 10 ** len(figures)))
