"""The parts of a docx file that hold text, unpacked within bounds and parsed without entities."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from corpus.archives import ARCHIVE_ERRORS
from corpus.documents import SAVE_AS_DOCX
from corpus.errors import InputError

MAX_PART = 64 << 20
"""Bytes that one part may unpack to; a hundred pages take about one million. Pictures are never unpacked."""
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_TRANSITIONAL = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DOCTYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be"))
_BROKEN = f"not a readable docx file (damaged or of another format); {SAVE_AS_DOCX}"


@dataclass(frozen=True, slots=True)
class Parts:
    """The roots of the parts; None for a part that the file does not have or that is damaged, but for the main one."""

    document: etree._Element
    styles: etree._Element | None
    numbering: etree._Element | None
    footnotes: etree._Element | None
    endnotes: etree._Element | None


def read_parts(path: Path) -> Parts:
    """The parts with text of a docx file. What they refer to outside the file is never followed.

    Raises:
        InputError: no docx file, damaged, protected by a password, or unpacked larger than MAX_PART.
    """
    with path.open("rb") as file:
        if file.read(4) == _OLE:
            protected = _ENCRYPTED in file.read()
            reason = "protected by a password; remove it and" if protected else "an old doc file by its content;"
            raise InputError(path, f"{reason} {SAVE_AS_DOCX}")
    try:
        with zipfile.ZipFile(path) as archive:
            main = next(_targets(path, archive, "", "/officeDocument"), "word/document.xml")
            document = _part(path, archive, main)
            if document is None or document.tag != f"{W}document":
                raise InputError(path, _BROKEN)
            others = [
                next((_part(path, archive, name) for name in _targets(path, archive, main, kind)), None)
                for kind in ("/styles", "/numbering", "/footnotes", "/endnotes")
            ]
    except ARCHIVE_ERRORS as error:
        raise InputError(path, _BROKEN) from error
    return Parts(document, *others)


def _targets(path: Path, archive: zipfile.ZipFile, source: str, kind: str) -> Iterator[str]:
    """Names of the parts that a part (or, "", the package) has a relation of this kind to."""
    folder, name = posixpath.split(source)
    relations = _part(path, archive, posixpath.join(folder, "_rels", f"{name}.rels"))
    for relation in relations if relations is not None else ():
        if relation.get("Type", "").endswith(kind) and relation.get("TargetMode") != "External":
            target = relation.get("Target", "")
            yield target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))


def _part(path: Path, archive: zipfile.ZipFile, name: str) -> etree._Element | None:
    try:
        with archive.open(name) as member:
            data = member.read(MAX_PART + 1)
    except KeyError:
        return None
    if len(data) > MAX_PART:
        raise InputError(path, f"a part of it unpacks to more than {MAX_PART >> 20} MB; split it")
    if any(doctype in data for doctype in _DOCTYPES):
        raise InputError(path, "declares entities of its own, which no word processor does; refused")
    # A fresh parser each time: one that is shared is not safe between threads.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(data.replace(_STRICT, _TRANSITIONAL), parser)
    except etree.XMLSyntaxError:
        return None
