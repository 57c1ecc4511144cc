"""What linking units costs of the whole `tag` time, with the demo county and with a generated country. `make bench`."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

import pytest

from corpus.records import Petition
from corpus.units import Unit, UnitRegistry, demo_county
from models.reading import Reading, read
from models.suggester import Suggester
from models.unit_finder import mention_finder
from nlp.mentions import MentionFinder

pytestmark = pytest.mark.benchmark
FIRST = "赵钱孙李周吴郑王冯陈石桥红星团结和平光明新民杨柳大小上下东西南北青白黄金银龙马牛羊松竹梅兰"
LAST = "湾冲岭坡塘河口山水泉庄屯店铺沟坪坝岩洞寨垸洲滩嘴垭溪港埠桥井家"
COUNTIES, TOWNS, VILLAGES = 2_070, 20, 15


def country() -> UnitRegistry:
    """About 620,000 villages of 41,400 towns; names are shared as they are in the real country."""
    draw = random.Random(1)
    units = []
    for county in range(COUNTIES):
        above = f"{county:06d}"
        units.append(Unit(above, draw.choice(FIRST) + draw.choice(FIRST) + "县", "county", None))
        units += [Unit(f"{above}D{name}", f"县{name}", "department", above, (name,)) for name in ("民政局", "公安局")]
        for town in range(TOWNS):
            code = f"{above}{town:03d}"
            units.append(Unit(code, draw.choice(FIRST) + draw.choice(LAST) + "镇", "town", above))
            names = {
                "".join(draw.choices(FIRST, k=draw.choice((1, 1, 1, 2)))) + draw.choice(LAST) for _ in range(VILLAGES)
            }
            units += [Unit(f"{code}{n:03d}", f"{name}村", "village", code) for n, name in enumerate(sorted(names))]
    return UnitRegistry({unit.code: unit for unit in units})


def with_places(letters: Sequence[Petition], registry: UnitRegistry) -> tuple[list[Petition], list[str]]:
    """The letters, each about a village of the registry, and the villages' codes."""
    draw = random.Random(2)
    villages = [unit for unit in registry.units.values() if unit.kind == "village"]
    chosen = [draw.choice(villages) for _ in letters]
    texts = []
    for letter, village in zip(letters, chosen, strict=True):
        where = "".join(unit.name for unit in registry.ancestors(village.code))
        texts.append(Petition(id=letter.id, text=f"{where}的情况。{letter.text}"))
    return texts, [village.code for village in chosen]


def seconds_a_text(finder: MentionFinder, readings: Sequence[Reading]) -> float:
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        for reading in readings:
            finder.find(reading.text, reading.words)
        best = min(best, time.perf_counter() - start)
    return best / len(readings)


def test_share_of_linking(suggester: Suggester, letters: list[Petition], capsys: pytest.CaptureFixture[str]) -> None:
    many = letters * 12
    list(suggester.suggest_all(many))
    start = time.perf_counter()
    list(suggester.suggest_all(many))
    whole = (time.perf_counter() - start) / len(many)
    figures = {}
    for name, registry, most in (("155 units", demo_county(), 0.1), ("620,000 villages", country(), 0.5)):
        start = time.perf_counter()
        finder = mention_finder(registry)
        built = time.perf_counter() - start
        texts, codes = with_places(many, registry)
        readings = [read(text, suggester.tokeniser) for text in texts]
        each = seconds_a_text(finder, readings)
        found = [
            any(one.code == code for one in finder.find(r.text, r.words))
            for r, code in zip(readings, codes, strict=True)
        ]
        figures[name] = (built, each, each / whole, sum(found) / len(found), most)
    with capsys.disabled():
        print(f"\nall of suggest: {whole * 1e6:.0f} µs a petition")
        for name, (built, each, share, linked, _) in figures.items():
            print(
                f"  {name:<18} built in {built:.1f} s, {each * 1e6:.0f} µs a petition, {share:.0%}; linked {linked:.1%}"
            )
    for _, _, share, linked, most in figures.values():
        assert share < most
        assert linked > 0.97
