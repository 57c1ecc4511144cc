"""Word documents that are damaged, hostile or protected."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import pytest
from docx_parts import REPORT, cell, listed, paragraph, table, write_docx
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import read_document
from corpus.errors import FenbanError, InputError


def encrypted(path: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"))


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("word/document.xml", "w") as part:
        for _ in range(70):
            part.write(bytes(1 << 20))


def entities(path: Path) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    write_docx(path, paragraph("&l9;"), head=f'<!DOCTYPE x [<!ENTITY l0 "哈">{laughs}]>')


def outside(path: Path) -> None:
    write_docx(path, paragraph("&x;"), head='<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>')


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.write_bytes(b"PK\x03\x04" + random.Random(0).randbytes(400)), "另存为 docx"),
        (lambda path: path.write_text("{\\rtf1 }"), "另存为 docx"),
        (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600)), "old doc file"),
        (encrypted, "password"),
        (bomb, "64 MB"),
        (entities, "entities"),
        (outside, "entities"),
        (lambda path: write_docx(path, "<w:p/>"), "no text"),
        (lambda path: write_docx(path, "<w:p>"), "damaged"),
        (lambda path: write_docx(path, "<w:sdt>" * 300 + "</w:sdt>" * 300), "damaged"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(tmp_path: Path, make, reason: str) -> None:
    path = tmp_path / "a.docx"
    make(path)
    with pytest.raises(InputError, match=reason) as caught:
        read_document(path)
    assert str(path) in str(caught.value)


GOOD = table(cell("村") + cell("问题"), cell("甲") + cell("乙")) + listed("问题", 1) + paragraph("正文" * 40)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damaged_files_raise_only_what_a_user_can_mend(tmp_path_factory: pytest.TempPathFactory, data) -> None:
    path = write_docx(tmp_path_factory.mktemp("fuzz") / "a.docx", GOOD, numbering=REPORT, styles="<w:style/>")
    with zipfile.ZipFile(path) as archive:
        members = {name: bytearray(archive.read(name)) for name in archive.namelist()}
    if data.draw(st.booleans(), "inside the archive"):
        content = members[data.draw(st.sampled_from(sorted(members)))]
        for _ in range(data.draw(st.integers(1, 8))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, bytes(content))
    else:
        content = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(0, 8))):
            content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        document = read_document(path)
    except FenbanError:
        return
    assert all(0 <= b.start < b.end <= len(document.text) for b in document.blocks)
