"""The one family of errors that fenban raises for what a user can mend."""

from __future__ import annotations

from pathlib import Path
from traceback import extract_tb


class FenbanError(Exception):
    """Something the user can mend; its message says what happened, where, and what to do."""


class InputError(FenbanError):
    """A file that cannot be read or written at all."""

    def __init__(self, file: str | Path, reason: str) -> None:
        super().__init__(f"{file}: {reason}")


class DataFileError(FenbanError):
    """A scheme, registry or word list that breaks its rules.

    The message lists every problem found, each with file, row and code.
    """

    def __init__(self, file: str | Path, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"{file}: {problem}" for problem in problems))


class ModelError(FenbanError):
    """A version folder that is missing, broken or of another format."""


class MissingExtraError(FenbanError):
    """An optional part is not installed; the message has the exact command."""

    def __init__(self, purpose: str, extra: str) -> None:
        super().__init__(f"{purpose} needs packages that are not installed. Run: pip install 'fenban[{extra}]'")


def kind_and_place(error: BaseException) -> str:
    """`ValueError at dates.py:83`: all that may be told of an error whose words may quote a petition."""
    frames = extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
