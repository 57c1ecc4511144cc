"""What an office decides about analyses: thresholds (`data/analysis.yaml`), classes of risk (`data/risk.yaml`)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpus.errors import DataFileError
from corpus.paths import DATA
from corpus.schemes import discipline_scheme

Figure = Literal["cases", "letters", "grave", "kinds", "repeated", "urgent", "recurred", "growth"]
Share = Annotated[float, Field(gt=0, lt=1)]
Count = Annotated[int, Field(ge=1)]
Weight = Annotated[float, Field(ge=0)]
Name = Annotated[str, Field(min_length=1)]

Form = TypeVar("Form", bound=BaseModel)


class _Checked(BaseModel):
    """Every entry must be there, be of its type, and be known."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class CommonRules(_Checked):
    """When a problem is common, and when it is one of individual units."""

    least_cases: Count
    least_units: Count
    least_share: Share
    level: Share
    least_lift: Annotated[float, Field(ge=1)]


class ThemeRules(_Checked):
    """When a theme has risen or fallen."""

    least_letters: Count
    level: Share
    least_ratio: Annotated[float, Field(gt=1)]


class HeatRules(_Checked):
    """Weights of what makes a matter hot; `half_life` in days."""

    least_size: Count
    size: Weight
    likes: Weight
    dislikes: Weight
    span: Weight
    half_life: Annotated[float, Field(gt=0)]


class IssueRules(_Checked):
    """When messages are about one issue by their titles, and how many are compared all with all."""

    least_likeness: Share
    most_messages: Count


class DriftRules(_Checked):
    """Population stability index from which a change is to be watched, and from which one should act."""

    watch: Annotated[float, Field(gt=0)]
    act: Annotated[float, Field(gt=0)]


class AnalysisRules(_Checked):
    """The thresholds of all analyses but the classes of risk."""

    common: CommonRules
    themes: ThemeRules
    issues: IssueRules
    heat: HeatRules
    drift: DriftRules


class RiskClass(_Checked):
    """A class and its rules: it holds where, for any rule, every figure is at least as large as the rule says."""

    name: Name
    any: Annotated[list[Annotated[dict[Figure, Count], Field(min_length=1)]], Field(min_length=1)]


class RiskRules(_Checked):
    """Classes from the gravest down, the class of all other villages, and the problems (or points) that are grave."""

    grave: list[Name]
    classes: Annotated[list[RiskClass], Field(min_length=1)]
    otherwise: Name

    @property
    def names(self) -> list[str]:
        """All classes, the gravest first."""
        return [*(one.name for one in self.classes), self.otherwise]


def load_analysis_rules(path: Path = DATA / "analysis.yaml") -> AnalysisRules:
    """The thresholds of the file.

    Raises:
        DataFileError: with every fault found: an entry missing, unknown, or out of range.
    """
    return _checked(AnalysisRules, path)


def load_risk_rules(path: Path = DATA / "risk.yaml") -> RiskRules:
    """The classes of risk of the file.

    Raises:
        DataFileError: with every fault found, codes that the discipline scheme lacks and classes that stand twice
        included.
    """
    rules = _checked(RiskRules, path)
    scheme = discipline_scheme()
    problems = [f"grave: entry {number} is not in the discipline scheme"
                for number, code in enumerate(rules.grave, 1) if code not in scheme]  # fmt: skip
    if len(set(rules.names)) < len(rules.names):
        problems.append("classes: a name stands twice")
    if problems:
        raise DataFileError(path, problems)
    return rules


def _checked(form: type[Form], path: Path) -> Form:
    """The file's content in its form."""
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise DataFileError(path, [f"cannot be read ({type(error).__name__})"]) from error
    try:
        return form.model_validate(content)
    except ValidationError as error:
        faults = [f"{'.'.join(str(step) for step in one['loc']) or 'file'}: {one['msg']}" for one in error.errors()]
        raise DataFileError(path, faults) from error
