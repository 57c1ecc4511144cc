"""The shipped findings part: on reports of the corpus, on articles, and after saving and loading."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import ModelError
from corpus.paths import DATA as CORPUS
from corpus.plain import plain_document
from corpus.written import written_reports, written_statements
from models.evaluate_findings import crossed_figures, findings_report, matched, peer_figures
from models.findings import FindingModel, labelled_report, train_findings
from models.found import FoundFinding
from models.report_reading import read_report
from models.store import SHIPPED, open_version
from models.suggester import Suggester

DATA = Path(__file__).parent / "data"


def bare(found: list[FoundFinding]) -> list[tuple[str, str, str | None]]:
    return [("".join(one.quote.split()), one.primary, one.status) for one in found]


def test_the_object_is_that_of_the_contract(suggester: Suggester) -> None:
    told = "双桥镇高峰村会计连某2021年把鱼塘租金2.4万元存在自己卡里，一直没有入账"
    text = f"一、存在的问题\n1.坐收坐支。{told}。目前款项正在追缴。\n"
    (found,) = suggester.findings(text)
    row = found.to_dict()
    names = "report start end quote discipline primary subject_unit people amounts status"
    assert list(row)[:10] == names.split()
    assert row["quote"] == text[row["start"] : row["end"]] == told
    assert row["primary"] == row["discipline"][0]["label"]
    assert row["primary"].startswith("B")
    assert row["subject_unit"]["code"] == "T03V04"
    assert [(amount["text"], amount["yuan"]) for amount in row["amounts"]] == [("2.4万元", 24000)]
    assert text[row["amounts"][0]["start"] : row["amounts"][0]["end"]] == "2.4万元"
    assert row["status"] == "in_progress"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "经查，未发现村干部在低保评定中优亲厚友，群众反映的情况不属实。",
        "一、工作要求\n各村要严格执行公开制度，坚决防止截留挪用，严禁白条入账。",
        "一、总体情况\n全镇建立月调度机制，召开推进会4次，满意度达到95%。",
        "2023年5月，连某受到党内严重警告处分。",
    ],
)
def test_what_states_no_problem_gives_no_finding(suggester: Suggester, text: str) -> None:
    assert suggester.findings(text) == []


def test_every_format_of_a_report_gives_the_same_findings(suggester: Suggester) -> None:
    pairs = [(report.file, other) for report in written_reports("dev") for other in report.also]
    assert {other.rsplit(".", 1)[1] for _, other in pairs} == {"docx", "pdf", "html"}
    for txt, other in pairs:
        assert bare(suggester.findings(CORPUS / txt)) == bare(suggester.findings(CORPUS / other)), other


def test_an_article_gives_its_problems_and_not_its_mechanisms(suggester: Suggester) -> None:
    found = suggester.findings(DATA / "article.txt")
    road = next(one for one in found if "少了近120米" in one.quote)
    assert "付给了施工方" in road.quote
    assert not road.quote.startswith("“")
    assert road.status == "rectified"
    assert road.primary.startswith("B4")
    clues = next(one for one in found if "应改未改" in one.quote)
    assert clues.status == "unrectified"
    quotes = [one.quote for one in found]
    assert {"工程招投标不规范", "白条入账", "“空壳”支部"} <= set(quotes)
    for mechanism in ("选派14名", "监督机制", "处分", "月例会", "虚报冒领"):
        assert not any(mechanism in quote for quote in quotes), mechanism


def test_the_test_split_keeps_its_figures(suggester: Suggester) -> None:
    metrics = findings_report(suggester.finding_reader, written_reports("test")).metrics
    assert metrics["span_f1"] >= 0.92
    assert metrics["primary_or_alternative"] >= 0.80
    assert metrics["status"] >= 0.88
    assert metrics["amounts_f1"] >= 0.95
    assert metrics["subject_unit"] >= 0.90


@pytest.mark.long
def test_across_writers_it_beats_both_peers(suggester: Suggester) -> None:
    reports = [report for report in written_reports() if report.split != "test"]
    crossed = crossed_figures(reports, written_statements(), suggester.finding_reader)
    assert crossed["span_f1"] >= 0.92
    known, asked = written_reports("train"), written_reports("test")
    peers = peer_figures(known, asked, suggester.finding_model.words, suggester.tokeniser)
    ours = findings_report(suggester.finding_reader, asked).metrics["span_f1"]
    assert all(ours > figures["span_f1"] for figures in peers.values())


def test_a_trained_model_reads_the_same_after_its_arrays_were_stored(suggester: Suggester) -> None:
    reports = [labelled_report(report) for report in written_reports("train")]
    model = train_findings(reports, written_statements(), suggester.tokeniser)
    arrays, about = model.to_arrays()
    again = FindingModel.from_arrays(arrays, about)
    report = read_report(plain_document(written_reports("dev")[0].text))
    first, second = (one.probabilities(report, suggester.tokeniser) for one in (model, again))
    assert abs(first - second).max() < 0.02
    with pytest.raises(ModelError, match="missing"):
        FindingModel.from_arrays({name: value for name, value in arrays.items() if name != "second.bias"}, about)
    with pytest.raises(ModelError, match="do not fit"):
        FindingModel.from_arrays(arrays | {"second.weights": arrays["second.weights"][:3]}, about)


def test_the_stored_part_holds_no_text() -> None:
    arrays = open_version(SHIPPED).arrays("findings")
    assert all(array.dtype.kind in "if" for array in arrays.values())
    assert sum(array.nbytes for array in arrays.values()) < 1_000_000


def test_spans_are_matched_once_and_by_half_of_both() -> None:
    gold = written_reports("train")[0].findings[:2]
    exact = [(one.start, one.end) for one in gold]
    assert matched(gold, exact) == [(0, 0), (1, 1)]
    assert matched(gold[:1], [exact[0], exact[0]]) == [(0, 0)]
    third = (exact[0][1] - exact[0][0]) // 3
    assert matched(gold[:1], [(exact[0][0], exact[0][0] + third)]) == []
    assert matched(gold[:1], [(max(0, exact[0][0] - 500), exact[0][1])]) == []
