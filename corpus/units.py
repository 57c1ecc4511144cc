"""The registry of units: county → bureaus, discipline offices, towns → villages, with aliases and remits."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from corpus.encoding import detect_encoding
from corpus.errors import DataFileError
from corpus.paths import DATA

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
KINDS = ("county", "department", "discipline", "town", "village")
COLUMNS = ("code", "name", "kind", "parent", "aliases", "remit", "valid_from", "valid_until", "successor")
REQUIRED = COLUMNS[:4]


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit; `remit` lists the matters it is responsible for (职责).

    `valid_from` and `valid_until` are the first and last day (ISO) on which there was such a unit, "" where it has no
    such bound; `successor` is the unit that it was merged into or renamed to.
    """

    code: str
    name: str
    kind: str
    parent: str | None
    aliases: tuple[str, ...] = ()
    remit: tuple[str, ...] = ()
    valid_from: str = ""
    valid_until: str = ""
    successor: str | None = None


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

    @cached_property
    def ambiguous_names(self) -> dict[str, list[str]]:
        """Names and aliases that several units of today bear, by which alone no unit is known."""
        today = self.as_of("")
        return {name: codes for name, codes in today.by_name.items() if len(codes) > 1}

    @cached_property
    def last_days(self) -> tuple[str, ...]:
        """The days after which some unit was no more and had a successor, in order."""
        days = {unit.valid_until for unit in self.units.values() if unit.valid_until and unit.successor}
        return tuple(sorted(days))

    def as_of(self, day: str) -> UnitRegistry:
        """The registry on that day (ISO; "" is today's): what had been merged or renamed by then is its successor.

        The old names become aliases of the successor, and what was below the old unit is below the new one.
        """
        gone = {
            code: unit.successor
            for code, unit in self.units.items()
            if unit.successor and unit.valid_until and (not day or unit.valid_until < day)
        }
        if not gone:
            return self
        heir = {code: self._heir(code, gone) for code in gone}
        old_names: dict[str, list[str]] = {}
        for code, successor in heir.items():
            old_names.setdefault(successor, []).extend((self.units[code].name, *self.units[code].aliases))
        units = {}
        for code, unit in self.units.items():
            if code not in gone:
                aliases = tuple(dict.fromkeys((*unit.aliases, *old_names.get(code, ()))))
                parent = heir.get(unit.parent, unit.parent) if unit.parent else None
                own = tuple(alias for alias in aliases if alias != unit.name)
                units[code] = replace(unit, parent=parent, aliases=own)
        return UnitRegistry(units)

    def _heir(self, code: str, gone: dict[str, str]) -> str:
        while code in gone:
            code = gone[code]
        return code


def demo_county() -> UnitRegistry:
    """云泽县, a county that does not exist."""
    return load_units(DATA / "units.csv")


def load_units(path: Path) -> UnitRegistry:
    """A registry from a csv with the columns code, name, kind, parent, aliases, remit (lists joined by |, remit by ;).

    Columns that may be left out: valid_from, valid_until (YYYY-MM-DD) and successor, for units merged or renamed.
    The same alias may stand under two parents (two towns can each have a 新民村); under one parent it may not,
    since nothing in a letter could then tell the two units apart.

    Raises:
        DataFileError: with every fault found, each with its row and code.
    """
    return checked_registry(path, _read(path))


def checked_registry(path: Path, numbered: Iterable[tuple[int, Unit]]) -> UnitRegistry:
    """A registry of the units, each given with its row.

    Raises:
        DataFileError: with every fault found, each with its row and code.
    """
    units: dict[str, Unit] = {}
    rows: dict[str, int] = {}
    problems: list[str] = []
    for row, unit in numbered:
        fault = _fault(unit, units)
        if fault:
            problems.append(f"row {row}: {unit.code!r}: {fault}")
        units.setdefault(unit.code, unit)
        rows.setdefault(unit.code, row)
    for unit in units.values():
        for fault in (_parent_fault(unit, units), _successor_fault(unit, units)):
            if fault:
                problems.append(f"row {rows[unit.code]}: {unit.code!r}: {fault}")
    problems += [f"row {rows[code]}: {code!r}: {fault}" for code, fault in _shared_aliases(units)]
    if problems:
        raise DataFileError(path, problems)
    return UnitRegistry(units)


def _read(path: Path) -> list[tuple[int, Unit]]:
    with path.open(encoding=detect_encoding(path), errors="replace", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
        if missing:
            raise DataFileError(path, [f"row 1: column {', '.join(missing)} is missing"])
        return [(reader.line_num, _unit(record)) for record in reader]


def _unit(record: dict[str, str | None]) -> Unit:
    cells = {name: (record.get(name) or "").strip() for name in COLUMNS}
    aliases = tuple(dict.fromkeys(alias.strip() for alias in cells["aliases"].split("|") if alias.strip()))
    remit = tuple(item.strip() for item in cells["remit"].split(";") if item.strip())
    dates = cells["valid_from"], cells["valid_until"]
    return Unit(
        cells["code"],
        cells["name"],
        cells["kind"],
        cells["parent"] or None,
        aliases,
        remit,
        *dates,
        cells["successor"] or None,
    )


def _fault(unit: Unit, earlier: dict[str, Unit]) -> str:
    if not unit.code or not unit.name:
        return "code or name is empty"
    if unit.code in earlier:
        return f"stands twice; the first is {earlier[unit.code].name}"
    if unit.kind not in KINDS:
        return f"unknown kind {unit.kind!r}; use one of {', '.join(KINDS)}"
    if any(day and not _DAY.fullmatch(day) for day in (unit.valid_from, unit.valid_until)):
        return "valid_from and valid_until are days like 2024-03-01"
    if unit.valid_from and unit.valid_until and unit.valid_until < unit.valid_from:
        return "valid_until is before valid_from"
    return ""


def _successor_fault(unit: Unit, units: dict[str, Unit]) -> str:
    if unit.successor is None:
        return ""
    if unit.successor not in units:
        return f"its successor {unit.successor!r} is unknown"
    if not unit.valid_until:
        return "has a successor but no valid_until"
    seen = {unit.code}
    step: str | None = unit.successor
    while step is not None and step in units:
        if step in seen:
            return f"its successors form a circle through {step!r}"
        seen.add(step)
        step = units[step].successor
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
            # A renamed unit and the one it became may share a name.
            if owner != unit.code and not (unit.successor or units[owner].successor):
                faults.append((unit.code, f"the name or alias {name!r} belongs to {owner!r} as well"))
    return faults
