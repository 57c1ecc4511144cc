"""The commands of the README do what it says."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path

import pytest

from corpus.paths import DATA
from corpus.units import demo_county
from corpus.writers import write_rows
from corpus.written import written_petitions, written_reports
from service.cli import build_parser

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.zh-CN.md")
OF_SEVERAL = {"--out", "--models", "--county", "--data", "--json", "--engine", "--master", "--work"}
"""Told above the table of the commands, not in each row."""


def blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / name).read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("name", READMES)
def test_commands_run(
    name: str, fenban: Callable[..., tuple[int, str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    monkeypatch.chdir(tmp_path)
    lines = [line for block in blocks(name, "bash") for line in block.splitlines()]
    commands = [line.split("#")[0] for line in lines if line.startswith(".venv/bin/fenban")]
    assert len(commands) >= 3
    for command in commands:
        code, _, err = fenban(*shlex.split(command)[1:])
        assert code == 0, f"{command}: {err}"


@pytest.mark.long
def test_commands_for_ones_own_labels_run(
    fenban: Callable[..., tuple[int, str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of both READMEs, which are the same but for the remarks, on letters of the written corpus."""
    commands, twins = (
        [line.split("#")[0].strip() for block in blocks(name, "bash") for line in block.splitlines()]
        for name in READMES
    )
    assert commands == twins
    rows = written_petitions("train")[:300]
    labelled = [{"text": r.petition.text, "label": r.gold.content, "group": r.petition.id} for r in rows]
    letters = [{"text": r.petition.text, "label": " ".join((r.gold.primary, *r.gold.discipline))} for r in rows]
    titled = [{"title": r.petition.title, "text": r.petition.text, "received": r.petition.received} for r in rows]
    monkeypatch.chdir(tmp_path)
    for name, table in (("labelled", labelled), ("letters", letters), ("petitions", titled)):
        write_rows(Path(f"{name}.csv"), table)
    write_rows(Path("letters.xlsx"), titled)
    registry = demo_county()
    office = [{"单位名称": u.name, "编码": u.code, "类别": u.kind, "上级": u.parent} for u in registry.units.values()]
    write_rows(Path("units.xlsx"), office)
    decided = [
        {**row, "unit": registry[r.gold.handling_unit].name}
        for row, r in zip(titled, rows, strict=True)
        if r.gold.handling_unit
    ]
    write_rows(Path("decisions.csv"), decided)
    report = next(one for one in written_reports("train") if any(name.endswith(".docx") for name in one.also))
    name = next(name for name in report.also if name.endswith(".docx"))
    Path("report.docx").write_bytes((DATA / name).read_bytes())
    own = [command for command in commands if command.startswith("fenban ")]
    assert len(own) >= 7
    for command in own:
        code, _, err = fenban(*shlex.split(command)[1:])
        assert code == 0, f"{command}: {err}"


@pytest.mark.parametrize("name", READMES)
def test_python_runs(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for block in blocks(name, "python"):
        exec(block, {})
    assert "城乡建设" in capsys.readouterr().out


@pytest.mark.parametrize("name", READMES)
def test_make_targets_and_settings_exist(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^make (\w+)", text, re.MULTILINE):
        assert f"\n{target}:" in makefile
    from service.settings import Settings

    assert {f"FENBAN_{field.upper()}" for field in Settings.model_fields} == set(re.findall(r"FENBAN_[A-Z_]+", text))


def own_options(
    parser: argparse.ArgumentParser, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], set[str]]]:
    """Every command with the options that it alone has."""
    inner = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
    if not inner:
        long = {name for one in parser._actions for name in one.option_strings if name.startswith("--")}
        yield words, long - OF_SEVERAL - {"--help"}
    for one in inner:
        for word, child in one.choices.items():
            yield from own_options(child, (*words, word))


@pytest.mark.parametrize("name", READMES)
def test_the_table_has_every_command_with_its_options(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    told = {}
    for command, about in re.findall(r"^\| `([^`]+)` \| (.+) \|$", text, re.MULTILINE):
        words = tuple(takewhile(lambda word: re.fullmatch("[a-z]+", word), command.split()))
        told[words] = set(re.findall(r"--[a-z-]+", command + about)) - OF_SEVERAL
    assert {words: told.get(words) for words, _ in own_options(build_parser())} == dict(own_options(build_parser()))
    assert set(re.findall(r"--[a-z-]+", text)) >= OF_SEVERAL
