"""The rules of authority and remit: who should handle a petition (`corpus/data/routing.yaml`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from corpus.errors import DataFileError
from corpus.paths import DATA
from corpus.schemes import discipline_scheme

CONDUCTS = ("misconduct", "neglect", "review", "service")
SUBJECTS = ("village", "town", "department", "discipline", "county", "none")
TARGETS = ("subject", "town", "town_discipline", "towns_discipline", "county_discipline", "remit")
KINDS = ("accusation", "advice", "appeal", "no_substance", "out_of_scope")
BLANKS = ("subject", "post", "town", "matter", "target")


@dataclass(frozen=True, slots=True)
class Rule:
    """For a conduct of a kind of subject unit: the targets with their weights, which add up to 1, and the reason."""

    to: tuple[tuple[str, float], ...]
    reason: str


@dataclass(frozen=True)
class Routing:
    """The rules of one office.

    `rules` by (conduct, kind of subject unit), one for each; `conduct_of` by problem code or point; `without_problem`
    by kind of petition; `learned_reason` is shown where past decisions tell the remit; `distrust` matches what a writer
    says who should not be sent back to the town.
    """

    rules: dict[tuple[str, str], Rule]
    conduct_of: dict[str, str]
    otherwise: str
    without_problem: dict[str, str]
    county_discipline: tuple[str, ...]
    distrust: re.Pattern[str] | None
    learned_reason: str

    def conduct(self, code: str) -> str:
        """The conduct that a problem is; its own entry comes before its point's."""
        return self.conduct_of.get(code) or self.conduct_of.get(code[:2], self.otherwise)


def load_routing(path: Path = DATA / "routing.yaml") -> Routing:
    """The rules of the file.

    Raises:
        DataFileError: with every fault found: a missing rule, an unknown word or code, weights that do not add up.
    """
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise DataFileError(path, [f"cannot be read ({type(error).__name__})"]) from error
    problems: list[str] = []
    sections: dict[str, Any] = content if isinstance(content, dict) else {}
    missing = [name for name in ("conduct", "without_problem", "rules", "county_discipline") if name not in sections]
    if missing:
        raise DataFileError(path, [f"section {name} is missing" for name in missing])
    rules = _rules(sections["rules"], problems)
    otherwise, conduct_of = _conducts(sections["conduct"], problems)
    without = {str(kind): str(conduct) for kind, conduct in dict(sections["without_problem"]).items()}
    problems += [f"without_problem: {kind} is missing" for kind in KINDS if kind not in without]
    problems += [f"without_problem: {kind}: unknown conduct" for kind, one in without.items() if one not in CONDUCTS]
    learned = _reason(str(sections.get("learned_reason", "{target}")), "learned_reason", problems)
    distrust = _patterns(sections.get("distrust") or [], problems)
    if problems:
        raise DataFileError(path, problems)
    names = tuple(str(name) for name in sections["county_discipline"])
    return Routing(rules, conduct_of, otherwise, without, names, distrust, learned)


def _rules(rows: Any, problems: list[str]) -> dict[tuple[str, str], Rule]:
    rules: dict[tuple[str, str], Rule] = {}
    for number, row in enumerate(rows if isinstance(rows, list) else [], 1):
        where = f"rules: entry {number}"
        if not isinstance(row, dict) or set(row) != {"conduct", "subject", "to", "reason"}:
            problems.append(f"{where}: needs exactly conduct, subject, to and reason")
            continue
        key = (str(row["conduct"]), str(row["subject"]))
        if key[0] not in CONDUCTS or key[1] not in SUBJECTS:
            problems.append(f"{where}: conduct is one of {', '.join(CONDUCTS)}, subject one of {', '.join(SUBJECTS)}")
        if key in rules:
            problems.append(f"{where}: {key[0]} of {key[1]} has a rule already")
        rules[key] = Rule(_targets(row["to"], where, problems), _reason(str(row["reason"]), where, problems))
    absent = [(conduct, subject) for conduct in CONDUCTS for subject in SUBJECTS if (conduct, subject) not in rules]
    problems += [f"rules: none for {conduct} of {subject}" for conduct, subject in absent]
    return rules


def _targets(table: Any, where: str, problems: list[str]) -> tuple[tuple[str, float], ...]:
    if not isinstance(table, dict) or not table or not all(isinstance(one, (int, float)) for one in table.values()):
        problems.append(f"{where}: to must list targets with weights")
        return ()
    problems += [f"{where}: unknown target; use {', '.join(TARGETS)}" for name in table if name not in TARGETS]
    if abs(sum(table.values()) - 1) > 0.001 or min(table.values()) < 0:
        problems.append(f"{where}: weights must be positive and add up to 1")
    return tuple((str(name), float(weight)) for name, weight in table.items())


def _reason(text: str, where: str, problems: list[str]) -> str:
    try:
        text.format(**dict.fromkeys(BLANKS, ""))
    except (KeyError, IndexError, ValueError):
        problems.append(f"{where}: the reason may only use {', '.join(f'{{{name}}}' for name in BLANKS)}")
    return text


def _conducts(table: Any, problems: list[str]) -> tuple[str, dict[str, str]]:
    conduct_of: dict[str, str] = {}
    scheme = discipline_scheme()
    entries = dict(table) if isinstance(table, dict) else {}
    otherwise = str(entries.pop("otherwise", ""))
    if otherwise not in CONDUCTS:
        problems.append(f"conduct: otherwise must be one of {', '.join(CONDUCTS)}")
    for conduct, codes in entries.items():
        if conduct not in CONDUCTS:
            problems.append(f"conduct: {conduct} is none of {', '.join(CONDUCTS)}")
        for code in codes or ():
            if code not in scheme:
                problems.append(f"conduct: {conduct}: {code} is not in the discipline scheme")
            if conduct_of.setdefault(str(code), str(conduct)) != conduct:
                problems.append(f"conduct: {code} stands under two")
    return otherwise, conduct_of


def _patterns(patterns: Any, problems: list[str]) -> re.Pattern[str] | None:
    for number, pattern in enumerate(patterns, 1):
        try:
            re.compile(pattern)
        except (re.error, TypeError):
            problems.append(f"distrust: entry {number} is no regular expression")
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns)) if patterns and not problems else None
