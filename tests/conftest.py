from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from corpus.dictionary import domain_words
from corpus.readers import read_petitions
from corpus.records import Petition
from models.suggester import Suggester
from nlp.tokenise import Tokeniser
from service.cli import main

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def tokeniser() -> Tokeniser:
    return Tokeniser(domain_words())


@pytest.fixture(scope="session")
def suggester() -> Suggester:
    return Suggester.load()


@pytest.fixture(scope="session")
def letters() -> list[Petition]:
    """Forty letters written for the project."""
    return [item for item in read_petitions(DATA / "letters.jsonl") if isinstance(item, Petition)]


@pytest.fixture
def fenban(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs a command in this process: exit code, standard output, standard error."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        words: Sequence[str] = [str(argument) for argument in arguments]
        code = main(words)
        out, err = capsys.readouterr()
        return code, out, err

    return run
