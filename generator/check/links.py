"""Links in Markdown files: does what they lead to exist, anchors included. No network."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from generator.check.finding import Finding
from generator.check.history import Kept
from generator.check.texts import bare_text
from generator.errors import Where
from generator.model import Study
from generator.store.files import study_text

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_HTML_LINK = re.compile(
    r"""\b(?P<name>href|src|srcset)\s*=\s*(?:"(?P<a>[^"]*)"|'(?P<b>[^']*)'|(?P<c>[^\s"'=<>`]+))""",
    re.IGNORECASE,
)
# "[words][label]" that stayed words: no line of the file says what the label leads to.
_UNDEFINED = re.compile(r"(?<![\w\])])\[([^\[\]]+)\]\[([^\[\]\d][^\[\]]+)\]")
_HTML_ID = re.compile(r"""\b(?:id|name)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_LINES_OF_CODE = re.compile(r"L\d+(?:C\d+)?(?:-L\d+(?:C\d+)?)?")


@dataclass(frozen=True, slots=True)
class Link:
    """A link as written in a Markdown file. line: of the paragraph's first line or nearer."""

    target: str
    line: int


@dataclass(frozen=True, slots=True)
class Page:
    """What of a Markdown file matters to links: those in it, and the anchors it offers.

    undefined: links by a label that the file does not define.
    """

    links: tuple[Link, ...] = ()
    anchors: frozenset[str] = frozenset()
    undefined: tuple[Link, ...] = ()


@dataclass(slots=True)
class Site:
    """The files that a clone holds, with the folders above them, and each page once read.

    texts: those that are reports' texts, in which formulas may look like links.
    """

    root: Path
    study: Study
    files: frozenset[str]
    folders: frozenset[str]
    texts: frozenset[str]
    kept: Kept
    pages: dict[str, Page] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Path, study: Study, files: Sequence[str], kept: Kept) -> "Site":
        """The site of the study at `root`, whose committed files are `files`."""
        folders = {"."}
        for path in files:
            while (path := path.rpartition("/")[0]) and path not in folders:
                folders.add(path)
        texts = {path for _, report in study.reports() for _, path in report.texts}
        return cls(root, study, frozenset(files), frozenset(folders), frozenset(texts), kept)

    def page(self, path: str) -> Page:
        """The links and anchors of the Markdown file `path`."""
        if path not in self.pages:
            text = study_text(self.root, path) or ""  # said where names and texts are checked
            self.pages[path] = self._read(text, report=path in self.texts)
        return self.pages[path]

    def _read(self, text: str, *, report: bool) -> Page:
        gitlab = "gitlab" in self.study.publishing.base_url

        def found() -> list[object]:
            page = read_page(bare_text(text) if report else text, gitlab=gitlab)
            links, undefined = (
                [[link.target, link.line] for link in found]
                for found in (page.links, page.undefined)
            )
            return [links, sorted(page.anchors), undefined]

        kind = f"page{' of gitlab' * gitlab}{' of a report' * report}"
        links, anchors, undefined = self.kept.of(kind, text, found)
        return Page(
            tuple(Link(target, line) for target, line in links),
            frozenset(anchors),
            tuple(Link(target, line) for target, line in undefined),
        )


def link_findings(site: Site, pages: Iterable[str]) -> list[Finding]:
    """Links of the Markdown files `pages` that lead nowhere.

    Reports' texts are left out: what is no address or label there, the text room refuses.
    """
    findings = []
    for path in pages:
        if path in site.texts:
            continue
        for link in site.page(path).links:
            wrong = _wrong(site, path, link.target)
            if wrong:
                findings.append(Finding("links", wrong[0], Where(path, link.line), wrong[1]))
        for link in site.page(path).undefined:
            message = f"{link.target} is no link: nothing says where its label leads"
            hint = "add a line [label]: address, or write [words](address)"
            findings.append(Finding("links", message, Where(path, link.line), hint))
    return findings


def linked_paths(site: Site, pages: Iterable[str]) -> set[str]:
    """The files of the study that the Markdown files `pages` link to."""
    base = site.study.publishing.base_url.rstrip("/")
    found = set()
    for path in pages:
        for link in site.page(path).links:
            target = link.target
            if base and target.startswith(f"{base}/"):
                target = "/" + target[len(base) + 1 :]
            if not _SCHEME.match(target):
                address = unquote(target.partition("#")[0].partition("?")[0])
                found.add(_resolved(path, address) or "")
    return found


def outside_links(site: Site, pages: Iterable[str]) -> dict[str, list[Where]]:
    """Address → where it is linked, of every http(s) link that is not one of the study's own."""
    found: dict[str, list[Where]] = {}
    base = site.study.publishing.base_url
    for path in pages:
        for link in site.page(path).links:
            own = base and link.target.startswith(base)
            if re.match(r"https?://", link.target) and not own:
                found.setdefault(link.target, []).append(Where(path, link.line))
    return found


