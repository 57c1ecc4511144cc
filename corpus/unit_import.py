"""An office's own table of units, and a county of the national list of divisions, as a registry."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from corpus.encoding import detect_encoding
from corpus.errors import DataFileError, InputError
from corpus.headers import comparable
from corpus.paths import DATA
from corpus.rows import cell_text
from corpus.tables import csv_rows
from corpus.units import COLUMNS, Unit, UnitRegistry, checked_registry, demo_county
from corpus.xlsx import visible_sheets

Words = dict[str, dict[str, str]]
Table = list[tuple[int, list[str]]]
"""The rows that hold anything, with their numbers."""
SEPARATORS = str.maketrans("、，,；;／/", "|||||||")
TOWN_OFFICE = "属地管理"
VILLAGE_CADRES = "村（社区）干部违纪"


def import_units(path: Path) -> UnitRegistry:
    """The registry of an office's csv or xlsx; parents and successors may be given by code or by name.

    Kinds may be worded as offices do (乡镇, 县直单位), or be left out where names tell them. Codes may be left out.
    Of a workbook the one sheet counts that has a column of names.

    Raises:
        InputError: no such table, none of its columns is a name, or several sheets have one.
        DataFileError: with every fault of the units, each with its row.
    """
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise InputError(path, "a registry is read from csv or xlsx")
    words = _words()
    table, columns = _table_of_units(path, words)
    rows = [(number, _fields(cells, columns)) for number, cells in table[1:]]
    rows = [(number, fields) for number, fields in rows if fields["name"]]
    return checked_registry(path, _units(rows, words))


def import_county(divisions: Path, county: str) -> UnitRegistry:
    """A county with its towns from the national list (areas.csv, streets.csv), its 纪委 offices and usual bureaus.

    Villages are not in the list; an office adds them to the file.

    Args:
        divisions: folder of the list.
        county: its code (six digits) or its name; a name that several counties bear needs the code.

    Raises:
        InputError: the folder has no such list, or no or several counties are so called.
    """
    areas = _read(divisions / "areas.csv")
    found = [row for row in areas if county in (row["code"], row["name"])]
    if len(found) != 1:
        codes = ", ".join(row["code"] for row in found)
        raise InputError(
            divisions / "areas.csv", f"several counties are so called: {codes}" if found else "no such county"
        )
    code, name = found[0]["code"], found[0]["name"]
    core, level = name[:-1] if len(name) > 2 else name, name[-1]
    towns = [row for row in _read(divisions / "streets.csv") if row["areaCode"] == code]
    units = [
        Unit(
            code, name, "county", None, tuple(dict.fromkeys((core, f"我{level}", f"全{level}"))) if core != name else ()
        )
    ]
    units += [_standard(unit, code, core, level) for unit in demo_county().units.values() if unit.kind == "department"]
    for row in towns:
        town = row["name"].removesuffix("办事处")
        office = "纪工委" if town.endswith("街道") else "纪委"
        units.append(Unit(row["code"], town, "town", code, (), (TOWN_OFFICE,)))
        units.append(
            Unit(
                f"{row['code']}K", f"{town}{office}", "discipline", row["code"], ("镇纪委", "乡纪委"), (VILLAGE_CADRES,)
            )
        )
    return checked_registry(divisions, enumerate(units, 1))


def write_units(path: Path, registry: UnitRegistry) -> None:
    """The registry as the csv that `load_units` reads."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for unit in registry.units.values():
            lists = "|".join(unit.aliases), ";".join(unit.remit)
            dates = unit.valid_from, unit.valid_until, unit.successor or ""
            writer.writerow((unit.code, unit.name, unit.kind, unit.parent or "", *lists, *dates))


def _standard(unit: Unit, county: str, core: str, level: str) -> Unit:
    """A bureau of the demo county as another county has it: 县财政局 is 区财政局 in a district."""
    name = unit.name.replace("云泽", core)
    name = level + name[1:] if name.startswith("县") else name
    aliases = tuple(level + alias[1:] if alias.startswith("县") else alias for alias in unit.aliases)
    return Unit(f"{county}{unit.code}", name, unit.kind, county, aliases, unit.remit)


