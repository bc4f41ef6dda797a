"""Reading an existing study into a new one: what is found, what it becomes, what is listed."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.errors import StudyError, Where, problems_in
from generator.importing.beside import (
    Along,
    Beside,
    decoded,
    files_beside,
    local_target,
    mended_texts,
    owners_of,
    take_along,
    unit_of_path,
    units_from_names,
    with_links,
)
from generator.importing.blocks import Block, blocks_of
from generator.importing.documents import take_notebooks, write_notebooks
from generator.importing.draft import Draft, Remark
from generator.importing.forms.index import alike
from generator.importing.forms.lines import as_meant, is_guide, says_what_to_read
from generator.importing.forms.plain import looks_plain, plain_blocks
from generator.importing.forms.reading import ReadingReader
from generator.importing.group_words import read_words, settle_names
from generator.importing.outline import read_outline
from generator.importing.phrases import slug_of
from generator.importing.posts import front_matter, read_posts
from generator.importing.readme import (
    anchors_mended,
    mended,
    with_blank_lines,
)
from generator.importing.round_trip import Text, list_mended, losses, staged, toml_of
from generator.importing.weekly import read_weekly
from generator.model import Study
from generator.store.files import read_study_file, write_study_file

README = "README.md"
BESIDE_README = "README.study.md"
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import would write. files: path → content, or the file to copy; kept: what is there
    and stays. readme: the README before and after.
    """

    files: Mapping[str, bytes | Path]
    kept: tuple[str, ...]
    remarks: tuple[Remark, ...]
    study: Study
    readme: tuple[str, str] = ("", "")

    def write(self, into: Path) -> list[str]:
        """Write the files, none of which is there; return their paths."""
        for path, content in self.files.items():
            if isinstance(content, Path):
                content = read_study_file(content.parent, content.name)
            write_study_file(into, path, content)
        return list(self.files)


def read_study_at(source: Path, into: Path) -> Imported:
    """What importing `source`, a folder or a README, into the folder `into` gives.

    Nothing is written. Raises StudyError where there is nothing to import, where `into` has a
    study already, or where a text is not UTF-8.
    """
    if (into / "study.toml").exists():
        raise StudyError(
            "is there already, and nothing is overwritten",
            Where("study.toml"),
            "import into another folder with --into DIR; a notebook with --week N",
        )
    root = source if source.is_dir() else source.parent
    alone = source.suffix.lower() == ".ipynb"
    beside = files_beside(root, None if source.is_dir() else source)
    if alone:
        beside = Beside(root, None, [source])
    draft = Draft()
    draft.readme = BESIDE_README if (into / README).exists() else README
    text = _readme(beside, draft)
    if not source.is_dir() and not alone:
        linked = _linked_files(text, beside)
        beside = Beside(root, beside.readme, [p for p in beside.files if beside.shown(p) in linked])
    if not draft.units:
        read_posts(beside, draft)
    if not draft.units or alone:
        units_from_names(beside, draft)
    notes = _unit_texts(beside, draft, text) if source.is_dir() else {}
    if not draft.title:
        draft.title = root.resolve().name.replace("-", " ").replace("_", " ")
        draft.remark("to do", f"no title was found; the study is called '{draft.title}' now")
    notebooks = take_notebooks(beside, draft, owners_of(beside, draft), alone=alone)
    if not draft.units:
        raise StudyError(
            "holds nothing that looks like a study: no schedule, no days or steps, no week's files",
            Where(text.path if text.lines else str(source)),
            "its forms are described in docs/how-to-import.md",
        )
    owners = owners_of(beside, draft)
    along = take_along(beside, into, draft, owners)
    _lead_links(text, along, draft)
    settle_names(draft)
    files = {**notes, **write_notebooks(notebooks, beside, into, draft, along)}
    while True:
        try:
            study, made = staged(draft, text, files, source.name)
        except (StudyError, ExceptionGroup) as error:
            said = "; ".join(problem.message for problem in problems_in(error))
            raise StudyError(
                f"what it says cannot be made a study: {said}",
                Where(text.path if text.lines else str(source)),
                "mend that part of it, or take it out and import again",
            ) from error
        told = "\n\n".join([made, *(c.decode() for p, c in notes.items() if p.endswith(".md"))])
        dropped = losses(text, made, told, draft, along.urls)
        if not dropped:
            break
        text.taken = [stretch for stretch in text.taken if stretch.name not in dropped]
    list_mended(text, made, draft, along.urls)
    everything: dict[str, bytes | Path] = {**along.copies, **dict(mended_texts(along)), **files}
    everything[draft.readme] = made.encode()
    everything["study.toml"] = toml_of(draft, source.name)
    everything.setdefault(".gitignore", b".study/\n__pycache__/\n")
    kept = tuple(path for path in everything if (into / path).exists())
    new = {path: content for path, content in everything.items() if path not in kept}
    if draft.readme != README:
        draft.remark(
            "to do",
            f"{README} is there and stays; {draft.readme} is the one with generated blocks: move it"
            f" over {README} and take readme.file out of study.toml when you agree with it",
        )
    before = "\n".join(text.before)
    return Imported(new, kept, tuple(draft.remarks), study, (before, made))


