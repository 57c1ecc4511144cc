from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from corpus.errors import ModelError
from models.store import SHIPPED, open_version
from models.suggester import Suggester


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "version"))


def change_manifest(folder: Path, **changes: object) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest.update(changes)
    path.write_text(json.dumps(manifest), "utf-8")


def test_a_copied_version_folder_loads(copy: Path) -> None:
    assert Suggester.load(copy).version == open_version(SHIPPED).name


def test_shipped_models_stay_small() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*")) < 25_000_000


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / "manifest.json").unlink(), "no manifest.json"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "cannot be read"),
        (lambda folder: (folder / "content.safetensors").unlink(), "cannot be read"),
        (lambda folder: (folder / "content.safetensors").write_bytes(b"x"), "differs"),
        (lambda folder: change_manifest(folder, format=99), "format 99"),
    ],
)
def test_a_damaged_version_says_what_to_do(copy: Path, damage, message: str) -> None:
    damage(copy)
    with pytest.raises(ModelError, match=message) as caught:
        Suggester.load(copy)
    assert str(copy) in str(caught.value)


def test_a_manifest_cannot_point_outside_its_folder(copy: Path) -> None:
    parts = open_version(copy).parts
    parts["content"]["file"] = "../elsewhere.safetensors"
    change_manifest(copy, parts=parts)
    with pytest.raises(ModelError, match="version folder itself"):
        Suggester.load(copy)


def test_a_version_of_another_dictionary_is_refused(copy: Path) -> None:
    parts = open_version(copy).parts
    parts["content"]["reading"] = "0" * 16
    change_manifest(copy, parts=parts)
    with pytest.raises(ModelError, match="another dictionary"):
        Suggester.load(copy)
