"""Figures of growth are those of real commands, and are drawn."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.errors import FenbanError
from service import growth

Run = Callable[..., tuple[int, str, str]]


@pytest.mark.long
def test_commands_are_measured_and_drawn(fenban: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = (
        "--sizes",
        "60",
        "30",
        "--engines",
        "one process",
        "--plot",
        tmp_path / "g.svg",
        "--json",
        tmp_path / "g.json",
    )
    code, out, err = fenban("evaluate", "scale", *words)
    assert code == 0, err
    found = json.loads((tmp_path / "g.json").read_text("utf-8"))
    assert [(one["petitions"], one["engine"]) for one in found] == [(30, "one process"), (60, "one process")]
    for one in found:
        assert 0.1 < one["tag (s)"] < 300
        assert 0.1 < one["repeats, peak memory (GB)"] < 10
    assert "### 60 petitions, one process" in out
    assert "<svg" in (tmp_path / "g.svg").read_text("utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["g.json", "g.svg"]


@pytest.mark.long
def test_one_command_is_measured_and_drawn_alone(fenban: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    only = ("--commands", "tag", "--engines", "one process")
    code, out, err = fenban("evaluate", "scale", "--sizes", "30", *only, "--plot", "g.svg")
    assert code == 0, err
    assert "| tag (s) |" in out
    assert "repeats (s)" not in out
    assert "<svg" in Path("g.svg").read_text("utf-8")


@pytest.mark.long
def test_a_command_that_fails_is_told(tmp_path: Path) -> None:
    with pytest.raises(FenbanError, match=r"fenban tag failed: .*no such file"):
        growth._measured(["tag", str(tmp_path / "none.csv"), "--out", str(tmp_path / "o.csv")], one_core=False)


@pytest.mark.parametrize(
    ("words", "missing", "message"),
    [
        (("--engines", "one process", "--plot", "g.svg"), "matplotlib.figure", "pip install 'fenban[train]'"),
        (("--engines", "all cores", "local[2]"), "pyspark", "pip install 'fenban[spark]'"),
        (("--engines", "one process", "--plot", "none/g.svg"), "", "the folder none does not exist"),
    ],
)
def test_what_is_not_there_is_told_before_hours_of_work(
    fenban: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], missing: str, message: str
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the work has begun")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(growth, "growth_figures", never)
    if missing:
        monkeypatch.setitem(sys.modules, missing, None)
    code, _, err = fenban("evaluate", "scale", *words)
    assert (code, message in err) == (1, True)


def test_repeats_that_cannot_be_drawn_are_not_measured(fenban: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    code, out, err = fenban("evaluate", "repeats", "--plot", "g.svg")
    assert (code, out, "pip install 'fenban[train]'" in err) == (1, "", True)


def test_candidates_of_spark_are_drawn_beside_the_times(tmp_path: Path) -> None:
    names = [f"{command}{what}" for command in growth.COMMANDS for what in (" (s)", ", peak memory (GB)")]
    shares = {f"candidates of a petition, {share} %": float(share) for share in growth.SHARES}
    figures = [
        (size, engine, dict.fromkeys(names, 1.0) | (shares if engine == "local[2]" else {}))
        for size in (10, 100)
        for engine in growth.ENGINES
    ]
    growth.plot_growth(figures, tmp_path / "g.svg")
    assert (tmp_path / "g.svg").read_text("utf-8").count("<path") > 50