def _table_of_units(path: Path, words: Words) -> tuple[Table, dict[str | None, int]]:
    """The table that names units, and where its columns stand."""
    tables = [table for rows in _sheets(path) if (table := _filled(path, rows))]
    if not tables:
        raise InputError(path, "the table has no rows")
    headed = [(table, _columns(table[0][1], words)) for table in tables]
    named = [(table, columns) for table, columns in headed if "name" in columns]
    if len(named) > 1:
        raise InputError(path, f"{len(named)} sheets have a column of unit names; put all units into one sheet")
    if not named:
        raise InputError(path, "no column is known as the name of a unit; name one of them name or 单位名称")
    return named[0]


def _columns(header: Sequence[str], words: Words) -> dict[str | None, int]:
    return {words["columns"].get(comparable(name)): number for number, name in enumerate(header)}


def _sheets(path: Path) -> list[Iterable[tuple[int, Sequence[Any] | str]]]:
    if path.suffix.lower() == ".xlsx":
        return [enumerate(rows, 1) for rows in visible_sheets(path)]
    return [csv_rows(path)]


def _filled(path: Path, rows: Iterable[tuple[int, Sequence[Any] | str]]) -> Table:
    table = []
    for number, cells in rows:
        if isinstance(cells, str):
            raise DataFileError(path, [f"row {number}: {cells}"])
        texts = [cell_text(cell).strip() for cell in cells]
        if any(texts):
            table.append((number, texts))
    return table


def _fields(cells: Sequence[str], columns: Mapping[str | None, int]) -> dict[str, str]:
    return {name: cells[columns[name]] if name in columns and columns[name] < len(cells) else "" for name in COLUMNS}


def _units(rows: Sequence[tuple[int, dict[str, str]]], words: Words) -> Iterable[tuple[int, Unit]]:
    codes: dict[str, str] = {}
    for number, fields in rows:
        fields["code"] = fields["code"] or f"U{number:05d}"
        codes.setdefault(fields["name"], fields["code"])
    for number, fields in rows:
        remit = fields["remit"].translate(SEPARATORS)
        aliases = (part.strip() for part in fields["aliases"].translate(SEPARATORS).split("|"))
        yield (
            number,
            Unit(
                fields["code"],
                fields["name"],
                _kind(fields, words),
                codes.get(fields["parent"], fields["parent"]) or None,
                tuple(dict.fromkeys(alias for alias in aliases if alias and alias != fields["name"])),
                tuple(part.strip() for part in remit.split("|") if part.strip()),
                _day(fields["valid_from"]),
                _day(fields["valid_until"]),
                codes.get(fields["successor"], fields["successor"]) or None,
            ),
        )


def _kind(fields: Mapping[str, str], words: Words) -> str:
    if fields["kind"]:
        return words["kinds"].get(comparable(fields["kind"]), fields["kind"])
    fits = (kind for ending, kind in words["endings"].items() if fields["name"].endswith(ending))
    kind = next(fits, "department")
    return "department" if kind == "county" and fields["parent"] else kind


def _day(text: str) -> str:
    """2024/3/1 and 2024年3月1日 as 2024-03-01; anything else as it stands, for the check to tell."""
    parts = [
        part
        for part in text.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").split("-")
        if part
    ]
    if len(parts) >= 3 and all(part.isdigit() for part in parts[:3]):
        return f"{int(parts[0]):04d}-{int(parts[1]):02d}-{int(parts[2]):02d}"
    return text


def _words(path: Path = DATA / "unit_headers.yaml") -> Words:
    content = yaml.safe_load(path.read_text("utf-8"))
    tables = {
        section: {comparable(word): name for name, words in content[section].items() for word in words}
        for section in ("columns", "kinds")
    }
    return {**tables, "endings": {word: kind for kind, words in content["endings"].items() for word in words}}


def _read(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        raise InputError(path, "is missing; give the folder that holds areas.csv and streets.csv")
    with path.open(encoding=detect_encoding(path), newline="") as file:
        return list(csv.DictReader(file))
