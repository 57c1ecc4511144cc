"""Uploads: what is let in, under which name it lies, and what is refused."""

from __future__ import annotations

import io
import secrets
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.jobs.reading import petition_items, sources
from service.jobs.uploads import kept, shown_name
from service.store.errors import RefusedError, UnavailableError


def _zip(*entries: tuple[str, bytes], **given: Any) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, **given) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return packed.getvalue()


def _link() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo("a.txt")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return packed.getvalue()


def _encrypted() -> bytes:
    content = bytearray(_zip(("a.txt", b"abc")))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


LETTER = "路灯坏了".encode()
BAD: dict[str, tuple[str, bytes, str]] = {
    "program": ("a.exe", LETTER, "upload_suffix"),
    "no suffix": ("letters", LETTER, "upload_suffix"),
    "empty": ("a.csv", b"", "upload_empty"),
    "no workbook": ("a.xlsx", LETTER, "upload_broken"),
    "no archive": ("a.zip", LETTER, "archive_broken"),
    "cut archive": ("a.zip", _zip(("a.txt", LETTER))[:-20], "archive_broken"),
    "nothing in it": ("a.zip", _zip(), "archive_empty"),
    "only debris": ("a.zip", _zip(("__MACOSX/._a.txt", b"x"), (".DS_Store", b"x")), "archive_empty"),
    "path up": ("a.zip", _zip(("../../etc/cron.d/a.txt", LETTER)), "archive_path"),
    "path up, backslash": ("a.zip", _zip(("..\\..\\a.txt", LETTER)), "archive_path"),
    "absolute path": ("a.zip", _zip(("/etc/a.txt", LETTER)), "archive_path"),
    "drive": ("a.zip", _zip(("C:\\a.txt", LETTER)), "archive_path"),
    "link": ("a.zip", _link(), "archive_link"),
    "password": ("a.zip", _encrypted(), "archive_password"),
    "archive in it": ("a.zip", _zip(("b.zip", _zip(("a.txt", LETTER)))), "archive_nested"),
    "archive in disguise": ("a.zip", _zip(("b.txt", _zip(("a.txt", LETTER)))), "archive_nested"),
    "too many files": ("a.zip", _zip(*((f"{n}.txt", b"x") for n in range(5_001))), "archive_entries"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_uploads_are_refused_and_nothing_stays(tmp_path: Path, case: str) -> None:
    name, content, code = BAD[case]
    with pytest.raises(RefusedError) as refused, kept(tmp_path, "tag", name, io.BytesIO(content)):
        pass
    assert refused.value.code == code
    assert list(tmp_path.iterdir()) == []
    assert "etc" not in str(refused.value)


@pytest.fixture
def small_archives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.jobs.archives.MOST_UNPACKED", 3_000_000)


@pytest.mark.usefixtures("small_archives")
@pytest.mark.parametrize("claimed", [None, 10])
def test_zip_bombs_are_refused_whatever_they_claim(tmp_path: Path, claimed: int | None) -> None:
    bomb = _zip(("a.txt", b"0" * 4_000_000), compresslevel=9)
    assert len(bomb) < 20_000
    if claimed is not None:
        bomb = bomb.replace((4_000_000).to_bytes(4, "little"), claimed.to_bytes(4, "little"))
    with pytest.raises(RefusedError, match=r"archive"), kept(tmp_path, "tag", "a.zip", io.BytesIO(bomb)):
        pass
    assert list(tmp_path.iterdir()) == []


@given(name=st.text(max_size=400))
def test_a_shown_name_is_one_short_line_and_no_path(name: str) -> None:
    shown = shown_name(name)
    assert len(shown) <= 200
    assert not set(shown) & set("/\\\n\r\0")
    shown.encode()


ARCHIVE = _zip(("信.txt", LETTER * 50), ("表.csv", "内容\n路灯坏了\n".encode()), ("c.txt", LETTER))


@given(place=st.integers(0, len(ARCHIVE) - 1), byte=st.integers(0, 255), cut=st.booleans())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_archive_is_refused_or_read(tmp_path: Path, place: int, byte: int, cut: bool) -> None:
    content = ARCHIVE[:place] + (b"" if cut else bytes([byte]) + ARCHIVE[place + 1 :])
    folder = tmp_path / secrets.token_hex(8)
    with suppress(RefusedError), kept(folder / "up", "tag", "a.zip", io.BytesIO(content)) as upload:
        read = list(petition_items(sources(folder / "up" / upload.file, "a.zip", folder)))
        assert len(read) <= 3
        assert all(item.petition or item.problem for item in read)
    assert [path for path in folder.iterdir() if path.is_file()] == []


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UnavailableError) as told, kept(tmp_path / "file", "tag", "a.csv", io.BytesIO(LETTER)):
        pass
    assert (told.value.status, told.value.code) == (503, "disk")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/信.csv", "信.csv"),
        ("C:\\Users\\li\\信.csv", "信.csv"),
        ("信\n.c\x00sv.csv", "信.c\ufffdsv.csv"),
        ("长" * 300 + ".csv", "长" * 196 + ".csv"),
    ],
)
def test_an_upload_lies_under_a_name_of_ours(tmp_path: Path, name: str, shown: str) -> None:
    with kept(tmp_path, "tag", name, io.BytesIO(LETTER)) as upload:
        (path,) = tmp_path.iterdir()
    assert upload.name.replace("\ufffd", "") == shown.replace("\ufffd", "")
    assert upload.file == path.name
    assert path.suffix == ".csv"
    assert len(path.stem) == 32
    assert path.stat().st_mode & 0o077 == 0
