"""Citations by author and year, and the list of the works that a text cites."""

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from generator.errors import StudyError, Where
from generator.text.markdown.outline import REFERENCES
from generator.text.values.numerals import THIN
from generator.text.words import Words
from generator.text.works.bibliography import BIBLIOGRAPHY, Entry, Name


@dataclass(frozen=True, slots=True)
class Citations:
    """The works that one text cites, in the order of the list of references.

    suffixes: key → "a", "b" where author and year are those of another cited work, too.
    """

    words: Words
    every: Mapping[str, Entry]
    cited: tuple[Entry, ...] = ()
    suffixes: Mapping[str, str] = field(default_factory=dict)
    path: str = BIBLIOGRAPHY

    def known(self, key: str) -> bool:
        """Whether the bibliography has `key`."""
        return key in self.every

    def names(self, key: str) -> tuple[str, str]:
        """ "Vaswani et al." and "2017a": how a sentence names the work."""
        entry = self.every[key]
        return who(entry, self.words), _year(entry, self.words) + self.suffixes.get(key, "")

    def suggestion(self, key: str) -> str:
        """The key that may have been meant, as a hint."""
        close = get_close_matches(key, self.every, 1, 0.6)
        if close:
            return f"did you mean @{close[0]}?"
        return "" if self.every else f"there is no {BIBLIOGRAPHY} yet, or it has no entry"

    def list_html(self) -> str:
        """The list of references; "" if nothing is cited."""
        if not self.cited:
            return ""
        items = [
            f'<p id="ref-{html.escape(entry.key)}">{self._item(entry)}</p>' for entry in self.cited
        ]
        title = html.escape(self.words.references)
        heading = f'<h2 id="{REFERENCES}">{title}</h2>'
        return f'<section class="references">{heading}\n{chr(10).join(items)}\n</section>\n'

    def _item(self, entry: Entry) -> str:
        people = entry.authors or entry.editors
        names = _listed(people, self.words) if people else who(entry, self.words)
        if not entry.authors and entry.editors:
            names += f" ({self.words.editors})"
        year = _year(entry, self.words) + self.suffixes.get(entry.key, "")
        title = html.escape(_sentence(entry.fields.get("title", "")), quote=False)
        part = "journal" in entry.fields or "booktitle" in entry.fields
        title = title if part else f"<em>{title}</em>"
        pieces = [f"{html.escape(names, quote=False)} ({year}).", title + _stop(title)]
        published = self._published(entry)
        if published:
            pieces.append(published + _stop(published))
        address = _address(entry)
        if address:
            link, shown = html.escape(address[0]), html.escape(address[1])
            pieces.append(f'<a href="{link}">{shown}</a>')
        return " ".join(pieces)

    def _published(self, entry: Entry) -> str:
        """Where a work appeared: journal, volume, pages, publisher."""
        fields = {name: html.escape(text, quote=False) for name, text in entry.fields.items()}
        parts = []
        container = fields.get("journal") or fields.get("journaltitle") or fields.get("booktitle")
        if container:
            text = f"<em>{container}</em>"
            if "volume" in fields:
                text += f" {fields['volume']}"
                text += f"({fields['number']})" if "number" in fields else ""
            parts.append(text)
        elif "number" in fields:
            parts.append(fields["number"])
        if "edition" in fields:
            parts.append(self.words.edition_of(fields["edition"]))
        if "volume" in fields and not container:
            parts.append(self.words.volume.format(fields["volume"]))
        if "pages" in fields:
            pages = re.sub(r"\s*[-–]+\s*", "–", fields["pages"])
            form = self.words.pages["–" in pages or "," in pages]
            parts.append(pages if container and "volume" in fields else form.format(pages))
        for name in ("school", "institution", "organization", "publisher", "howpublished"):
            if name in fields and not (name == "howpublished" and "://" in fields[name]):
                parts.append(fields[name])
        if "note" in fields:
            parts.append(fields["note"])
        return ", ".join(parts)


def citations_for(
    keys: Iterable[str], every: Mapping[str, Entry], words: Words, beside: Iterable[str] = ()
) -> tuple[Citations, list[StudyError]]:
    """The citations of a text that cites `keys`, and what those entries lack.

    beside: keys that other texts of the same book cite: a year gets its letter among them all.
    """
    cited = sorted({key for key in keys if key in every})
    problems = [problem for key in cited for problem in _gaps(every[key])]
    entries = sorted((every[key] for key in cited), key=lambda entry: _order(entry, words))
    alike: dict[tuple[str, str], list[str]] = {}
    known = {*cited, *(key for key in beside if key in every)}
    for entry in sorted((every[key] for key in known), key=lambda entry: _order(entry, words)):
        alike.setdefault((who(entry, words), _year(entry, words)), []).append(entry.key)
    suffixes = {
        key: _letters(number)
        for keys in alike.values()
        if len(keys) > 1
        for number, key in enumerate(keys)
    }
    return Citations(words, every, tuple(entries), suffixes), problems


