"""Lines of a list as things to watch and read: title, author, link, marks, what hangs below."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from generator.importing.blocks import Entry, Inline, Link
from generator.importing.draft import phrase
from generator.importing.phrases import bracketed_span, kind_of, marks_of
from generator.model import Note, ReadingItem, ReadingKind

# Words of a link that say nothing about what it leads to.
_GENERIC = re.compile(
    r"^(?:link|here|url|website|site|page|source|read|watch|video|paper|pdf|article|course|code|링크|여기)$",
    re.IGNORECASE,
)
# Words that only say what form a thing has, or where it is; the title stands before them.
_FORMS = re.compile(
    r"^[\s\[(]*(?:arxiv|blog(?: post)?|code|colab|data(?:set)?|demo|docs?|documentation|github"
    r"|html|hugging ?face|hf|models?|notebook|paper|pdf|post|project(?: page)?|repo(?:sitory)?"
    r"|site|slides?|talk|video|website|weights|youtube|link|here|url|page|article"
    r"|논문|코드|영상|슬라이드|링크)"
    r"(?:\s*\d+)?[\s\])]*$",
    re.IGNORECASE,
)
_PLAIN_LINK = re.compile(r"^(?:link|here|url|링크|여기)$", re.IGNORECASE)
# What the study's loader takes for an address; see study/read_reading.py.
_ADDRESS = re.compile(r"(?:https?|ftp)://\S+|mailto:\S+|[^\s:]+", re.IGNORECASE)
_BY = re.compile(r"^(?P<title>.+?)\s+(?:by|from)\s+(?P<name>[A-Z@][^,;:()]{0,60})$")
_AFTER_BY = re.compile(r"^\s*(?:,|–|—|-)?\s*by\s+(?P<name>[^,;:()]{1,60}?)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Setting:
    """What the block around an item says: everything in it is a video, or is optional.

    loose: lines without a link are items, too (a labelled block, a text without links).
    """

    watch: bool = False
    optional: bool = False
    loose: bool = False


def item_of(entry: Entry, setting: Setting) -> ReadingItem | None:
    """The item that an entry is; None if it is none (no link, and nothing says it is one)."""
    inline = entry.inline
    if entry.other or any(link.image for link in inline.links):
        return None
    marks = marks_of(inline.text)
    links = [link for link in inline.links if not link.url.startswith("#")]
    if not links and not (setting.loose or marks.kind or marks.level):
        return None
    if not all(_ADDRESS.fullmatch(link.url) for link in inline.links):
        return None  # an address that leads nowhere: its words are kept
    if not marks.text:
        return None
    found = _titled(inline, links)
    if found is None:
        return None
    item, sentence = found
    if not item.title:
        return None
    words = f"{inline.text} {sentence}"
    kind: ReadingKind = "video" if setting.watch else marks.kind or kind_of(words, item.url)
    if marks.level == "must" and not marks.kind and not setting.watch and not item.url:
        kind = "paper"  # a must without an address: the mark says "read the paper"
    optional = (
        setting.optional or marks.optional or marks_of(without_links_called_so(inline)).optional
    )
    item = replace(item, kind=kind, optional=optional, level="" if optional else marks.level)
    notes = (*item.notes, *((Note(phrase(sentence)),) if sentence else ()))
    return _with_children(replace(item, notes=notes), entry.entries)


def _titled(inline: Inline, links: Sequence[Link]) -> tuple[ReadingItem, str] | None:
    """The item's title, author, address and short name; and the sentence that the link was in."""
    if not links:
        text, minutes = bracketed_span(marks_of(inline.text).text)
        title, sentence = _parted(text)
        title, name = _by(title)
        return ReadingItem(phrase(title), by=name, minutes=minutes), sentence
    if len(links) > 1:
        formed = _in_several_forms(inline, links)
        if formed:
            return formed
    main = _main_link(links)
    before = inline.text[: main.start]
    after = inline.text[main.end :]
    others = [link for link in links if link is not main]
    if len(others) > 1:
        return None  # several things on one line: not ours to choose between
    other = others[0] if others else None
    generic = bool(_GENERIC.match(main.text))
    in_words = before.strip() and before.rstrip()[-1] not in "([:：-–—|,"
    if generic and in_words and other is None and re.fullmatch(r"\W*", after):
        # "More about it is here": the sentence is the name.
        whole, minutes = bracketed_span(marks_of(inline.text).text)
        return ReadingItem(phrase(whole), url=main.url, minutes=minutes), ""
    if generic or (main.bare and before.strip(" (:-–—[")):
        return _generic(before, after, main, other)
    if other is not None and not _byline(inline, main, other):
        return None
    head = marks_of(before).text
    tail, minutes = bracketed_span(_tail(marks_of(after).text))
    by, by_url = "", ""
    if other is not None:
        by, by_url, tail = other.text, other.url, ""
    found = _AFTER_BY.match(tail)
    if found and not by:
        by, tail = found.group("name"), ""
    title, own_minutes = bracketed_span(marks_of(main.text).text or main.text)
    item = ReadingItem(
        phrase(title), url=main.url, by=by, by_url=by_url, minutes=minutes or own_minutes
    )
    short = re.fullmatch(r"(.{1,60}?)\s*[:：–—-]\s*", f"{head} " if head else "")
    if not head:
        return item, _remark(tail)
    if short and not tail:
        return replace(item, short=short.group(1).strip()), ""
    if short and re.match(r"^\s*[:\-–—]", after):
        return replace(item, short=short.group(1).strip()), _remark(tail)
    # The link stands inside a sentence, which stays whole as a remark.
    return item, marks_of(inline.text).text


