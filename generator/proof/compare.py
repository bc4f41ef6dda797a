"""Where two PDFs differ, in sentences: text, figures, files, what they say of themselves."""

import difflib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from generator.proof.page_text import words
from generator.proof.reading import opened

if TYPE_CHECKING:
    import pikepdf

_SHOWN = 5  # differences told of one page
_AROUND = 3  # words


def differences(given: bytes, made: bytes, name: str) -> list[str]:
    """What is otherwise in the PDF `given` than in `made`, which its own sources give.

    Raises StudyError if `given` is no whole PDF. Never empty where the bytes differ.
    """
    if given == made:
        return []
    if given.startswith(made):
        return [f"{len(given) - len(made)} bytes are appended to it"]
    with opened(given, name) as one, opened(made, name) as other:
        found = [*_pages(one, other), *_files(one, other)]
        found += [*_heard(one, other), *_said(one, other)]
        # An update appended to a PDF leaves what it hides in the file.
        if given.count(b"startxref") > made.count(b"startxref"):
            found.append("it was changed after it was made: its end is appended")
        if found:
            return found
        more = len(one.objects) - len(other.objects)
        if more:
            return [
                f"it has {abs(more)} {'more' if more > 0 else 'fewer'} objects than its sources"
            ]
    if abs(len(given) - len(made)) > 0:
        return ["the same pages, words and files, but saved again by another program"]
    at = next(n for n, (x, y) in enumerate(zip(given, made, strict=True)) if x != y)
    return [f"its bytes differ from byte {at} on, in no page, word or file"]


def _pages(one: "pikepdf.Pdf", other: "pikepdf.Pdf") -> Iterator[str]:
    if len(one.pages) != len(other.pages):
        yield f"it has {len(one.pages)} pages, its sources give {len(other.pages)}"
    for number, (page, made) in enumerate(zip(one.pages, other.pages, strict=False), 1):
        text = list(_words(words(page), words(made)))
        yield from (f"page {number}: {sentence}" for sentence in text[:_SHOWN])
        if len(text) > _SHOWN:
            yield f"page {number}: and {len(text) - _SHOWN} more"
        if not text and _content(page) != _content(made):
            yield f"page {number}: something is drawn that its sources do not give"
        elif _things(page) != _things(made):
            yield f"page {number}: a letter, picture, note or link on it is another"


def _words(given: Sequence[str], made: Sequence[str]) -> Iterator[str]:
    matcher = difflib.SequenceMatcher(None, made, given, autojunk=False)
    for kind, start, end, at, stop in matcher.get_opcodes():
        if kind == "equal":
            continue
        before = " ".join(made[max(0, start - _AROUND) : start])
        there = f" after “{before}”" if before else " at its beginning"
        old, new = " ".join(made[start:end]), " ".join(given[at:stop])
        if kind == "delete":
            yield f"“{old}” is missing{there}"
        elif kind == "insert":
            yield f"“{new}” was added{there}"
        else:
            yield f"says “{new}”, its sources give “{old}”{there}"


def _content(page: "pikepdf.Page") -> bytes:
    import pikepdf

    contents: Any = page.obj.get("/Contents", [])
    parts = [contents] if isinstance(contents, pikepdf.Stream) else list(contents)
    return b"\n".join(part.read_bytes() for part in parts)


def _things(page: "pikepdf.Page") -> Any:
    """What a page draws and links to besides its own content stream, in a form to compare."""
    resources: Any = page.obj.get("/Resources", {})
    drawn = {
        str(name): (
            thing.read_raw_bytes(),
            thing.get("/BBox", None) and list(map(float, thing.BBox)),
        )
        for name, thing in resources.get("/XObject", {}).items()
    }
    notes = [
        (
            str(note.get("/Subtype")),
            repr(note.get("/Rect")),
            repr(note.get("/A")),
            repr(note.get("/Dest")),
        )
        for note in page.obj.get("/Annots", [])
    ]
    return drawn, notes


def _heard(one: "pikepdf.Pdf", other: "pikepdf.Pdf") -> Iterator[str]:
    """What is otherwise for those who listen: kinds of elements, words and MathML."""
    given, made = (list(_elements(p.Root.get("/StructTreeRoot"))) for p in (one, other))
    if len(given) != len(made):
        yield f"it has {len(given)} elements for those who listen, its sources give {len(made)}"
        return
    told = 0
    for (kind, *said), (_, *right) in zip(given, made, strict=True):
        if said != right and told < _SHOWN:
            told += 1
            heard, due = _first(said, right), _first(right, said)
            yield f"a {kind} says “{heard}” to those who listen, its sources give “{due}”"


def _first(said: Sequence[str], other: Sequence[str]) -> str:
    """The first of `said` that is not as in `other`."""
    return next(one for one, two in zip(said, other, strict=True) if one != two)[:80]


def _elements(root: Any) -> Iterator[tuple[str, ...]]:
    """Kind, alternative text, text, expansion, language and MathML of each element, in order."""
    import pikepdf

    waiting = [root]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, pikepdf.Dictionary):
            continue
        if "/S" in node:
            words = (str(node.get(key, "")) for key in ("/Alt", "/ActualText", "/E", "/Lang"))
            files = (
                file.EF.F.read_bytes().decode("utf-8", "replace") for file in node.get("/AF", [])
            )
            yield (str(node.S)[1:], *words, "".join(files))
        kids: Any = node.get("/K", [])
        waiting += reversed(list(kids) if isinstance(kids, pikepdf.Array) else [kids])


def _files(one: "pikepdf.Pdf", other: "pikepdf.Pdf") -> Iterator[str]:
    given, made = (
        {path: _file(file) for path, file in p.attachments.items()} for p in (one, other)
    )
    yield from (
        f"carries {path}, which is no source of it" for path in sorted(given.keys() - made.keys())
    )
    yield from (f"does not carry {path}" for path in sorted(made.keys() - given.keys()))
    for path in sorted(given.keys() & made.keys()):
        if given[path] != made[path]:
            yield f"the file {path} in it is not what its sources give"


def _file(attached: Any) -> bytes:
    content: bytes = attached.get_file().read_bytes()
    return content


def _said(one: "pikepdf.Pdf", other: "pikepdf.Pdf") -> Iterator[str]:
    """Title, authors, language and the rest that a PDF says of itself."""
    given, made = ({str(k): str(v) for k, v in p.docinfo.items()} for p in (one, other))
    for name in sorted(given.keys() | made.keys()):
        if given.get(name) != made.get(name):
            yield (
                f"its {name[1:]} is “{given.get(name, '')}”, its sources give "
                f"“{made.get(name, '')}”"
            )
    if str(one.Root.get("/Lang")) != str(other.Root.get("/Lang")):
        yield f"its language is {one.Root.get('/Lang')}, its sources give {other.Root.get('/Lang')}"
    meta = [_stream(p.Root.get("/Metadata")) for p in (one, other)]
    if meta[0] != meta[1]:
        yield "its metadata (XMP) are not what its sources give"


def _stream(thing: Any) -> bytes:
    content: bytes = b"" if thing is None else thing.read_bytes()
    return content