def _gaps(entry: Entry) -> list[StudyError]:
    """What a work that is cited must say and doesn't, and what can't be printed."""
    found = []
    if not entry.authors and not entry.editors and "organization" not in entry.fields:
        house = entry.fields.get("institution") or entry.fields.get("publisher")
        hint = "write author = {Family, Given and Family, Given}"
        if house:
            hint += f"; where {house} itself is the author, author = {{{{{house}}}}}"
        found.append(("no author", hint))
    if not entry.fields.get("title"):
        found.append(("no title", "write title = {…}"))
    # What was never published has no date of its own; anything else without one is a slip.
    if not _bare_year(entry) and entry.kind not in ("misc", "unpublished"):
        found.append(("no year", "write year = {2017}"))
    for name, text in entry.fields.items():
        if name in _SHOWN and re.search(r"[$\\]", text):
            found.append((f"TeX in its {name}: {text}", "write it in plain letters"))
    where = Where(BIBLIOGRAPHY, entry.line)
    return [StudyError(f"{entry.key}: {gap}", where, hint) for gap, hint in found]


_SHOWN = ("title", "journal", "booktitle", "publisher", "note", "school", "institution", "year")


def _letters(number: int) -> str:
    return chr(ord("a") + number) if number < 26 else f"-{number + 1}"


def _bare_year(entry: Entry) -> str:
    return entry.fields.get("year") or entry.fields.get("date", "")[:4]


def _year(entry: Entry, words: Words) -> str:
    return _bare_year(entry) or words.no_date


def who(entry: Entry, words: Words) -> str:
    """How a sentence names the authors: one, two, or the first and others."""
    people = entry.authors or entry.editors
    if not people:
        return entry.fields.get("organization") or entry.fields.get("title", entry.key)
    names = [name.family + (name.given if name.korean else "") for name in people]
    if len(names) == 1:
        return names[0]
    if len(names) == 2 and names[1] != "others":
        joint = words.and_two if people[0].korean or words.and_two != "·" else " & "
        return f"{names[0]}{joint}{names[1]}"
    # "김철수 외" in Korean; a foreign name keeps its own "et al.", as Korean journals print it.
    return names[0] + (words.others if people[0].korean or words.others != " 외" else " et al.")


def _listed(people: Iterable[Name], words: Words) -> str:
    """All names as the list prints them: "Vaswani, A., Shazeer, N.", "김철수, 이영희"."""
    names: list[str] = []
    for name in people:
        if name.family == "others":
            names.append(words.others.strip() if names and names[0][0] > "가" else "et al.")
        elif name.korean:
            names.append(name.family + name.given)
        elif name.given:
            names.append(f"{name.family}, {_initials(name.given)}")
        else:
            names.append(name.family)
    return ", ".join(names)


def _initials(given: str) -> str:
    """ "Jean-Luc Marie" → "J.-L. M."; names in other scripts stay whole."""
    if not given[0].isalpha() or ord(given[0]) > 0x2FF:
        return given
    words = []
    for word in re.split(r"\s+|(?<=\.)(?=[A-Z])", given):
        words.append("-".join(f"{part[0]}." for part in word.split("-") if part))
    return THIN.join(word for word in words if word)


def _sentence(title: str) -> str:
    return title.rstrip(".")


def _stop(text: str) -> str:
    return "" if re.sub(r"<[^>]*>", "", text)[-1:] in ".?!" else "."


def _address(entry: Entry) -> tuple[str, str] | None:
    """Link and its words: DOI, else arXiv, else address."""
    doi = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:\s*)", "", entry.fields.get("doi", ""))
    if doi:
        return f"https://doi.org/{doi}", f"doi:{doi}"
    eprint = entry.fields.get("eprint", "")
    if eprint and entry.fields.get("archiveprefix", "arXiv").lower() == "arxiv":
        return f"https://arxiv.org/abs/{eprint}", f"arXiv:{eprint}"
    url = entry.fields.get("url", "")
    if not url and "://" in entry.fields.get("howpublished", ""):
        found = re.search(r"https?://\S+", entry.fields["howpublished"])
        url = found[0] if found else ""
    return (url, url) if url else None


def _order(entry: Entry, words: Words) -> tuple[bool, str, str, str]:
    """Names in Hangul after those in Latin letters, as dictionaries have them."""
    people = entry.authors or entry.editors
    first = " ".join(f"{name.family} {name.given}" for name in people) or who(entry, words)
    return (ord(first[:1] or "z") > 0x1100, first.casefold(), _year(entry, words), entry.key)
