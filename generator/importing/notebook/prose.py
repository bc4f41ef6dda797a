"""The words of a notebook as a report's text: Markdown of any kind as the Markdown that we set."""

import html
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from generator.store.files import read_study_file

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"^ {0,3}(#{1,6})\s*(.*?)\s*#*\s*$")
_PICTURE = re.compile(r"!\[([^\]]*)\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_LINK = re.compile(
    r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(\s*<?([^)\s>]*)>?(?:\s+[\"'][^\"']*[\"'])?\s*\)"
)
_TEX = re.compile(r"(\$\$.+?\$\$|\$(?!\s)[^$\n]+?(?<!\s)\$)", re.DOTALL)
_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_LETTERS = re.compile("[\U0001d400-\U0001d7ff\u03f5\u2126\u212b]+")
_EMOJI = re.compile("[\U00010000-\U0010ffff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d]")
_ENVIRONMENT = re.compile(
    r"(?<!\$)\s*\\begin\{(align|equation|gather|eqnarray)(\*?)\}(.*?)\\end\{\1\2\}", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A cell in the order of the notebook: its words, or (cell) the number of a code cell."""

    source: str
    cell: int = 0


def report_text(
    pieces: Sequence[Piece],
    expected: Mapping[int, tuple[bool, int]],
    title: str,
    folder: Path,
) -> tuple[str, dict[str, bytes]]:
    """report.md, and the pictures that it shows by their paths.

    expected: cell → whether it prints, how many figures it draws. folder: where the notebook is.
    Words that the text's parser would refuse are set as they were typed.
    """
    pictures: dict[str, bytes] = {}
    level = 1
    parts = ["> [!NOTE]\n> {{ string.origin }}"]
    for piece in pieces:
        if piece.cell:
            parts += _outputs(piece.cell, *expected.get(piece.cell, (False, 0)))
            continue
        source = _with_letters(piece.source)
        # Alone, a deep heading would be one that skips a level.
        above = "".join(f"{'#' * deep} Above\n\n" for deep in range(2, level + 1))
        made, level = _converted(source, level, folder, pictures)
        if made.strip() and not _accepted(above + made, pictures):
            made = "\n\n".join(map(_as_typed, re.split(r"\n\s*\n", _plainly(source))))
            if not _accepted(made, {}):
                made = _fenced(source)
        if made.strip():
            parts.append(made.strip("\n"))
    return "\n\n".join(parts) + "\n", pictures


def _with_letters(source: str) -> str:
    """Words without emoji; letters of formulas, as chats copy them, as the letters they are."""
    source = _LETTERS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), source)
    return _EMOJI.sub("", source).replace("\u2217", "*")


def _outputs(cell: int, prints: bool, figures: int) -> list[str]:
    """What the text shows of a code cell."""
    parts = []
    if prints:
        parts.append(
            f"{{{{ table.cell_{cell} }}}}\n: What cell {cell} printed. {{#tbl-cell-{cell}}}"
        )
    if figures:
        named = [f"@fig-cell-{cell}-{place}" for place in range(1, figures + 1)]
        parts.append(f"Cell {cell} drew {', '.join(named)}.")
    for place in range(1, figures + 1):
        which = f" {place}" if figures > 1 else ""
        parts.append(
            f"![Figure{which} of cell {cell}.](figure:cell-{cell}-{place})"
            f'{{#fig-cell-{cell}-{place} fig-alt="What cell {cell} drew, yet to be described."}}'
        )
    return parts


def _accepted(text: str, pictures: Mapping[str, bytes]) -> bool:
    """Whether the text's own parser takes `text` as it is."""
    from generator.importing.notebook.trial import is_text

    return is_text(text, pictures)


# ---------------------------------------------------------------- Markdown of other kinds


def _converted(
    source: str, level: int, folder: Path, pictures: dict[str, bytes]
) -> tuple[str, int]:
    """A cell's Markdown as ours, and the level of its last heading."""
    source = _ENVIRONMENT.sub(_in_dollars, source)
    lines: list[str] = []
    fence = ""
    for line in source.split("\n"):
        found = _FENCE.match(line)
        if found:
            fence = "" if fence and found[1][0] == fence[0] else fence or found[1]
            bare = re.sub(r"^ {0,3}(`{3,}|~{3,})\s*\{?\.?(\w*)\}?.*$", r"\1\2", line)
            lines.append(bare if fence else line.strip())
            continue
        if fence:
            lines.append(line)
            continue
        heading = _HEADING.match(line)
        under = re.fullmatch(r"\s*(=+|-{2,})\s*", line)
        if heading and heading[2]:
            level = min(level + 1, 5, max(2, len(heading[1]) + 1))
            lines += ["", f"{'#' * level} {_heading_words(heading[2])}", ""]
        elif under and lines and lines[-1].strip() and not lines[-1].startswith(("#", "|", ">")):
            level = 2 if "=" in line else min(level + 1, 3)
            lines[-1] = f"\n{'#' * level} {_heading_words(lines[-1].strip())}\n"
        elif re.fullmatch(r"\s*(?:-{3,}|_{3,}|\*{3,}|(?:- ){2,}-)\s*", line):
            lines += ["", "***", ""]
        elif re.match(r" {4,}\S", line) and not "".join(lines[-1:]).strip():
            lines.append(line.lstrip())
        else:
            lines.append(line.rstrip() if not line.endswith("  ") else line.rstrip() + "  ")
    text = "\n".join(lines)
    return _outside_code(text, lambda part: _inline(part, folder, pictures)), level


def _in_dollars(found: re.Match[str]) -> str:
    kind = "aligned" if found[1] in ("align", "eqnarray") else "gathered"
    inner = found[3].strip()
    inner = f"\\begin{{{kind}}}{inner}\\end{{{kind}}}" if "\\\\" in inner or "&" in inner else inner
    return f"\n\n$$\n{inner}\n$$\n\n"


def _heading_words(text: str) -> str:
    text = re.sub(r"^[*_]+(.*?)[*_]+$", r"\1", text.strip())
    return re.sub(r"<[^>]+>", "", text).rstrip(": ") or "…"


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    """`text` with what is no code, and no fenced block, changed."""
    parts: list[str] = []
    at = 0
    for found in re.finditer(
        r"^(`{3,}|~{3,}).*?^\1\s*$|(`+)(?!`)[^\n]+?(?<!`)\2(?!`)", text, re.M | re.S
    ):
        parts += [change(text[at : found.start()]), found.group()]
        at = found.end()
    return "".join([*parts, change(text[at:])])


def _inline(text: str, folder: Path, pictures: dict[str, bytes]) -> str:
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r"<br\s*/?>[ \t]*\n?", "  \n", text, flags=re.I)
    text = re.sub(r"<img\b[^>]*?\bsrc\s*=\s*[\"']?([^\"'\s>]+)[^>]*>", r"![](\1)", text, flags=re.I)
    text = re.sub(
        r"<a\b[^>]*?href\s*=\s*[\"']?([^\"'\s>]+)[^>]*>(.*?)</a>",
        r"[\2](\1)",
        text,
        flags=re.I | re.S,
    )
    text = re.sub(
        r"</?(?:p|div|center|h\d|li|ul|ol|table|tr|details|summary|blockquote)\b[^>]*>",
        "\n\n",
        text,
        flags=re.I,
    )
    text = re.sub(r"</?[a-z][\w-]*(?:\s[^<>]*)?/?>", "", text, flags=re.I)
    text = html.unescape(text)
    pieces = _TEX.split(text)
    out = []
    for place, piece in enumerate(pieces):
        if place % 2 and piece.startswith("$$"):
            out.append(f"\n\n$$\n{piece[2:-2].strip()}\n$$\n\n")
        elif place % 2:
            out.append(piece)
        else:
            out.append(_words(piece, folder, pictures))
    return re.sub(r"\n{3,}", "\n\n", "".join(out))


def _words(text: str, folder: Path, pictures: dict[str, bytes]) -> str:
    text = re.sub(r"\\\(|\\\)", "$", text)
    text = re.sub(r"(?<!\\)([{}@])", r"\\\1", text)
    text = re.sub(r"(?<=\w)\\@(?=\w)", "@", text)
    text = re.sub(r"<(?!https?://)", r"\\<", text)
    text = _PICTURE.sub(lambda found: _picture(found, folder, pictures), text)
    text = _LINK.sub(_link, text)
    return re.sub(r"(?<!\\)~(?!~)", r"\\~", text)


def _picture(found: re.Match[str], folder: Path, pictures: dict[str, bytes]) -> str:
    """A picture of the notebook's: its file in images/, or a link where it is elsewhere."""
    said, url = found[1].strip(), found[2].replace("\\", "")
    words = re.sub(r"[\[\]{}\"<>\\]", "", said)
    name = re.sub(r"[^\w.-]", "-", unquote(url.rpartition("/")[2].removeprefix("attachment:")))
    if re.match(r"https?:", url):
        return f"[{words or 'picture'}]({url})"
    if url.startswith("attachment:"):
        target = f"images/{name}"
    else:
        path = folder / unquote(url)
        target = f"images/{name}"
        if not path.is_file() or not re.search(r"\.(?:png|jpe?g|svg)$", name, re.I):
            return words or name
        pictures[target] = read_study_file(path.parent, path.name)
    label = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    said = words or "A picture of the notebook"
    caption = said if said.endswith(".") else f"{said}."
    return f'\n\n![{caption}]({target}){{#fig-{label} fig-alt="{said}"}}\n\n'


def _link(found: re.Match[str]) -> str:
    """A link to a page; of one to a file or a heading, which a PDF has not, the words."""
    said, url = found[1], found[2].replace("\\", "")
    return f"[{said}]({url})" if re.match(r"https?://|mailto:", url) and said else said or url


# ---------------------------------------------------------------- as it was typed


def _plainly(source: str) -> str:
    """A cell without its HTML and the marks of its blocks."""
    text = re.sub(r"</?[a-zA-Z][^<>]*>", " ", source)
    return html.unescape(re.sub(r"^\s*(?:#+|>|[-*+]|\d+[.)])\s+", "", text, flags=re.MULTILINE))


def _as_typed(paragraph: str) -> str:
    """A paragraph in which no sign means anything."""
    words = " ".join(paragraph.split())
    return re.sub(r"([\\`*_{}\[\]<>$@|~^#!&:=+-])", r"\\\1", words)


def _fenced(source: str) -> str:
    return "~~~text\n" + source.replace("~~~", "~ ~ ~").strip("\n") + "\n~~~"
