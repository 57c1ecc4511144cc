"""What the engine spark is made of, without Spark: columns, buckets read through a window, errors, work folders."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import InputError, ModelError
from corpus.records import Petition
from models.comparable_names import SETS
from models.comparables import DENSE, Comparables
from models.comparer import Comparer
from models.pair_scorer import PairScorer
from models.repeat_candidates import LARGEST_BUCKET, LARGEST_OF_MANY, MANY, NEXT_OF_MANY, in_buckets
from models.spark.candidates import Entries, letter_keys, met_in_order
from models.spark.columns import SCORED, from_table, to_batch
from models.spark.petitions import files_in
from models.spark.session import NO_JAVA
from models.spark.stages import files_fingerprint, settings_of, work_folder
from models.spark.worker import MARK, guarded, safe_error
from models.varied import varied_letters

Run = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).parent.parent
COUNT = 40


@pytest.fixture(scope="module")
def table() -> Comparables:
    return Comparer.load(b"salt" * 4).table(list(varied_letters(COUNT)))


def same(one: Comparables, other: Comparables, names: tuple[str, ...] = (*DENSE, *SETS)) -> None:
    for name in names:
        if name in DENSE:
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        else:
            np.testing.assert_array_equal(one.sets[name].starts, other.sets[name].starts)
            np.testing.assert_array_equal(one.sets[name].keys, other.sets[name].keys)


@pytest.mark.parametrize(("first", "length"), [(0, COUNT), (0, 1), (7, 20), (COUNT, 0)])
def test_columns_go_to_spark_and_back(table: Comparables, first: int, length: int) -> None:
    batch = to_batch(np.arange(COUNT), table).slice(first, length)
    whole = from_table(batch)
    if length:
        same(whole, table.part(first, first + length))
    assert len(from_table(batch, SCORED)) == length


def test_no_text_goes_into_the_columns(table: Comparables) -> None:
    data = to_batch(np.arange(COUNT), table).serialize().to_pybytes()
    for petition in varied_letters(COUNT):
        assert petition.text[:6].encode() not in data


def test_keys_of_a_letter_do_not_depend_on_its_batch(table: Comparables) -> None:
    rarity = PairScorer.load().rarity.within(table)
    for count in (COUNT, MANY + 1):
        whole = letter_keys(table, rarity, count)
        for row in range(0, COUNT, 9):
            alone = letter_keys(table.part(row, row + 1), rarity, count)
            assert [sorted(keys.tolist()) for _, keys in alone] == [
                sorted(keys[owner == row].tolist()) for owner, keys in whole
            ]


def pairs_of(found: Iterator[tuple[np.ndarray, np.ndarray]]) -> list[tuple[int, int]]:
    return sorted((int(a), int(b)) for one, other in found for a, b in zip(one, other, strict=True))


def entries(sizes: list[int], chance: np.random.Generator) -> Entries:
    """Buckets of these sizes, in the order of key, day and row."""
    keys = np.repeat(np.arange(len(sizes), dtype=np.uint64) * np.uint64(77), sizes)
    rows, days = chance.permutation(len(keys)), chance.integers(0, 4, len(keys)).astype(np.int32)
    order = np.lexsort((rows, days, keys))
    return rows[order], keys[order], days[order]


@given(
    sizes=st.lists(st.integers(1, 3 * LARGEST_BUCKET), max_size=12),
    cuts=st.lists(st.integers(0, 400), max_size=8),
    count=st.sampled_from([1_000, MANY + 1]),
    seed=st.integers(0, 9),
)
def test_buckets_read_through_a_window_give_the_pairs_of_the_whole(
    sizes: list[int], cuts: list[int], count: int, seed: int
) -> None:
    rows, keys, days = entries(sizes, np.random.default_rng(seed))
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    parts = [(rows[a:b], keys[a:b], days[a:b]) for a, b in pairwise(edges)]
    assert pairs_of(met_in_order(iter(parts), count)) == pairs_of(in_buckets(rows, keys, days, count))


def test_a_key_of_half_of_all_letters_costs_work_and_memory_by_its_window() -> None:
    rows, keys, days = entries([100_000], np.random.default_rng(0))
    parts = [(rows[a : a + 5_000], keys[a : a + 5_000], days[a : a + 5_000]) for a in range(0, len(rows), 5_000)]
    met = [(len(one), len(other)) for one, other in met_in_order(iter(parts), MANY + 1)]
    assert sum(one for one, _ in met) == sum(len(rows) - step for step in range(1, NEXT_OF_MANY + 1))
    assert max(one for one, _ in met) <= 5_000 + LARGEST_OF_MANY + 1


def test_an_error_leaves_a_worker_without_what_it_quotes() -> None:
    def broken(batches: Iterator[str]) -> Iterator[int]:
        for text in batches:
            yield int(text)

    with pytest.raises(Exception, match=MARK) as caught:
        list(guarded(broken)(iter(["张三收了钱"])))
    assert "张三" not in str(caught.value)
    assert "ValueError" in str(caught.value)
    assert caught.value.__suppress_context__
    assert json.loads(str(safe_error(ModelError("folder: train it\nagain"))).removeprefix(MARK)) == (
        "folder: train it\nagain"
    )


def test_a_folder_stands_for_its_files(tmp_path: Path) -> None:
    for name in ("b.csv", "a.jsonl", "deep/c.parquet", "_SUCCESS", ".hidden.csv", "notes.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", "utf-8")
    assert files_in([tmp_path, Path("other.csv")]) == [
        *(tmp_path / name for name in ("a.jsonl", "b.csv", "deep/c.parquet")),
        Path("other.csv"),
    ]
    assert files_in([tmp_path], [tmp_path / "deep", tmp_path / "a.jsonl"]) == [tmp_path / "b.csv"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no file"):
        files_in([tmp_path / "empty"])


def test_a_work_folder_is_closed_to_others_and_goes_unless_it_was_named(tmp_path: Path) -> None:
    out, named = tmp_path / "out.jsonl", tmp_path / "work"
    for given_folder in (None, named, named):
        with work_folder(given_folder, out) as folder:
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert folder.parent == tmp_path
            (folder / "x").write_text("x", "utf-8")
        assert folder.exists() == (given_folder is not None)
    with pytest.raises(InputError, match="no work folder"), work_folder(tmp_path / "no" / "work", out):
        pass


def test_a_work_folder_is_one_runs_alone_and_holds_nothing_else(tmp_path: Path) -> None:
    work, out = tmp_path / "work", tmp_path / "out.jsonl"
    refused = pytest.raises(InputError, match="another run works")
    with work_folder(work, out), refused, work_folder(work, out):
        pass
    (tmp_path / "petitions").mkdir()
    before = tmp_path.stat().st_mode
    with pytest.raises(InputError, match="holds other things"), work_folder(tmp_path, out):
        pass
    assert tmp_path.stat().st_mode == before


def test_inputs_and_units_change_the_fingerprint(tmp_path: Path) -> None:
    county, letters = tmp_path / "units.csv", tmp_path / "letters.csv"
    county.write_text("code,name,kind,parent,aliases,remit\nA,甲县,county,,,\n", "utf-8")
    letters.write_text("text", "utf-8")
    before = files_fingerprint([letters], settings_of(None, county))
    assert files_fingerprint([letters], settings_of(None, county)) == before
    letters.write_text("text, title", "utf-8")
    changed = files_fingerprint([letters], settings_of(None, county))
    county.write_text("code,name,kind,parent,aliases,remit\nA,乙县,county,,,\n", "utf-8")
    assert len({before, changed, files_fingerprint([letters], settings_of(None, county))}) == 3


@pytest.fixture
def source(tmp_path: Path, letters: list[Petition]) -> Path:
    path = tmp_path / "letters.jsonl"
    path.write_text(json.dumps({"text": letters[0].text}, ensure_ascii=False) + "\n", "utf-8")
    return path


@pytest.mark.parametrize("command", ["tag", "repeats"])
def test_without_pyspark_the_command_to_install_it_is_told(
    fenban: Run, source: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    for name in [name for name in sys.modules if name.startswith("pyspark")] or ["pyspark"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    code, _, err = fenban(command, source, "--out", source.with_name("out.jsonl"), "--engine", "spark")
    assert code == 1
    assert "Run: pip install 'fenban[spark]'" in err
    assert sorted(path.name for path in source.parent.iterdir()) == ["letters.jsonl"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("tag", "--master", "local[2]"), "--engine spark"),
        (("repeats", "--work", "w"), "--engine spark"),
        (("tag", "--engine", "spark", "--jobs", "2"), "--master local[N]"),
        (("tag", "--engine", "spark", "--models", "."), "not a version folder"),
    ],
)
def test_options_that_do_not_go_together_are_told(
    fenban: Run, source: Path, options: tuple[str, ...], message: str
) -> None:
    command, *rest = options
    code, _, err = fenban(command, source, "--out", source.with_name("out.jsonl"), *rest)
    assert code == 1
    assert message in err


@pytest.mark.long
def test_without_java_it_is_told_how_to_get_it(source: Path) -> None:
    programs = source.with_name("programs")
    programs.mkdir()
    for folder in ("/bin", "/usr/bin"):
        for path in Path(folder).iterdir():
            if path.name != "java" and not (programs / path.name).exists():
                (programs / path.name).symlink_to(path)
    kept = {name: value for name, value in os.environ.items() if name != "JAVA_HOME"}
    command = [
        sys.executable,
        "-m",
        "service.cli",
        "tag",
        source,
        "--out",
        source.with_name("o.csv"),
        "--engine",
        "spark",
    ]
    ran = subprocess.run(
        command, env=kept | {"PATH": str(programs), "PYTHONPATH": str(ROOT)}, cwd=ROOT, capture_output=True, text=True
    )
    assert ran.returncode == 1
    assert ran.stderr.strip() == f"fenban: {NO_JAVA}"


@pytest.mark.long
def test_a_master_that_does_not_exist_is_told(source: Path) -> None:
    words = ("tag", source, "--out", source.with_name("o.csv"), "--engine", "spark", "--master", "nowhere")
    ran = subprocess.run([sys.executable, "-m", "service.cli", *words], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 1
    assert ran.stderr.startswith("fenban: Spark does not start with the master nowhere: ")
    assert "Master must" in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1
    assert sorted(path.name for path in source.parent.iterdir()) == ["letters.jsonl"]
