from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.records import Petition
from corpus.writers import as_json
from corpus.written import written_repeats

Run = Callable[..., tuple[int, str, str]]
FIELDS = ("id", "received", "channel", "petitioner", "phone", "title", "text")
ROWS = [row for row in written_repeats("train") if row.gold.matter in ("r02-m02", "r02-m08", "r02-n01")]


def write(path: Path, petitions: list[Petition], fields: tuple[str, ...] = FIELDS) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        "".join(as_json({name: getattr(one, name) for name in fields}) + "\n" for one in petitions), "utf-8"
    )
    return path


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_matters_and_pairs_as_in_the_contract(fenban: Run, tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", [row.petition for row in ROWS])
    out, pairs = tmp_path / "matters.jsonl", tmp_path / "pairs.jsonl"
    code, _, err = fenban("repeats", source, "--out", out, "--pairs", pairs)
    assert code == 0, err
    matters = lines(out)
    assert [list(one) for one in matters] == [["matter", "ids", "size", "first", "last", "subject_unit"]] * len(matters)
    assert {tuple(one["ids"]) for one in matters} == {
        ("r02-m02-1", "r02-m02-2", "r02-m02-3"),
        ("r02-m08-1", "r02-m08-2", "r02-m08-3", "r02-m08-4"),
    }
    assert matters[0]["first"] == "2023-05-16"
    assert matters[0]["subject_unit"]["code"] == "T11V03"
    found = lines(pairs)
    assert {"a", "b", "score", "relation", "evidence"} == set(found[0])
    assert {one["relation"] for one in found} == {"copy"}
    texts = {row.petition.id: row.petition.text for row in ROWS}
    for one in found:
        for reason in one["evidence"]:
            for side in ("a", "b"):
                for span in reason[side]:
                    assert texts[one[side]][span["start"] : span["end"]] == span["text"]


def test_against_an_older_ledger_only_matters_with_new_petitions_are_told(fenban: Run, tmp_path: Path) -> None:
    petitions = [row.petition for row in ROWS]
    older = write(tmp_path / "older.jsonl", [one for one in petitions if one.id != "r02-m08-4"])
    new = write(tmp_path / "new.jsonl", [one for one in petitions if one.id == "r02-m08-4"])
    out = tmp_path / "matters.csv"
    assert fenban("repeats", new, "--against", older, "--out", out)[0] == 0
    text = out.read_text("utf-8-sig")
    assert "r02-m08-1" in text
    assert "r02-m08-4" in text
    assert "r02-m02" not in text


def test_files_of_one_name_whose_rows_have_no_id_do_not_mix(fenban: Run, tmp_path: Path) -> None:
    petitions = [row.petition for row in ROWS if row.gold.matter == "r02-m02"]
    files = [
        write(tmp_path / name / "letters.jsonl", [one], ("text", "title"))
        for name, one in zip("ab", petitions[:2], strict=True)
    ]
    out = tmp_path / "matters.jsonl"
    assert fenban("repeats", *files, "--out", out)[0] == 0
    assert lines(out)[0]["ids"] == ["letters-1", "letters~2-1"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--threshold", "2"), "between 0 and 1"),
        (("--pairs", "matters.jsonl"), "choose another name"),
        (("--pairs", "pairs.doc"), "unknown suffix"),
    ],
)
def test_wrong_calls_are_told(
    fenban: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "in.jsonl", [ROWS[0].petition])
    code, _, err = fenban("repeats", "in.jsonl", "--out", "matters.jsonl", *options)
    assert code == 1
    assert message in err
