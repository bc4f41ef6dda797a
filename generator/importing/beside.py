"""What lies beside a README: PDFs and notebooks, and the week that each belongs to."""

import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from generator.importing.draft import Draft, Part, Unit
from generator.importing.phrases import unit_of

MARKDOWN = (".md", ".markdown", ".txt")
_SKIPPED = {"node_modules", "__pycache__", ".git", ".study", ".venv", ".ipynb_checkpoints"}
_WEEK = re.compile(
    r"(?<![A-Za-z])(?:week|day|step|session|w)[\s_-]*0*(\d{1,2})(?:[\s_-]+(\d)(?!\d))?(?!\d)"
    r"|(\d{1,2})\s*(?:주차|일차|회차)",
    re.IGNORECASE,
)
_PARTS = {"basic": ("basic", "기초", "기본"), "advanced": ("advanced", "심화", "응용")}


@dataclass(frozen=True, slots=True)
class Beside:
    """The files of a folder by what they are; paths are relative to it, in NFC where compared."""

    readme: Path | None
    texts: tuple[Path, ...]
    pdfs: tuple[Path, ...]
    notebooks: tuple[Path, ...]


def files_beside(root: Path, readme: Path | None) -> Beside:
    """Everything below `root` that an import looks at. readme: the one to read, else root's own."""
    texts: list[Path] = []
    pdfs: list[Path] = []
    notebooks: list[Path] = []
    for folder, names, files in os.walk(root):
        names[:] = sorted(n for n in names if n not in _SKIPPED and not n.startswith("."))
        for name in sorted(files):
            path = Path(folder, name)
            ending = path.suffix.strip().lower()
            if name.startswith("."):
                continue
            if ending == ".pdf":
                pdfs.append(path)
            elif ending == ".ipynb":
                notebooks.append(path)
            elif ending in (".md", ".markdown"):
                texts.append(path)
    if readme is None:
        own = [path for path in texts if path.parent == root]
        named = [path for path in own if path.stem.lower() == "readme"]
        readme = (named or own or [None])[0]  # type: ignore[list-item]
        if readme is None:
            below = [path for path in texts if path.stem.lower() == "readme"]
            outside = [path for path in below if unit_of_path(path.relative_to(root)) is None]
            readme = min(outside, key=lambda path: len(path.parts), default=None)
    rest = tuple(path for path in texts if path != readme)
    return Beside(readme, rest, tuple(pdfs), tuple(notebooks))


def unit_of_path(path: Path) -> tuple[str, int] | None:
    """The unit that a folder on the way to `path`, or its name, is called after."""
    for part in (*path.parts[:-1], path.stem):
        name = unit_of(part.replace("_", " "))
        if name and name.number is not None:
            return name.word, name.number
    return None


def file_of_link(url: str, root: Path, paths: Sequence[Path]) -> Path | None:
    """The file beside the README that a link means: relative, or an address on a forge's branch.

    Names are compared in NFC, percent signs decoded, spaces at the end of a name aside.
    """
    split = urlsplit(url)
    way = unquote(split.path)
    if split.scheme and not re.search(r"/(?:blob|tree|raw|main|master)/", way):
        return None
    wanted = [_plain(part) for part in way.strip("/").split("/") if part not in (".", "")]
    best: tuple[int, Path] | None = None
    for path in paths:
        parts = [_plain(part) for part in path.relative_to(root).parts]
        if wanted[-len(parts) :] == parts and (best is None or len(parts) > best[0]):
            best = (len(parts), path)
    return best[1] if best else None


def _plain(name: str) -> str:
    stem, dot, ending = unicodedata.normalize("NFC", name).strip().rpartition(".")
    return f"{stem.strip()}{dot}{ending.strip()}" if dot else ending


def part_of_file(path: Path, root: Path, draft: Draft) -> tuple[Unit, Part | None] | None:
    """The unit, and the part of it, that a file's name says it belongs to; None if none does."""
    relative = unicodedata.normalize("NFC", path.relative_to(root).as_posix())
    matches = list(_WEEK.finditer(relative))
    if not matches:
        return None
    found = matches[-1]  # the file's own name counts for more than its folders
    unit = draft.find("", int(found.group(1) or found.group(3)))
    if unit is None:
        return None
    if len(unit.parts) < 2:
        return unit, unit.parts[0] if unit.parts else None
    if found.group(2) and int(found.group(2)) <= len(unit.parts):
        return unit, unit.parts[int(found.group(2)) - 1]
    name = relative.casefold()
    for words in _PARTS.values():
        if any(word in name for word in words):
            for part in unit.parts:
                said = f"{part.label} {part.title}".casefold()
                if any(word in said for word in words):
                    return unit, part
    return unit, None


def unit_by_words(path: Path, draft: Draft) -> Unit | None:
    """The only unit whose own words hold every word of the file's name; None if none or several."""
    name = re.sub(r"\(\d+\)$", "", unicodedata.normalize("NFC", path.stem)).casefold()
    words = set(re.findall(r"[^\W\d_]{3,}", name))
    if not words:
        return None
    fitting = []
    for unit in draft.units:
        said = " ".join(
            [unit.title, unit.objective, unit.topic, unit.progress, *(p.title for p in unit.parts)]
        ).casefold()
        if words <= set(re.findall(r"[^\W\d_]{3,}", said)):
            fitting.append(unit)
    return fitting[0] if len(fitting) == 1 else None
