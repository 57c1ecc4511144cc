"""The sections of a report as one html file that needs no network: the charts' script is inside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment

from models.analysis.chinese import in_chinese
from models.analysis.report import Section

TEMPLATE = Path(__file__).with_name("report.html")


def write_html(path: Path, title: str, sections: Sequence[Section]) -> None:
    """Writes the report with its tables and interactive charts."""
    from models.charts import figure_html, javascript

    environment = Environment(autoescape=True, trim_blocks=True)
    parts = [
        {
            "title": section.title,
            "lines": section.lines,
            "chart": figure_html(section.chart()) if section.chart else "",
            "table": None if section.table is None else in_chinese(section.table),
        }
        for section in sections
    ]
    template = environment.from_string(TEMPLATE.read_text("utf-8"))
    path.write_text(template.render(title=title, parts=parts, script=javascript()), "utf-8")
