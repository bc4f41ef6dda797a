"""What lies beside a README: every file, the week that it belongs to, and where it goes."""

import os
import posixpath
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from generator.errors import Where
from generator.importing.dates import Day, day_of
from generator.importing.draft import Draft, Part, Unit, phrase
from generator.importing.phrases import UnitName, family
from generator.store.files import read_study_file

MARKDOWN = (".md", ".markdown", ".mdx", ".rmd", ".qmd")
_SKIPPED = {"node_modules", "__pycache__", "_site", "venv", "site-packages"}
_LARGE = 25 * 1024 * 1024  # bytes
_NAMED = re.compile(
    r"(?<![a-z])(?P<word>weeks?|wk|w|days?|steps?|sessions?|chapters?|chapt?|ch|lectures?|lec|units?"
    r"|modules?|lessons?|meetings?)[\s_.-]*0*(?P<number>\d{1,2})(?:[\s_.-]+(?P<part>\d)(?!\d))?"
    r"(?!\d|(?<=w\d)[a-z])"
    r"|(?<!\d)0*(?P<ordinal>\d{1,2})(?:st|nd|rd|th)[\s_-]+(?P<of>weeks?|days?|chapters?|sessions?)"
    r"|(?<!\d)0*(?P<korean>\d{1,2})\s*(?P<hangul>주차|일차|회차|차시|장)",
    re.IGNORECASE,
)
_SHORT = {"wk": "Week", "w": "Week", "ch": "Chapter", "chap": "Chapter", "chapt": "Chapter",
          "lec": "Lecture"}  # fmt: skip


@dataclass(slots=True)
class Beside:
    """The files of a folder, by their paths in it; readme: the one to read."""

    root: Path
    readme: Path | None
    files: list[Path]

    def of(self, *endings: str) -> list[Path]:
        """The files with one of these endings, the README aside."""
        return [p for p in self.files if p.suffix.strip().lower() in endings and p != self.readme]

    def shown(self, path: Path) -> str:
        """A file's path as it is said."""
        return unicodedata.normalize("NFC", path.relative_to(self.root).as_posix())


def files_beside(root: Path, readme: Path | None) -> Beside:
    """Everything below `root` that an import looks at. readme: the one to read, else root's own."""
    found: list[Path] = []
    for folder, names, files in os.walk(root):
        names[:] = sorted(n for n in names if n not in _SKIPPED and not n.startswith("."))
        here = Path(folder)
        found += [here / name for name in sorted(files)
                  if not name.startswith(".") and not (here / name).is_symlink()]  # fmt: skip
    texts = [path for path in found if path.suffix.lower() in MARKDOWN[:2]]
    if readme is None:
        own = [path for path in texts if path.parent == root]
        named = [path for path in own if path.stem.lower() == "readme"]
        below = [path for path in texts if path.stem.lower() == "readme"]
        outside = [path for path in below if unit_of_path(path.relative_to(root)) is None]
        near = sorted(outside, key=lambda path: len(path.parts))
        readme = next(iter([*named, *own, *near]), None)
    return Beside(root, readme, found)


def unit_of_name(name: str) -> UnitName | None:
    """The unit that a file or folder is called after, with the words that follow."""
    name = unicodedata.normalize("NFC", name)
    found = _NAMED.search(name.lower())
    if not found:
        return None
    groups = found.groupdict()
    number = int(groups["number"] or groups["ordinal"] or groups["korean"])
    word = groups["word"] or groups["of"] or ""
    word = _SHORT.get(word, word.removesuffix("s").capitalize()) or "{n}" + groups["hangul"]
    rest = " ".join(re.split(r"[\s_-]+", re.sub(r"\.\w{1,5}$", "", name[found.end() :]))).strip()
    return UnitName(word, number, int(groups["part"]) if groups["part"] else None, rest)


def unit_of_path(path: Path) -> tuple[str, int] | None:
    """The unit that a folder on the way to `path`, or its name, is called after."""
    for part in path.parts:
        name = unit_of_name(part)
        if name and name.number is not None:
            return name.word, name.number
    return None


def spoken(path: Path) -> str:
    """A file's name as words."""
    return " ".join(
        unicodedata.normalize("NFC", path.stem).replace("-", " ").replace("_", " ").split()
    )


def units_from_names(beside: Beside, draft: Draft) -> None:
    """Weeks that folders or files near the root are called after: two of a kind, or a folder."""
    found: dict[str, dict[int, tuple[str, str]]] = {}
    sure: set[str] = set()
    days: dict[str, Day] = {}
    for path in beside.files:
        parts = path.relative_to(beside.root).parts
        for depth, part in enumerate(parts):
            name, folder = unit_of_name(part), len(parts) > depth + 1
            day = day_of(part) if folder and re.match(r"20\d\d", part) else None
            if day and not day.rest:
                days.setdefault("/".join(parts[: depth + 1]), day)
            if name is None or name.number is None or depth > 1 + folder:
                continue
            kind = family(name.word)
            sure |= {kind} if depth == 0 and (folder or path.suffix != ".md") else set()
            word, title = found.setdefault(kind, {}).get(name.number, (name.word, ""))
            told = name.rest.strip("() .") if folder or len(name.rest) > 3 else ""
            found[kind][name.number] = (word, title or told)
            break
    kinds = [kind for kind, numbers in found.items() if len(numbers) > 1 or kind in sure]
    best = max(kinds, key=lambda kind: len(found[kind]), default="")
    for number, (word, title) in sorted(found.get(best, {}).items()):
        draft.unit_for(word, number).title = title
    if not best and len(days) > 1:
        usual = "{n}회차" if draft.language == "ko" else "Meeting"
        for number, folder_name in enumerate(sorted(days, key=lambda n: str(days[n].date())), 1):
            unit = draft.unit_for(usual, number)
            unit.paths, unit.date = (folder_name,), str(days[folder_name].date() or "")


