"""The engine spark gives what one process gives: tags, matters, messages; killed and failing workers change nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from corpus.errors import FenbanError, ModelError
from corpus.records import Petition
from corpus.writers import write_rows
from corpus.written import written_petitions, written_repeats
from models.repeats import find_repeats
from models.spark.repeats import repeats_frame
from models.spark.session import LOG, errors_told, spark_session
from models.spark.tagging import tag_frame
from models.spark.worker import guarded
from models.suggester import Suggester

# Start of Java and of the first workers take seconds, and pyspark opens sockets that it leaves to the collector.
pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore::ResourceWarning")]
Run = Callable[..., tuple[int, str, str]]
FIELDS = ("id", "received", "channel", "petitioner", "phone", "title", "text")
SALT = b"salt" * 4
ENGINES = ("local", "spark")


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    with spark_session(tmp_path_factory.mktemp("spark"), "local[2]") as session:
        yield session


@pytest.fixture(scope="module")
def corpus() -> list[Petition]:
    """The written petitions and repeats, half of them by one caller."""
    rows = [row.petition for row in (*written_repeats("train"), *written_petitions("train")[::4])]
    return [replace(one, phone="13800138000") if number % 2 else one for number, one in enumerate(rows)]


def write(path: Path, petitions: Sequence[Petition], fields: Sequence[str] = FIELDS) -> Path:
    path.parent.mkdir(exist_ok=True)
    write_rows(path, ({name: getattr(one, name) for name in fields} for one in petitions))
    return path


@pytest.fixture
def sources(tmp_path: Path, letters: list[Petition]) -> list[Path]:
    """A folder of parquet files, a GBK csv with a bad row and unknown columns, jsonl with faults, a missing file."""
    folder = tmp_path / "parts"
    for number in (0, 1):
        write(folder / f"letters-{number}.parquet", letters[number::8], ("title", "text"))
    csv = tmp_path / "letters.csv"
    rows = [f'{one.title},"{one.text}",{number},街道' for number, one in enumerate(letters[2:12])]
    csv.write_bytes("\n".join(["标题,内容,score,kind", *rows, "无内容,,7,村"]).encode("gb18030"))
    jsonl = write(tmp_path / "more" / "letters.jsonl", letters[20:], ("title", "text", "received"))
    with jsonl.open("a", encoding="utf-8") as file:
        file.write(
            'not json\n{"text": "路灯坏了。\\ud800", "nested": {"a": [1, 2.5, null]}, "big": 9223372036854775807}\n'
        )
    return [folder, csv, jsonl, tmp_path / "missing.csv"]


def both(fenban: Run, command: str, sources: Sequence[Path], out: Path, *more: Path | str) -> list[str]:
    """Compares what the two engines write; gives what they tell, without the names of their outputs."""
    # One machine takes files, not folders.
    files = [one for path in sources for one in (sorted(path.iterdir()) if path.is_dir() else [path])]
    told, outs = [], [out.with_name(f"{engine}-{out.name}") for engine in ENGINES]
    for engine, own, given in zip(ENGINES, outs, (files, sources), strict=True):
        code, _, err = fenban(command, *given, "--out", own, *more, "--engine", engine)
        assert code == 0, err
        told.append(err.replace(str(own), "OUT"))
    assert outs[0].stat().st_size > 100
    if out.suffix in (".jsonl", ".csv"):
        assert outs[0].read_bytes() == outs[1].read_bytes()
    else:
        read = pd.read_excel if out.suffix == ".xlsx" else pd.read_parquet
        pd.testing.assert_frame_equal(*(read(one) for one in outs))
    return told


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".xlsx", ".parquet"])
@pytest.mark.usefixtures("spark")
def test_tags_and_messages_are_those_of_one_process(
    fenban: Run, sources: list[Path], tmp_path: Path, suffix: str
) -> None:
    local, other = both(fenban, "tag", sources, tmp_path / f"out{suffix}")
    assert local == other
    assert "row 32: no text in this row" in other
    assert "missing.csv: no such file" in other
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.usefixtures("spark")
def test_a_folder_of_parts_holds_every_petition(fenban: Run, sources: list[Path], tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole.jsonl", tmp_path / "parts-out"
    for out in (whole, parts):
        code, _, err = fenban("tag", *sources, "--out", out, "--engine", "spark")
        assert code == 0, err
    lines = [line for path in sorted(parts.iterdir()) for line in path.read_text("utf-8").splitlines()]
    assert {path.suffix for path in parts.iterdir()} == {".jsonl"}
    assert sorted(lines) == sorted(whole.read_text("utf-8").splitlines())
    code, _, err = fenban("tag", *sources, "--out", parts, "--engine", "spark")
    assert code == 1
    assert "name a new folder" in err


def test_a_spark_frame_is_tagged_as_a_pandas_frame(spark: SparkSession, letters: list[Petition]) -> None:
    frame = pd.DataFrame({"编号": range(len(letters)), "内容": [one.text for one in letters], "content": 1.5})
    expected = Suggester.load().tag(frame, lists=False)
    found = tag_frame(spark.createDataFrame(frame), lists=False).toPandas()
    assert list(found.columns) == list(expected.columns)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    whole = tag_frame(spark.createDataFrame(frame))
    assert set(whole.columns) > {"suggested_content", "facts", "urgent"}
    assert whole.select("facts").first()[0].startswith('{"people":')


@pytest.mark.usefixtures("spark")
def test_matters_and_pairs_are_those_of_one_process(fenban: Run, corpus: list[Petition], tmp_path: Path) -> None:
    older = write(tmp_path / "older.jsonl", corpus[::3])
    new = write(tmp_path / "new.csv", [one for number, one in enumerate(corpus) if number % 3])
    for name, more in (("all", ()), ("against", ("--against", older, "--threshold", "0.6"))):
        sources = [new] if more else [older, new]
        both(fenban, "repeats", sources, tmp_path / f"{name}.jsonl", *more)
    tables = []
    for engine in ENGINES:
        pairs = tmp_path / f"{engine}-pairs.jsonl"
        code, _, err = fenban("repeats", older, "--out", tmp_path / "m.csv", "--pairs", pairs, "--engine", engine)
        assert code == 0, err
        tables.append(pairs.read_bytes())
    assert tables[0] == tables[1]
    assert tables[0].count(b"\n") > 5


def test_a_spark_frame_has_the_matters_of_a_pandas_frame(
    spark: SparkSession, corpus: list[Petition], tmp_path: Path
) -> None:
    frame = pd.DataFrame([{name: getattr(one, name) for name in FIELDS if name != "id"} for one in corpus])
    expected = find_repeats(frame)
    found = repeats_frame(spark.createDataFrame(frame), tmp_path, salt=SALT).toPandas()
    assert (expected["size"] > 1).sum() > 100
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            lambda text: ValueError(f"cannot read {text}"),
            r"a worker of Spark failed \(ValueError at .*\); please report",
        ),
        (lambda _: ModelError("folder: damaged;\ntrain it again"), "^folder: damaged;\ntrain it again$"),
    ],
)
def test_an_error_in_a_worker_reaches_the_user_without_the_letter(
    spark: SparkSession, error: Callable[[str], Exception], told: str
) -> None:
    secret = "赵湾村会计张三"

    def broken(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for frame in frames:
            raise error(frame["text"][0])
        yield from ()

    frame = spark.createDataFrame([(secret,)], "text string")
    with pytest.raises(FenbanError, match=told) as caught, errors_told(None):
        frame.mapInPandas(guarded(broken), "text string").collect()
    assert secret not in str(caught.value)
    (log,) = Path(spark.conf.get("spark.local.dir")).parent.glob(LOG)
    assert "WorkerError" in log.read_text("utf-8")
    assert secret not in log.read_text("utf-8")


@pytest.mark.usefixtures("spark")
def test_a_broken_run_goes_on_from_its_last_stage(fenban: Run, corpus: list[Petition], tmp_path: Path) -> None:
    source, work = write(tmp_path / "in.jsonl", corpus[:200]), tmp_path / "work"
    words = ("repeats", source, "--engine", "spark", "--work", work)
    assert fenban(*words, "--out", tmp_path / "first.jsonl")[0] == 0
    stages = {path.name: path.stat().st_mtime_ns for path in work.glob("*.json")}
    assert set(stages) == {f"{name}.json" for name in STAGES}
    (work / "scores.json").unlink()
    assert fenban(*words, "--out", tmp_path / "second.jsonl")[0] == 0
    again = {path.name: path.stat().st_mtime_ns for path in work.glob("*.json")}
    assert {name for name in again if again[name] != stages[name]} == {"scores.json"}
    assert (tmp_path / "first.jsonl").read_bytes() == (tmp_path / "second.jsonl").read_bytes()
    write(source, corpus[:150])
    assert fenban(*words, "--out", tmp_path / "third.jsonl")[0] == 0
    last = {path.name: path.stat().st_mtime_ns for path in work.glob("*.json")}
    assert all(last[name] != again[name] for name in again)


STAGES = ("petitions", "columns", "documents", "candidates", "scores", "scores-inside", "matters")


@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize("command", ["tag", "repeats"])
def test_nothing_stays_behind_beside_a_chinese_name(
    command: str, fenban: Run, letters: list[Petition], tmp_path: Path
) -> None:
    folder = tmp_path / "信访 100%[2024]"
    source = write(folder / "来信+1.jsonl", letters[:6])
    assert fenban(command, source, "--engine", "spark", "--out", folder / "结果 a.jsonl")[0] == 0
    assert fenban(command, source, "--out", folder / "local.jsonl")[0] == 0
    assert (folder / "结果 a.jsonl").read_bytes() == (folder / "local.jsonl").read_bytes()
    assert fenban("tag", source, "--engine", "spark", "--out", folder / "结果", "--work", folder / "工作")[0] == 0
    assert {path.name for path in tmp_path.iterdir()} == {folder.name}
    assert {path.name for path in folder.iterdir()} == {source.name, "结果 a.jsonl", "local.jsonl", "结果", "工作"}


@pytest.mark.usefixtures("spark")
def test_a_folder_with_other_things_is_no_work_folder(
    fenban: Run, letters: list[Petition], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "petitions" / "a.jsonl", letters[:3])
    monkeypatch.chdir(tmp_path)
    code, _, told = fenban("tag", "petitions", "--engine", "spark", "--out", "out.jsonl", "--work", ".")
    assert (code, "holds other things" in told) == (1, True)
    (tmp_path / "work").mkdir()
    code, _, told = fenban("tag", "petitions", "--engine", "spark", "--out", "work/tagged", "--work", "work")
    assert (code, "lies in the work folder" in told) == (1, True)
    assert source.exists()


@pytest.mark.usefixtures("spark")
def test_an_output_among_the_inputs_is_none_of_them(
    fenban: Run, letters: list[Petition], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "letters" / "a.jsonl", letters[:3])
    (tmp_path / "run").mkdir()
    monkeypatch.chdir(tmp_path / "run")
    words = ("tag", tmp_path / "letters", "--engine", "spark", "--out", "../letters/out.jsonl")
    assert [fenban(*words)[0] for _ in range(2)] == [0, 0]
    assert len((tmp_path / "letters" / "out.jsonl").read_text("utf-8").splitlines()) == 3


def test_a_scorer_of_another_reader_is_refused_as_on_one_machine(
    spark: SparkSession, letters: list[Petition], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.spark.repeats.reading_fingerprint", lambda tokeniser: "another")
    frame = spark.createDataFrame(pd.DataFrame({"text": [one.text for one in letters[:3]]}))
    with pytest.raises(ModelError, match="another dictionary"):
        repeats_frame(frame, tmp_path / "work")


def test_a_day_that_pandas_does_not_know_stays_behind(spark: SparkSession, tmp_path: Path) -> None:
    frame = spark.sql("select '路灯坏了，没人修。' as text, timestamp '9999-12-31 00:00:00' as `有效期至`")
    assert repeats_frame(frame, tmp_path / "work").count() == 1