def _wrong(site: Site, page: str, target: str) -> tuple[str, str] | None:
    """What is wrong with a link, and a hint; None if nothing is, or if it leads elsewhere."""
    base = site.study.publishing.base_url.rstrip("/")
    if base and target.startswith(f"{base}/"):
        target = "/" + target[len(base) + 1 :]
    if _SCHEME.match(target):
        return None
    address, _, anchor = target.partition("#")
    address = unquote(address.partition("?")[0])
    path = _resolved(page, address)
    if path is None:
        return f"the link {target} leads out of the study", "put a copy of the file inside"
    if path not in site.files and path not in site.folders:
        return f"the link {target} leads to no file", _nearest(site, path)
    if anchor and (path == page or path.endswith(".md")):
        anchor = unquote(anchor)
        anchors = site.page(path).anchors
        if anchor not in anchors and not _LINES_OF_CODE.fullmatch(anchor):
            near = _close(anchor, anchors)
            return f"{path} has no heading for #{anchor}", near or _headings(anchors)
    return None


def _resolved(page: str, address: str) -> str | None:
    """The path in the study that `address` in `page` names; None if it is outside."""
    if not address:
        return page
    parts: list[str] = [] if address.startswith("/") else list(PurePosixPath(page).parts[:-1])
    for part in address.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts) or "."


def _nearest(site: Site, path: str) -> str:
    folded = unicodedata.normalize("NFC", path).casefold()
    for known in sorted(site.files):
        if unicodedata.normalize("NFC", known).casefold() == folded:
            same = unicodedata.normalize("NFC", known) == unicodedata.normalize("NFC", path)
            how = "in another Unicode form (NFC is expected)" if same else "in other letters' case"
            return f"it is there {how}: {known}"
    if (site.root / path).exists():
        return "it is there, but git ignores it: a clone does not have it"
    # Among thousands of files only its neighbours and namesakes are worth comparing.
    folder, _, name = path.rpartition("/")
    near = [
        known
        for known in site.files
        if known.rpartition("/")[0] == folder or known.rpartition("/")[2] == name
    ]
    return _close(path, near or (site.files if len(site.files) < 1000 else ()))


def _close(word: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word, sorted(known), 1, 0.7)
    return f"did you mean {close[0]}?" if close else ""


def _headings(anchors: frozenset[str]) -> str:
    return f"there are: {', '.join(sorted(anchors)[:8])}" if anchors else "it has no headings"


# ---------------------------------------------------------------- reading a page


def read_page(text: str, *, gitlab: bool = False) -> Page:
    """The links and anchors of a Markdown file, as GitHub (CommonMark) or GitLab reads it."""
    # Only reports and README are Markdown enough to need a parser; it costs 50 ms to import.
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    links: list[Link] = []
    anchors: list[str] = []
    undefined: list[Link] = []
    counts: dict[str, int] = {}
    line = 1
    for index, token in enumerate(tokens):
        line = token.map[0] + 1 if token.map else line
        if token.type == "html_block":
            links += [Link(target, line) for target in _html_targets(token.content)]
            anchors += _html_ids(token.content)
        if token.type != "inline":
            continue
        if index and tokens[index - 1].type == "heading_open":
            anchors.append(_numbered(slug(_plain(token), gitlab=gitlab), counts))
        place = line
        said = "".join(c.content if c.type == "text" else "\n" for c in token.children or [])
        undefined += [Link(found.group(), line) for found in _UNDEFINED.finditer(said)]
        for child in token.children or []:
            if child.type == "softbreak" or child.type == "hardbreak":
                place += 1
            target = child.attrs.get("href") or child.attrs.get("src")
            if isinstance(target, str):
                links.append(Link(target, place))
            if child.type == "html_inline":
                links += [Link(found, place) for found in _html_targets(child.content)]
                anchors += _html_ids(child.content)
    return Page(tuple(links), frozenset(anchors), tuple(undefined))


def slug(heading: str, *, gitlab: bool = False) -> str:
    """The anchor that the host makes of a heading's words.

    GitHub: lower case; letters, marks, digits, `_` and `-` stay, spaces become hyphens, all else
    goes, an emoji before a space thus leaving a hyphen. GitLab also joins hyphens in a row.
    """
    kept = "".join(c for c in heading.strip().lower() if c in " -" or _is_word(c))
    made = kept.replace(" ", "-")
    return re.sub(r"-+", "-", made).strip("-") if gitlab else made


def _is_word(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category[0] in "LM" or category in ("Nd", "Pc")


def _numbered(anchor: str, counts: dict[str, int]) -> str:
    count = counts.get(anchor, 0)
    counts[anchor] = count + 1
    return f"{anchor}-{count}" if count else anchor


def _plain(inline: object) -> str:
    """The words of a heading without its markup."""
    from markdown_it.token import Token

    assert isinstance(inline, Token)
    kinds: Mapping[str, bool] = {"text": True, "code_inline": True}
    return "".join(child.content for child in inline.children or [] if kinds.get(child.type))


def _html_targets(text: str) -> Iterator[str]:
    for match in _HTML_LINK.finditer(re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)):
        value = match["a"] or match["b"] or match["c"] or ""
        if match["name"].lower() == "srcset":
            yield from (part.split()[0] for part in value.split(",") if part.strip())
        else:
            yield value


def _html_ids(text: str) -> list[str]:
    return [match.group(1) or match.group(2) or "" for match in _HTML_ID.finditer(text)]