# ---------------------------------------------------------------- whose a file is


@dataclass(slots=True)
class Owners:
    """The unit of each file and folder: by the links beside a unit's name, else by its name."""

    files: dict[str, Unit] = field(default_factory=dict)
    folders: dict[str, Unit] = field(default_factory=dict)
    named: dict[str, Unit | None] = field(default_factory=dict)
    draft: Draft = field(default_factory=Draft)

    def of(self, shown: str) -> tuple[Unit, str] | None:
        """The unit of a file, and the file's path inside what belongs to the unit."""
        path = PurePosixPath(shown)
        if shown in self.files:
            return self.files[shown], path.name
        for parent in path.parents:
            if str(parent) in self.folders:
                return self.folders[str(parent)], str(path.relative_to(parent))
        # Deeper down it may be somebody else's course, with weeks of its own.
        for depth, part in enumerate(path.parts[:2]):
            if part not in self.named:
                name = unit_of_name(part)
                self.named[part] = self.draft.find(name.word, name.number) if name else None
            unit = self.named[part]
            if unit:
                inside = path.parts[depth + 1 :]
                return unit, "/".join(inside or path.parts[-1:])
        return None


def owners_of(beside: Beside, draft: Draft) -> Owners:
    """Whose each file is. A folder is a unit's if all links into it are beside that unit's name."""
    owners = Owners(draft=draft)
    shown = {beside.shown(path) for path in beside.files}
    folders = {str(parent) for path in shown for parent in PurePosixPath(path).parents}
    claims: dict[str, set[int]] = {}
    units = {id(unit): unit for unit in draft.units}
    for unit in draft.units:
        for url in unit.paths:
            target = local_target(url, shown | folders)
            if target in shown:
                owners.files.setdefault(target, unit)
                target = posixpath.dirname(target)
            if target and target in folders:
                claims.setdefault(target, set()).add(id(unit))
    for folder, claimed in claims.items():
        if len(claimed) == 1:
            owners.folders[folder] = units[next(iter(claimed))]
    return owners


def local_target(url: str, known: set[str]) -> str | None:
    """The file or folder that a link means: relative, or an address on a forge's branch.

    Names are compared in NFC, percent signs decoded, spaces at the end of a name aside.
    """
    split = urlsplit(url)
    way = unicodedata.normalize("NFC", unquote(split.path))
    forge = re.search(r"/(?:blob|tree|raw)/[^/]+/(.*)$", way) if split.scheme else None
    if split.scheme and not forge:
        return None
    way = forge.group(1) if forge else way
    wanted = posixpath.normpath(way.strip("/")) if way.strip("/") else ""
    if wanted in known:
        return wanted or None
    tidy = {_tidied(name): name for name in known}
    return tidy.get(_tidied(wanted))


def _tidied(name: str) -> str:
    stem, ending = posixpath.splitext(name.strip())
    return f"{stem.strip()}{ending.strip()}".casefold()


# ---------------------------------------------------------------- coming along


@dataclass(slots=True)
class Along:
    """What comes along. files: made; copies: path → file; moved: old path → new one."""

    files: dict[str, bytes] = field(default_factory=dict)
    copies: dict[str, Path] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)


def folder_of(unit: Unit, part: Part | None, draft: Draft) -> str:
    """The id of the report: "week-09-2"."""
    from generator.study.settings import unit_slug

    word = draft.unit or next((u.word for u in draft.units if u.number is not None), "Week")
    slug = unit_slug(phrase(word if unit.number is not None and unit.word == word else unit.word))
    if unit.number is None:
        return slug
    stem = f"{slug}-{unit.number:02}"
    if part is None or len(unit.parts) < 2:
        return stem
    return f"{stem}-{unit.parts.index(part) + 1}"


