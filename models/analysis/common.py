"""Common and individual problems (共性、个性): found in many units, or in one far oftener than to be expected."""

from __future__ import annotations

import numpy as np
import pandas as pd

from corpus.analysis_rules import CommonRules
from models.analysis.ledger import cases
from models.categories import problem_names

COMMON, INDIVIDUAL, SCATTERED = "共性", "个性", "零星"
COLUMNS = (
    "code", "name", "type", "cases", "units", "share_of_units", "expected_units", "spread", "unit", "unit_name",
    "unit_cases", "lift", "p", "q",
)  # fmt: skip


def common_problems(ledger: pd.DataFrame, rules: CommonRules, level: str = "problem") -> pd.DataFrame:
    """A row a problem, most cases first; counted are cases of letters that name a unit.

    How far a problem is spread: `units` with a case, their share of all units with any case, and `expected_units`, what
    would be expected were the cases dealt out blindly to units by their number of cases (rarefaction: Hurlbert, 1971);
    `spread` is the ratio of both, 1 for a problem tied to no unit.

    How far it is tied to one unit: for every unit and problem a one-sided Fisher exact test of whether the unit has
    more of it than its cases let expect, with the false discovery rate `q` over all of them (Benjamini and Hochberg,
    1995). Shown are the unit with the smallest p, its cases and `lift`, how many times more than expected.

    `type`: 共性 where units and share reach the rules, 个性 where a unit's lift and q do, 零星 otherwise. A common
    problem may have a unit with far too much of it as well: read `q`.

    Args:
        ledger: all that is to be compared; usually `in_period` of the ledger.
        rules: from `corpus.analysis_rules`.
        level: "problem" or "point".
    """
    named = cases(ledger)
    named = named[named["unit"] != ""]
    if named.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    counts = pd.crosstab(named[level], named["unit"])
    total, of_problem, of_unit = len(named), counts.sum(axis=1).to_numpy(), counts.sum(axis=0).to_numpy()
    p, q = _tests(counts.to_numpy(), rules.least_cases)
    names = named.drop_duplicates("unit").set_index("unit")["unit_name"]
    rows = []
    for row, code in enumerate(counts.index):
        worst = int(np.lexsort((-counts.iloc[row].to_numpy(), p[row]))[0])
        unit, found = counts.columns[worst], int((counts.iloc[row] > 0).sum())
        here, expected = int(counts.to_numpy()[row, worst]), of_problem[row] * of_unit[worst] / total
        blind = _expected_units(int(of_problem[row]), of_unit)
        figures = (found, found / len(of_unit), blind, found / blind, unit, names[unit], here, here / expected)
        kind = _type(int(of_problem[row]), found, found / len(of_unit), here / expected, float(q[row, worst]), rules)
        name = problem_names().get(str(code), str(code))
        rows.append((code, name, kind, int(of_problem[row]), *figures, p[row, worst], q[row, worst]))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(["cases", "code"], ascending=[False, True]).reset_index(drop=True)


def _tests(counts: np.ndarray, least_cases: int) -> tuple[np.ndarray, np.ndarray]:
    """The p and q of every cell; 1 for problems with too few cases, which are not tested: that looks at sums only."""
    from scipy.stats import false_discovery_control, hypergeom

    total, of_problem, of_unit = counts.sum(), counts.sum(axis=1, keepdims=True), counts.sum(axis=0, keepdims=True)
    p = np.minimum(1.0, hypergeom.sf(counts - 1, total, of_problem, of_unit))
    tested = of_problem[:, 0] >= least_cases
    p[~tested] = 1.0
    q = np.ones_like(p)
    if tested.any():
        q[tested] = false_discovery_control(p[tested].ravel()).reshape(p[tested].shape)
    return p, q


def _expected_units(cases_of_problem: int, of_unit: np.ndarray) -> float:
    from scipy.stats import hypergeom

    return float((1 - hypergeom.pmf(0, of_unit.sum(), of_unit, cases_of_problem)).sum())


def _type(count: int, units: int, share: float, lift: float, q: float, rules: CommonRules) -> str:
    if count < rules.least_cases:
        return SCATTERED
    if units >= rules.least_units and share >= rules.least_share:
        return COMMON
    return INDIVIDUAL if q <= rules.level and lift >= rules.least_lift else SCATTERED
