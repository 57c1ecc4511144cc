"""The sections of a report as one html file that needs no network: the charts' script is inside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader

from models.analysis.chinese import in_chinese
from models.analysis.report import Section


def write_html(path: Path, title: str, sections: Sequence[Section]) -> None:
    """Writes the report with its tables and interactive charts."""
    from models.charts import figure_html, javascript

    environment = Environment(loader=PackageLoader("service", "page"), autoescape=True, trim_blocks=True)
    parts = [
        {
            "title": section.title,
            "lines": section.lines,
            "chart": figure_html(section.chart()) if section.chart else "",
            "table": None if section.table is None else in_chinese(section.table),
        }
        for section in sections
    ]
    page = environment.get_template("report.html").render(title=title, parts=parts, script=javascript())
    path.write_text(page, "utf-8")