def take_along(beside: Beside, into: Path, draft: Draft, owners: Owners) -> Along:
    """Copy each file to where its week is, or keep its place; in place nothing moves."""
    along = Along()
    _reports(beside, into, draft, owners, along)
    if beside.root.resolve() == into.resolve():
        return along
    taken: dict[str, list[str]] = {}
    kept: dict[str, list[str]] = {}
    for path in beside.files:
        shown = beside.shown(path)
        if path == beside.readme or shown in along.moved:
            continue
        if path.stat().st_size > _LARGE:
            draft.remark("to do", "is larger than 25 MB and was not copied", Where(shown))
            continue
        found = owners.of(shown)
        unit = found[0] if found else None
        if unit is not None and found and unit.number is not None:
            target = f"reports/{folder_of(unit, None, draft)}/material/{found[1]}"
            while target in along.copies:
                target = f"{posixpath.dirname(target)}/again-{posixpath.basename(target)}"
            taken.setdefault(unit.label, []).append(shown)
        else:
            target = shown
            kept.setdefault(posixpath.dirname(shown) or ".", []).append(shown)
        along.copies[target] = path
        along.moved[shown] = target
    _move_folders(along)
    for label, files in taken.items():
        said = f"{len(files)} files" if len(files) > 1 else files[0]
        folder = posixpath.commonpath([along.moved[name] for name in files])
        folder = folder if len(files) > 1 else posixpath.dirname(folder)
        draft.remark("linked", f"{said} of {label}: {folder}")
    for folder, files in kept.items():
        said = f"{len(files)} files" if len(files) > 1 else posixpath.basename(files[0])
        draft.remark("kept", f"{said} of no week, where it was", Where(folder))
    return along


def _reports(beside: Beside, into: Path, draft: Draft, owners: Owners, along: Along) -> None:
    """The file that each report's link means, or the one PDF that is called after its week."""
    shown = {beside.shown(path): path for path in beside.files}
    pdfs: dict[int, list[str]] = {}
    for name in shown:
        found = owners.of(name) if name.lower().rstrip().endswith(".pdf") else None
        if found:
            pdfs.setdefault(id(found[0]), []).append(name)
    for unit in draft.units:
        own = [name for name in pdfs.get(id(unit), []) if not unit.links]
        for part in unit.parts or ([Part(title=unit.title)] if len(own) == 1 else []):
            named = local_target(part.link, set(shown)) if part.link else None
            if not part.link and len(own) == 1 and len(unit.parts) < 2 and not unit.cells:
                named = own[0]
                unit.parts = unit.parts or [part]
            if named is None:
                continue
            target = f"reports/{folder_of(unit, part, draft)}/original{Path(named).suffix.strip()}"
            inside = shown[named].resolve().is_relative_to(into.resolve())
            if inside:
                target = shown[named].resolve().relative_to(into.resolve()).as_posix()
            else:
                along.copies[target] = shown[named]
            along.moved[named] = target
            if part.link:
                along.urls[part.link] = target
            part.link, unit.no_report = target, False
            said = f"belongs to {unit.label}: {target}"
            draft.remark("linked", said, Where(named))


def _move_folders(along: Along) -> None:
    """Where each folder is now, of which all files moved together."""
    places: dict[str, set[str]] = {}
    for shown, target in along.moved.items():
        for parent in PurePosixPath(shown).parents:
            inside = str(PurePosixPath(shown).relative_to(parent))
            if str(parent) != "." and target.endswith(f"/{inside}"):
                places.setdefault(str(parent), set()).add(target.removesuffix(f"/{inside}"))
            else:
                places.setdefault(str(parent), set()).add("")
    for folder, found in places.items():
        if len(found) == 1 and "" not in found:
            along.moved.setdefault(folder, found.pop())


_LINK = re.compile(
    r"(\]\(\s*)<([^<>\n]+)>|(\]\(\s*)((?:[^()\s<>]|\([^()\s]*\))+)"
    r"|(\b(?:src|href)\s*=\s*[\"']?)([^\s\"'>]+)"
)


def with_links(
    text: str, old: str, new: str, moved: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """A text with its links to moved files mended, and which: address → path.

    old, new: the path of the text before and now.
    """
    mended: dict[str, str] = {}
    base = posixpath.dirname(old)
    known = set(moved)

    def led(found: re.Match[str]) -> str:
        before, url = [group for group in found.groups() if group is not None]
        if url.startswith("#"):
            return found.group()
        bare, sign, anchor = url.partition("#")
        way = bare if re.match(r"[a-z][\w+.-]*:", bare, re.I) or bare.startswith("/") else (
            posixpath.join(base, bare))  # fmt: skip
        target = local_target(way, known)
        if target is None or (moved[target] == target and base == posixpath.dirname(new)):
            return found.group()
        path = posixpath.relpath(moved[target], posixpath.dirname(new) or ".")
        mended[url] = path + sign + anchor
        return f"{before}{quote(path, safe='/()')}{sign}{anchor}"

    return _LINK.sub(led, text), mended


def decoded(path: Path) -> str | None:
    """The text of a file in UTF-8, or in what it says of itself by its bytes; None if neither."""
    content = read_study_file(path.parent, path.name)
    for encoding in (
        "utf-8-sig",
        "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "cp949",
    ):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def mended_texts(along: Along) -> Iterator[tuple[str, bytes]]:
    """The texts that come along, where a link in them leads elsewhere now."""
    was = {target: shown for shown, target in along.moved.items()}
    for target, path in along.copies.items():
        if path.suffix.lower() in MARKDOWN:
            text = decoded(path)
            made, mended = with_links(text, was[target], target, along.moved) if text else ("", [])
            if mended:
                yield target, made.encode()
