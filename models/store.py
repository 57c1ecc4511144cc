"""Version folders: a manifest, arrays as safetensors, a model card. Nothing in them is executed when they are read.

The arrays of a linear model are all that serving needs, so no estimator object is stored: there is no pickle and no
list of trusted types to keep, and reading takes milliseconds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from corpus.errors import ModelError

FORMAT = 3
SHIPPED = Path(__file__).parent / "trained"

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Version:
    """A version folder that was read: its manifest and the arrays of each part."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def name(self) -> str:
        """The version's own name, shown with every suggestion."""
        return str(self.manifest["version"])

    @property
    def parts(self) -> dict[str, dict[str, Any]]:
        """Part name (content, …) → its entry in the manifest."""
        return dict(self.manifest["parts"])

    def arrays(self, part: str) -> Arrays:
        """The arrays of a part.

        Raises:
            ModelError: the file is missing, damaged, or not the one that the manifest was written for.
        """
        entry = self.parts[part]
        path = self.folder / str(entry["file"])
        if path.parent != self.folder:
            raise ModelError(f"{self.folder}/manifest.json: {part}: the file must lie in the version folder itself")
        try:
            found = file_hash(path)
            if found != entry["sha256"]:
                raise ModelError(f"{path}: differs from the file that manifest.json names; train or copy it again")
            return load_file(path)
        except (OSError, SafetensorError) as error:
            raise ModelError(f"{path}: cannot be read ({type(error).__name__}); train or copy it again") from error


def save_version(folder: Path, part: str, arrays: Arrays, about: Mapping[str, Any], card: str) -> None:
    """Writes one part into a version folder; the manifest comes last, so that an unfinished folder is known by it.

    Args:
        folder: made if it does not exist; its other parts stay.
        part: name of the part; its earlier files are replaced.
        arrays: what the part consists of.
        about: what the manifest says of it (labels, data, metrics, …); `trained` names this training.
        card: the part's model card, Markdown.
    """
    folder.mkdir(parents=True, exist_ok=True)
    manifest = folder / "manifest.json"
    parts = open_version(folder).parts if manifest.exists() else {}
    path = folder / f"{part}.safetensors"
    path.write_bytes(save({key: np.ascontiguousarray(value) for key, value in arrays.items()}))
    (folder / f"{part}.md").write_text(card, "utf-8")
    parts[part] = {"file": path.name, "sha256": file_hash(path), **about}
    version = "+".join(f"{name}-{entry['trained']}" for name, entry in sorted(parts.items()))
    content = {"format": FORMAT, "version": version, "parts": parts}
    manifest.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")


def open_version(folder: Path) -> Version:
    """Reads the manifest of a version folder.

    Raises:
        ModelError: there is none, it is damaged, or its format is not the one this program reads.
    """
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"{folder}: not a version folder (no manifest.json); train one with fenban train") from error
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path}: cannot be read; train or copy the version again") from error
    found = manifest.get("format") if isinstance(manifest, dict) else None
    if found != FORMAT:
        raise ModelError(f"{path}: format {found!r}, this program reads format {FORMAT}; train the version again")
    parts = manifest.get("parts")
    texts = ("file", "sha256", "trained", "reading")
    whole = isinstance(manifest.get("version"), str) and isinstance(parts, dict)
    if not whole or not parts or not all(isinstance(entry, dict) for entry in parts.values()):
        raise ModelError(f"{path}: version or parts are missing; train or copy the version again")
    for name, entry in parts.items():
        wrong = [field for field in texts if not isinstance(entry.get(field), str)]
        if wrong or not isinstance(entry.get("labels"), list):
            raise ModelError(f"{path}: {name}: {', '.join(wrong) or 'labels'} is missing or no text; train it again")
    return Version(folder, manifest)


def file_hash(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
