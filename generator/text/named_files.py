"""Files that a text names: inside the study, there under exactly this name, no way around."""

import os
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

PICTURES = (".svg", ".png", ".jpg", ".jpeg")


def file_problem(root: Path, folder: str, name: str) -> tuple[str, str] | None:
    """Why the file `name` (relative to `folder` in the study) can't be used: message and hint."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//", name):
        return (
            f"'{name}' is not in the study",
            "put a copy into the report's folder: a report is built without the network",
        )
    if "\\" in name or "%" in name or name.startswith("/"):
        return f"'{name}' is no path inside the study", "write images/name.png"
    if ".." in PurePosixPath(name).parts:
        return f"'{name}' leads out of the report's folder", "name a file of the report's folder"
    path = root / folder
    for part in PurePosixPath(name).parts:
        try:
            entries = os.listdir(path)
        except (FileNotFoundError, NotADirectoryError):
            entries = []
        alike = [entry for entry in entries if _folded(entry) == _folded(part)]
        if len(alike) > 1:
            return (
                f"{' and '.join(sorted(alike))} differ only in case",
                "rename one: on macOS and Windows they are the same file",
            )
        part = _same(part, entries)
        if part not in entries:
            hint = f"it is written {alike[0]}" if alike else f"expected at {folder}/{name}"
            return f"there is no file '{name}'", hint
        path = path / part
    real = path.resolve()
    if not real.is_relative_to(root.resolve()):
        return f"'{name}' is a link out of the study", "put the file itself into the folder"
    if not real.is_file():
        return f"'{name}' is not a file", ""
    return None


def name_on_disk(root: Path, folder: str, name: str) -> str:
    """`name` as the disk has it: its letters may be decomposed there, as in a Mac's archives."""
    path, parts = root / folder, []
    for part in PurePosixPath(name).parts:
        try:
            parts.append(_same(part, os.listdir(path)))
        except (FileNotFoundError, NotADirectoryError):
            return name
        path = path / parts[-1]
    return "/".join(parts)


def _same(name: str, entries: Sequence[str]) -> str:
    """The one of `entries` that is `name` in another form of Unicode; else `name`."""
    if name in entries:
        return name
    composed = unicodedata.normalize("NFC", name)
    return next((e for e in entries if unicodedata.normalize("NFC", e) == composed), name)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
