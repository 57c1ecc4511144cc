"""fenban units: an office's registry of units."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import FenbanError, InputError

if TYPE_CHECKING:
    from corpus.units import UnitRegistry

SHOWN = 20


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser = subparsers.add_parser("units", help="import or check the office's registry of units")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    load = actions.add_parser("import", help="an office's own csv or xlsx, or a county of the national divisions")
    load.add_argument("table", nargs="?", type=Path, help="csv or xlsx with a column of names")
    load.add_argument("--divisions", type=Path, help="folder with areas.csv and streets.csv, instead of a table")
    load.add_argument("--county", help="code or name of the county in the divisions")
    load.add_argument("--out", required=True, type=Path, help="registry to write (csv), for --county of other commands")
    load.set_defaults(run=run_import)
    check = actions.add_parser("check", help="check a registry and list the names that several units bear")
    check.add_argument("registry", type=Path)
    check.set_defaults(run=run_check)


def run_import(options: argparse.Namespace) -> int:
    """Writes the registry and tells what is ambiguous in it."""
    from corpus.unit_import import import_county, import_units, write_units

    if not options.out.parent.is_dir():
        raise InputError(options.out, f"the folder {options.out.parent} does not exist")
    if options.divisions is not None:
        if options.table is not None or not options.county:
            raise FenbanError("--divisions needs --county and no table")
        registry = import_county(options.divisions, options.county)
    elif options.table is not None:
        registry = import_units(options.table)
    else:
        raise FenbanError("give a table, or --divisions with --county")
    write_units(options.out, registry)
    _tell(registry)
    print(f"fenban: written: {options.out}", file=sys.stderr)
    return 0


def run_check(options: argparse.Namespace) -> int:
    """Tells the faults of a registry, or what it holds and what is ambiguous in it."""
    from corpus.units import load_units

    _tell(load_units(options.registry))
    return 0


def _tell(registry: UnitRegistry) -> None:
    kinds: dict[str, int] = {}
    for unit in registry.units.values():
        kinds[unit.kind] = kinds.get(unit.kind, 0) + 1
    print(f"{len(registry.units)} units: " + ", ".join(f"{count} {kind}" for kind, count in kinds.items()))
    shared = registry.ambiguous_names
    print(f"{len(shared)} names that several units bear; a text must name their town as well:")
    for name, codes in sorted(shared.items(), key=lambda item: (-len(item[1]), item[0]))[:SHOWN]:
        above = [registry[parent].name if (parent := registry[code].parent) else "-" for code in codes[:5]]
        print(f"  {name}: " + ", ".join(f"{code} ({up})" for code, up in zip(codes, above, strict=False)))