def _main_link(links: Sequence[Link]) -> Link:
    """The link that leads to the item itself: "link" behind the words, else the first."""
    generic = [link for link in links if _GENERIC.match(link.text)]
    return generic[-1] if generic else links[0]


def _generic(
    before: str, after: str, main: Link, other: Link | None
) -> tuple[ReadingItem, str] | None:
    """An item whose link is called "link": its words are the title."""
    head = re.sub(r"[\s(\[]+$", "", before)
    tail = re.sub(r"^[\s)\]]+", "", after)
    if other is not None and other.end > len(before):
        return None
    by_url = ""
    name = ""
    if other is not None:
        rest = head[other.end :].strip(" ()")
        if rest:
            return None
        name, by_url = other.text, other.url
        head = re.sub(r"[\s,]+$", "", head[: other.start])
        said_by = re.search(r"\s+(?:by|from)$", head, re.IGNORECASE)
        head = head[: said_by.start()] if said_by else head.rstrip(" (-–—")
    text, minutes = bracketed_span(marks_of(head).text.rstrip(" :-–—,"))
    tail_text, tail_minutes = bracketed_span(marks_of(tail).text)
    if not text:
        # Nothing but "link": what follows is its name.
        text, tail_text = tail_text.lstrip(" :-–—"), ""
        if not text:
            text = main.url
    if not name:
        text, name = _by(text)
    item = ReadingItem(
        phrase(text), url=main.url, by=name, by_url=by_url, minutes=minutes or tail_minutes
    )
    return item, _remark(tail_text)


def _byline(inline: Inline, main: Link, other: Link) -> bool:
    """Whether `other` only says who made what `main` leads to: it follows it and "by"."""
    if other.start < main.end:
        return False
    between = inline.text[main.end : other.start]
    return bool(re.fullmatch(r"\s*(?:,|\(|-|–|—)?\s*(?:by|from)\s*|,\s*", between, re.I)) and not (
        inline.text[other.end :].strip(" ).") or _FORMS.match(other.text)
    )


def _in_several_forms(inline: Inline, links: Sequence[Link]) -> tuple[ReadingItem, str] | None:
    """An item with links to its forms: "LoRA [paper](…) [code](…)"; None if it is none.

    The first link is the item's own, the others hang below it.
    """
    first, *others = links
    if _FORMS.match(first.text):
        title = re.sub(r"[\s(\[:：–—|,-]+$", "", inline.text[: first.start])
    else:
        title = first.text
        if inline.text[: first.start].strip() or any(_PLAIN_LINK.match(x.text) for x in others):
            return None
    if not re.search(r"\w", marks_of(title).text) or not all(_FORMS.match(x.text) for x in others):
        return None
    between = [
        inline.text[one.end : next_.start] for one, next_ in zip(links, others, strict=False)
    ]
    if not all(re.fullmatch(r"(?:\W|_|\band\b|\bor\b)*", words) for words in between):
        return None
    text, minutes = bracketed_span(marks_of(title).text)
    tail, late = bracketed_span(marks_of(inline.text[links[-1].end :]).text)
    if title is not first.text:
        text, name = _by(text)
    else:
        name = ""
    children = tuple(
        ReadingItem(phrase(x.text.strip("[] ()")), url=x.url, kind=kind_of(x.text, x.url))
        for x in others
    )
    item = ReadingItem(
        phrase(text), url=first.url, by=name, minutes=minutes or late, children=children
    )
    return item, _remark(tail)


