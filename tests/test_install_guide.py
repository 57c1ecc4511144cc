"""The install guides and unit files name commands, options and settings that exist."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from service.cli import build_parser
from service.settings import Settings

DEPLOY = Path(__file__).parent.parent / "service" / "deploy"
GUIDES = {"INSTALL.md": "INSTALL.zh-CN.md", "SCALING.md": "SCALING.zh-CN.md"}
UNITS = ("fenban.service", "fenban@.service", "fenban-worker@.service", "fenban-backup.service")
FENBAN = "/opt/fenban/venv/bin/fenban"
OFFICE = DEPLOY / "fenban-office"
"""Hands our words on to the program as the services run it."""


def commands(name: str) -> list[str]:
    blocks = re.findall(r"```bash\n(.*?)```", (DEPLOY / name).read_text("utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


@pytest.mark.parametrize(("english", "chinese"), GUIDES.items())
def test_both_guides_give_the_same_commands(english: str, chinese: str) -> None:
    assert set(commands(chinese)) <= set(commands(english))


@pytest.mark.parametrize("name", [*GUIDES, *GUIDES.values()])
def test_commands_of_the_guides_are_understood(name: str) -> None:
    own = [line for line in commands(name) if line.startswith(("fenban ", "fenban-office "))]
    assert len(own) >= 3
    for line in own:
        build_parser().parse_args(shlex.split(line)[1:])


@pytest.mark.parametrize("name", sorted(path.name for path in DEPLOY.iterdir()))
def test_settings_exist(name: str) -> None:
    known = {f"FENBAN_{field.upper()}" for field in Settings.model_fields}
    assert set(re.findall(r"FENBAN_[A-Z_]+", (DEPLOY / name).read_text("utf-8"))) <= known


def test_both_install_guides_give_all_commands() -> None:
    assert commands("INSTALL.md") == commands("INSTALL.zh-CN.md")


@pytest.mark.parametrize("name", ["INSTALL.md", "INSTALL.zh-CN.md"])
def test_commands_on_the_offices_data_are_run_as_the_services_are(name: str) -> None:
    """Plain `fenban` would back up, restore and check a folder `var` wherever it is called."""
    assert [line for line in commands(name) if line.startswith("fenban ")] == []
    copied = {word for line in commands(name) if line.startswith(("cp ", "install ")) for word in shlex.split(line)}
    assert {*UNITS, "fenban-backup.timer", OFFICE.name} - {"fenban@.service"} <= copied


@pytest.mark.parametrize("name", UNITS)
def test_units_start_our_commands_and_keep_the_data_to_themselves(name: str) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment]
    unit.read(DEPLOY / name, "utf-8")
    service = unit["Service"]
    words = shlex.split(service["ExecStart"])
    if words[:2] == ["/bin/sh", "-c"]:
        words = shlex.split(words[2].removeprefix("exec "))
    assert words[0] == FENBAN
    build_parser().parse_args(words[1:])
    assert (service["UMask"], service["StateDirectoryMode"], service["ProtectSystem"]) == ("0077", "0700", "strict")


def test_the_container_starts_our_command() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    (line,) = re.findall(r"^CMD \[(.*)\]$", text, re.MULTILINE)
    program, *words = re.findall(r'"([^"]+)"', line)
    assert program == "fenban"
    build_parser().parse_args(words)


def fakes(folder: Path, **programs: str) -> dict[str, str]:
    """An environment in which these programs are shell scripts."""
    for name, script in programs.items():
        path = folder / name.replace("_", "-")
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


@pytest.mark.parametrize("enters", [True, False])
def test_the_office_command_hands_on_words_folder_and_exit_status(tmp_path: Path, enters: bool) -> None:
    told = tmp_path / "told"
    here = tmp_path / "a folder"
    here.mkdir()
    run = f"printf '%s\\n' \"$@\" > '{told}'; exit 7"
    environment = fakes(tmp_path, id="echo 0", runuser=f"exit {int(not enters)}", systemd_run=run)
    words = ["backup", "--out", "一份 backup.tar"]
    done = subprocess.run(["sh", str(OFFICE), *words], cwd=here, env=environment, capture_output=True, text=True)
    assert done.returncode == 7
    given = told.read_text("utf-8").splitlines()
    assert given[-4:] == [FENBAN, *words]
    assert f"--property=WorkingDirectory={here if enters else '/'}" in given
    assert ("may not enter" in done.stderr) == (not enters)


def test_the_office_command_is_for_root(tmp_path: Path) -> None:
    environment = fakes(tmp_path, id="echo 1000", systemd_run="exit 0")
    done = subprocess.run(["sh", str(OFFICE), "user", "list"], env=environment, capture_output=True, text=True)
    assert (done.returncode, "root" in done.stderr) == (1, True)


@pytest.mark.parametrize("name", UNITS)
def test_the_office_command_takes_user_settings_and_data_of_the_services(name: str) -> None:
    script = OFFICE.read_text("utf-8")
    lines = (DEPLOY / name).read_text("utf-8").splitlines()
    assert "User=fenban" in lines
    assert "--uid=fenban" in script
    assert any(line.removeprefix("EnvironmentFile=").removeprefix("-") == "/etc/fenban.env" for line in lines)
    assert "--property=EnvironmentFile=-/etc/fenban.env" in script
    assert "Environment=FENBAN_DATA=/var/lib/fenban" in lines
    assert "--setenv=FENBAN_DATA=/var/lib/fenban" in script
