from __future__ import annotations

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from corpus.errors import ModelError
from models.store import SHIPPED, open_version
from models.versions import POINTER, add_version, current, current_folder, list_versions, promote, rollback


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    for name in ("one", "two"):
        add_version(tmp_path / "models", name, SHIPPED)
    return tmp_path / "models"


def test_the_pointer_goes_forth_and_back(versions: Path) -> None:
    assert list_versions(versions) == ["one", "two"]
    assert (current(versions), current_folder(versions)) == (None, None)
    promote(versions, "one")
    promote(versions, "two")
    assert (current(versions), current_folder(versions)) == ("two", versions / "two")
    assert rollback(versions) == "one"
    assert rollback(versions) is None
    with pytest.raises(ModelError, match="nothing to go back to"):
        rollback(versions)


@pytest.mark.parametrize("name", ["three", "", ".", "..", "../one", "/etc", ".one.part", POINTER, "one/two"])
def test_only_a_version_is_promoted(versions: Path, name: str) -> None:
    with pytest.raises(ModelError):
        promote(versions, name)
    assert current(versions) is None


def test_a_damaged_version_is_not_promoted(versions: Path) -> None:
    promote(versions, "one")
    (versions / "two" / "content.safetensors").write_bytes(b"x")
    with pytest.raises(ModelError, match="differs"):
        promote(versions, "two")
    assert current(versions) == "one"


@pytest.mark.parametrize("name", ["one", "../three", "", "a b"])
def test_a_version_is_added_under_a_free_name(versions: Path, name: str) -> None:
    with pytest.raises(ModelError):
        add_version(versions, name, SHIPPED)


def test_a_folder_without_manifest_is_no_version(versions: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError):
        add_version(versions, "three", tmp_path / "empty")
    shutil.copytree(SHIPPED, versions / "unfinished")
    (versions / "unfinished" / "manifest.json").unlink()
    assert list_versions(versions) == ["one", "two"]


@pytest.mark.parametrize("content", ["{", "{}", '["../x"]', "[1]", "\xff"])
def test_a_broken_pointer_says_what_to_do(versions: Path, content: str) -> None:
    (versions / POINTER).write_text(content, "latin-1")
    with pytest.raises(ModelError, match="go back to the shipped"):
        current(versions)


def test_a_reader_sees_the_old_pointer_or_the_new_one(versions: Path) -> None:
    promote(versions, "one")
    seen: set[str | None] = set()
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.add(current(versions))

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(20):
        promote(versions, "two")
        rollback(versions)
    stop.set()
    reader.join()
    assert seen <= {"one", "two"}
    assert open_version(versions / "one").name


def test_of_those_who_promote_at_once_none_is_forgotten(versions: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: promote(versions, ("one", "two")[number % 2]), range(24)))
    steps = 0
    while current(versions) is not None:
        rollback(versions)
        steps += 1
    assert steps == 24