def without_links_called_so(inline: Inline) -> str:
    """The words of a line without its "link" or "[paper]" and the brackets around them."""
    text = inline.text
    for link in reversed(inline.links):
        if not link.image and (link.bare or only_a_form(link.text)):
            text = text[: link.start] + text[link.end :]
    return re.sub(r"\s*[(\[]\s*[)\]]", "", text).strip()


def only_a_form(text: str) -> bool:
    """Whether a link's words say no more than "link", "paper", "[code]"."""
    return bool(_FORMS.match(text))


def says_link(text: str) -> bool:
    """Whether a link's words only say that it is one."""
    return bool(_PLAIN_LINK.match(text))


def _by(text: str) -> tuple[str, str]:
    """Title and author of "Title by Author"; no author where the words do not say one."""
    found = _BY.match(text)
    if found and len(found.group("name").split()) <= 6:
        return found.group("title"), found.group("name").strip()
    return text, ""


def _parted(text: str) -> tuple[str, str]:
    """A title without a link, and the remark behind its colon or dash."""
    cut = re.split(r"\s+[:–—]\s+|\s+-\s+", text, maxsplit=1)
    return (cut[0], cut[1]) if len(cut) > 1 else (text, "")


def _tail(text: str) -> str:
    return text.strip().removeprefix(")").strip()


def _remark(text: str) -> str:
    """What follows a title, without the sign that joins them."""
    text = re.sub(r"^\s*[:\-–—|,;)\]]+\s*", "", text).strip()
    return "" if re.fullmatch(r"[\W_]*", text) else text


# ---------------------------------------------------------------- what hangs below an item


def _with_children(item: ReadingItem, entries: Sequence[Entry]) -> ReadingItem:
    notes = list(item.notes)
    children = list(item.children)
    more = item.more
    for entry in entries:
        linked = any(_has_links(inner) for inner in entry.entries)
        if not entry.inline.links and linked:
            if more or notes_only(entry.entries):
                notes.append(Note(phrase(entry.inline.text)))
            else:
                more = phrase(entry.inline.text.rstrip(" :"))
            for inner in entry.entries:
                child = item_of(inner, Setting())
                if child is None:
                    notes.append(note_of(inner))
                else:
                    children.append(child)
            continue
        child = item_of(entry, Setting()) if entry.inline.links else None
        several = _several(entry) if child is None else ()
        if several and not more:
            before = entry.inline.text[: entry.inline.links[0].start]
            more = phrase(marks_of(before).text.rstrip(" :"))
            children += several
        elif child is None:
            notes.append(note_of(entry))
        else:
            children.append(child)
    return replace(item, notes=tuple(notes), children=tuple(children), more=more)


def _several(entry: Entry) -> tuple[ReadingItem, ...]:
    """The items of a line of nothing but links, marks and a word before them; else none."""
    links = entry.inline.links
    if len(links) < 2 or entry.entries or entry.other or any(link.image for link in links):
        return ()
    text = entry.inline.text
    items = []
    for place, link in enumerate(links):
        before = text[links[place - 1].end if place else 0 : link.start]
        marks = marks_of(before)
        if place and re.search(r"\w{4,}", marks.text):
            return ()
        kind = marks.kind or kind_of(link.text, link.url)
        items.append(ReadingItem(phrase(link.text), url=link.url, kind=kind))
    return () if re.search(r"\w", text[links[-1].end :]) else tuple(items)


def notes_only(entries: Sequence[Entry]) -> bool:
    """Whether none of the entries has a link, at any depth."""
    return not any(_has_links(entry) for entry in entries)


def _has_links(entry: Entry) -> bool:
    return bool(entry.inline.links) or any(map(_has_links, entry.entries))


def note_of(entry: Entry) -> Note:
    """An entry as a remark, with the remarks below it."""
    return Note(phrase(entry.inline.text or "…"), tuple(note_of(inner) for inner in entry.entries))
