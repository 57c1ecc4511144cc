"""The install guides and unit files name commands, options and settings that exist."""

from __future__ import annotations

import configparser
import re
import shlex
from pathlib import Path

import pytest

from service.cli import build_parser
from service.settings import Settings

DEPLOY = Path(__file__).parent.parent / "service" / "deploy"
GUIDES = {"INSTALL.md": "INSTALL.zh-CN.md", "SCALING.md": "SCALING.zh-CN.md"}
UNITS = ("fenban.service", "fenban@.service", "fenban-worker@.service")


def commands(name: str) -> list[str]:
    blocks = re.findall(r"```bash\n(.*?)```", (DEPLOY / name).read_text("utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


@pytest.mark.parametrize(("english", "chinese"), GUIDES.items())
def test_both_guides_give_the_same_commands(english: str, chinese: str) -> None:
    assert set(commands(chinese)) <= set(commands(english))


@pytest.mark.parametrize("name", [*GUIDES, *GUIDES.values()])
def test_commands_of_the_guides_are_understood(name: str) -> None:
    own = [line for line in commands(name) if line.startswith("fenban ")]
    assert len(own) >= 3
    for line in own:
        build_parser().parse_args(shlex.split(line)[1:])


@pytest.mark.parametrize("name", sorted(path.name for path in DEPLOY.iterdir()))
def test_settings_exist(name: str) -> None:
    known = {f"FENBAN_{field.upper()}" for field in Settings.model_fields}
    assert set(re.findall(r"FENBAN_[A-Z_]+", (DEPLOY / name).read_text("utf-8"))) <= known


@pytest.mark.parametrize("name", UNITS)
def test_units_start_our_commands_and_keep_the_data_to_themselves(name: str) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment]
    unit.read(DEPLOY / name, "utf-8")
    service = unit["Service"]
    program, *words = service["ExecStart"].split()
    assert program == "/opt/fenban/venv/bin/fenban"
    build_parser().parse_args(words)
    assert (service["UMask"], service["StateDirectoryMode"], service["ProtectSystem"]) == ("0077", "0700", "strict")


def test_the_container_starts_our_command() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    (line,) = re.findall(r"^CMD \[(.*)\]$", text, re.MULTILINE)
    program, *words = re.findall(r'"([^"]+)"', line)
    assert program == "fenban"
    build_parser().parse_args(words)