def _linked_files(text: Text, beside: Beside) -> set[str]:
    """The files beside a text that it links to."""
    known = {beside.shown(path) for path in beside.files}
    _, found = with_links("\n".join(text.lines), text.path, "/", {name: name for name in known})
    return {name for url in found if (name := local_target(url, known))}


def _lead_links(text: Text, along: Along, draft: Draft) -> None:
    """Lead the links of the README, and of what was read from it, to where files are now."""

    def led(said: str) -> str:
        made, mended = with_links(said, text.path, README, along.moved)
        along.urls.update(mended)
        return made

    text.lines = led("\n".join(text.lines)).split("\n") if text.lines else []
    for unit in draft.units:
        unit.cells = {column: led(cell) for column, cell in unit.cells.items()}
        unit.links = {
            column: tuple((led(f"]({url})")[2:-1], name) for url, name in pairs)
            for column, pairs in unit.links.items()
        }


def _decoded(path: Path, shown: str, draft: Draft) -> str:
    """The text of a file in NFC with LF line ends. Raises StudyError if it is not UTF-8."""
    content = read_study_file(path.parent, path.name).removeprefix(b"\xef\xbb\xbf")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise StudyError("is not UTF-8", Where(shown, line), "save it as UTF-8") from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    for number, said_there in enumerate(lines, 1):
        if _CONTROLS.search(said_there):
            lines[number - 1] = _CONTROLS.sub("", said_there)
            said = "a control character that nothing shows is gone"
            draft.remark("mended", said, Where(shown, number))
    return unicodedata.normalize("NFC", "\n".join(lines))


def _without_markers(source: str, draft: Draft, shown: str) -> str:
    """A README that was generated before, its blocks plain again; an open code block closed."""
    lines = source.split("\n")
    fence = ""
    for number, line in enumerate(lines, 1):
        found = re.match(r" {0,3}(`{3,}|~{3,})", line)
        if found and not fence:
            fence = found.group(1)
        elif found and line.strip() == line.strip()[0] * len(line.strip()) and fence in line:
            fence = ""
        elif not fence and re.search(r"<!--[ \t]*study:(?:begin|end)\b", line):
            # Whatever else stands on the line stays.
            lines[number - 1] = re.sub(r"<!--[ \t]*study:(?:begin|end)\b(?:.*?-->|.*)", "", line)
            draft.remark("mended", "the old marker is gone", Where(shown, number))
    if fence:
        last = len("\n".join(lines).rstrip("\n").split("\n"))
        draft.remark("mended", "the open code block is closed now", Where(shown, last))
        lines.append(fence)
    return "\n".join(lines)


# ---------------------------------------------------------------- texts


def _readme(beside: Beside, draft: Draft) -> Text:
    if beside.readme is None:
        return Text(README, [], [])
    shown = beside.shown(beside.readme)
    raw = _decoded(beside.readme, shown, draft)
    front, body = front_matter(raw)
    source = _without_markers(body, draft, shown)
    plain = looks_plain(source)
    blocks = plain_blocks(source) if plain else blocks_of(source)
    letters = sum("가" <= letter <= "힣" for letter in source)
    draft.language = (
        "ko" if letters * 2 > sum(c.isascii() and c.isalpha() for c in source) else "en"
    )
    draft.title = str(front.get("title") or "")
    blank = set() if plain else with_blank_lines(source.split("\n"), blocks)
    lines = mended(source, blocks, draft, shown)
    text = Text(shown, lines, blocks, blank)
    text.before = raw.split("\n")
    read_words(blocks, lines, draft, shown)
    read_weekly(text, draft)
    guide = is_guide(blocks)
    if not draft.units and not guide:
        text.outlined = read_outline(blocks, draft, shown, lines)
    if guide and not draft.columns:
        used = {stretch.line for stretch in text.taken} | {b.line for b in text.sources.values()}
        reader = ReadingReader(draft, shown, lines, None, in_readme=True)
        reader.read([block for block in blocks if block.line not in used])
        text.taken += reader.taken
        text.blocks = as_meant(text.blocks, reader.meant)
        slugs = _slugs(draft, reader)
        text.lines = anchors_mended("\n".join(lines), slugs, draft, shown).split("\n")
    _list_words(text, draft)
    return text


