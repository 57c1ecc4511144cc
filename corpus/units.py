"""The registry of units: county → bureaus, discipline offices, towns → villages, with aliases and remits."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from corpus.encoding import detect_encoding
from corpus.errors import DataFileError
from corpus.paths import DATA

KINDS = ("county", "department", "discipline", "town", "village")
COLUMNS = ("code", "name", "kind", "parent", "aliases", "remit")


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit; `remit` lists the matters it is responsible for (职责)."""

    code: str
    name: str
    kind: str
    parent: str | None
    aliases: tuple[str, ...] = ()
    remit: tuple[str, ...] = ()


@dataclass(frozen=True)
class UnitRegistry:
    """The units of one county (or larger area) by code, in the order of their file."""

    units: dict[str, Unit]

    def __contains__(self, code: object) -> bool:
        return code in self.units

    def __getitem__(self, code: str) -> Unit:
        return self.units[code]

    def ancestors(self, code: str) -> list[Unit]:
        """From the top down to the unit itself."""
        chain: list[Unit] = []
        step: str | None = code
        while step is not None:
            chain.insert(0, self.units[step])
            step = chain[0].parent
        return chain

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """Name or alias → codes of the units that bear it; several where a name is ambiguous."""
        table: dict[str, list[str]] = {}
        for unit in self.units.values():
            for name in dict.fromkeys((unit.name, *unit.aliases)):
                table.setdefault(name, []).append(unit.code)
        return table


def demo_county() -> UnitRegistry:
    """云泽县, a county that does not exist."""
    return load_units(DATA / "units.csv")


def load_units(path: Path) -> UnitRegistry:
    """A registry from a csv with the columns code, name, kind, parent, aliases, remit (lists joined by |, remit by ;).

    The same alias may stand under two parents (two towns can each have a 新民村); under one parent it may not,
    since nothing in a letter could then tell the two units apart.

    Raises:
        DataFileError: with every fault found, each with its row and code.
    """
    units: dict[str, Unit] = {}
    rows: dict[str, int] = {}
    problems: list[str] = []
    for row, unit in _read(path):
        fault = _fault(unit, units)
        if fault:
            problems.append(f"row {row}: {unit.code!r}: {fault}")
        units.setdefault(unit.code, unit)
        rows.setdefault(unit.code, row)
    for unit in units.values():
        if fault := _parent_fault(unit, units):
            problems.append(f"row {rows[unit.code]}: {unit.code!r}: {fault}")
    problems += [f"row {rows[code]}: {code!r}: {fault}" for code, fault in _shared_aliases(units)]
    if problems:
        raise DataFileError(path, problems)
    return UnitRegistry(units)


def _read(path: Path) -> list[tuple[int, Unit]]:
    with path.open(encoding=detect_encoding(path), errors="replace", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in COLUMNS[:4] if name not in (reader.fieldnames or ())]
        if missing:
            raise DataFileError(path, [f"row 1: column {', '.join(missing)} is missing"])
        return [(reader.line_num, _unit(record)) for record in reader]


def _unit(record: dict[str, str | None]) -> Unit:
    cells = {name: (record.get(name) or "").strip() for name in COLUMNS}
    aliases = tuple(dict.fromkeys(alias.strip() for alias in cells["aliases"].split("|") if alias.strip()))
    remit = tuple(item.strip() for item in cells["remit"].split(";") if item.strip())
    return Unit(cells["code"], cells["name"], cells["kind"], cells["parent"] or None, aliases, remit)


def _fault(unit: Unit, earlier: dict[str, Unit]) -> str:
    if not unit.code or not unit.name:
        return "code or name is empty"
    if unit.code in earlier:
        return f"stands twice; the first is {earlier[unit.code].name}"
    if unit.kind not in KINDS:
        return f"unknown kind {unit.kind!r}; use one of {', '.join(KINDS)}"
    return ""


def _parent_fault(unit: Unit, units: dict[str, Unit]) -> str:
    if unit.parent is not None and unit.parent not in units:
        return f"its parent {unit.parent!r} is unknown"
    seen = {unit.code}
    step = unit.parent
    while step is not None and step in units:
        if step in seen:
            return f"its parents form a circle through {step!r}"
        seen.add(step)
        step = units[step].parent
    return ""


def _shared_aliases(units: dict[str, Unit]) -> list[tuple[str, str]]:
    owners: dict[tuple[str | None, str], str] = {}
    faults = []
    for unit in units.values():
        for name in dict.fromkeys((unit.name, *unit.aliases)):
            owner = owners.setdefault((unit.parent, name), unit.code)
            if owner != unit.code:
                faults.append((unit.code, f"the name or alias {name!r} belongs to {owner!r} as well"))
    return faults