def _list_words(text: Text, draft: Draft) -> None:
    """List what stays in the README as the group's own words, block by block."""
    known = {*draft.audience, *draft.methodology, draft.description}
    taken = {stretch.line for stretch in text.taken}
    for block in text.blocks:
        if block.line in taken or block.kind in ("heading", "comment"):
            continue
        said = [entry.inline.text for entry in block.entries] or [block.inline.text]
        said = [words for words in said if words] or [_unsaid(block)]
        if not set(said) <= known:
            shown = said[0] if len(said[0]) <= 60 else f"{said[0][:57]}…"
            draft.remark("words", f"'{shown}'", Where(text.path, block.line))


def _unsaid(block: Block) -> str:
    """What a block without words of its own is called in the listing."""
    return f"a table with {len(block.rows) - 1} rows" if block.rows else "…"


def _unit_texts(beside: Beside, draft: Draft, text: Text) -> dict[str, bytes]:
    """Read the pages of units that say what to watch and read; return their words as notes."""
    notes: dict[str, bytes] = {}
    if draft.columns or text.outlined:
        return notes
    for path in beside.of(".md", ".markdown"):
        shown = beside.shown(path)
        named = unit_of_path(path.relative_to(beside.root))
        if named is None or not says_what_to_read(decoded(path) or ""):
            continue
        source = _decoded(path, shown, draft)
        unit = draft.unit_for(named[0], named[1], Where(shown))
        unit.title = "" if unit.title == unit.word else unit.title
        before, blocks_before = list(unit.intro), list(unit.blocks)
        lines = source.split("\n")
        blocks = blocks_of(source)
        reader = ReadingReader(draft, shown, lines, unit)
        reader.read(blocks)
        text.others.append((shown, lines, as_meant(blocks, reader.meant), reader.taken))
        words = [piece for piece in unit.intro if piece not in before]
        unit.intro = before
        again = [block for block in unit.blocks if block in blocks_before]
        if len(set(map(id, unit.blocks))) > len(blocks_before) and again:
            unit.blocks = [b for i, b in enumerate(unit.blocks) if b not in unit.blocks[:i]]
        if not unit.title:
            draft.remark("to do", f"{unit.label} has no title here", Where(shown))
        if words:
            target = f"reports/{unit.word.lower()}-{unit.number:02}/notes.md"
            old = notes.get(target, b"").decode()
            notes[target] = f"{old}\n{_escaped(words, draft, shown)}".lstrip("\n").encode()
            draft.remark("kept", f"its notes are in {target}", Where(shown))
    draft.units.sort(key=lambda unit: (unit.number is None, unit.number or 0))
    return notes


def _escaped(words: Sequence[str], draft: Draft, shown: str) -> str:
    """Notes in which words like <SOS> do not vanish as if they were HTML."""
    text = "\n\n".join(words)
    mended_text = re.sub(r"(?<![\\`])<(?=[A-Z]{2,}>)", r"\\<", text)
    for found in sorted(set(re.findall(r"(?<![\\`])<[A-Z]{2,}>", text))):
        draft.remark(
            "mended", f"{found} is shown now; it vanished as if it were HTML", Where(shown)
        )
    return mended_text + "\n"


def _slugs(draft: Draft, reader: ReadingReader) -> dict[str, str]:
    """Anchor as an index writes it → where the heading is in the block of readings."""
    study = draft.study()
    slugs: dict[str, str] = {}
    for week in study.weeks:
        label = study.unit_label(week, draft.language)
        title = week.title.text(draft.language)
        heading = slug_of(label if title == label else f"{label}: {title}")
        section = week.section.text(draft.language)
        for line in reader.index:
            if line.subsection and alike(title, line.subsection):
                slugs[slug_of(line.subsection)] = heading
            elif alike(title, line.section):
                slugs[slug_of(line.section)] = heading
            if section and alike(section, line.section):
                slugs.setdefault(slug_of(line.section), slug_of(section))
    return slugs
