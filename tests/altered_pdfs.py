"""Copies of a PDF, each altered in one way that somebody might try: name → bytes."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, AttachedFileSpec, Dictionary, Name, Pdf

Change = Callable[[Pdf], None]


def saved(content: bytes, change: Change) -> bytes:
    """The PDF with `change` made by a program that writes PDFs."""
    with pikepdf.open(BytesIO(content)) as pdf:
        change(pdf)
        out = BytesIO()
        pdf.save(out)
    return out.getvalue()


def _add(text: bytes) -> Change:
    def change(pdf: Pdf) -> None:
        pdf.pages[0].contents_add(pdf.make_stream(text))

    return change


def _file(path: str, old: bytes, new: bytes) -> Change:
    def change(pdf: Pdf) -> None:
        before = pdf.attachments[path].get_file().read_bytes()
        assert old in before, path
        pdf.attachments[path].get_file().obj.write(before.replace(old, new, 1))

    return change


def _page_words(pdf: Pdf) -> None:
    """Two words of a line change places: nothing new is drawn."""
    page = pdf.pages[1]
    steps = list(pikepdf.parse_content_stream(page))
    shown = [n for n, step in enumerate(steps) if str(step.operator) == "TJ"]
    steps[shown[0]], steps[shown[5]] = steps[shown[5]], steps[shown[0]]
    page.Contents = pdf.make_stream(pikepdf.unparse_content_stream(steps))


def _gone(pdf: Pdf) -> None:
    page = pdf.pages[0]
    steps = list(pikepdf.parse_content_stream(page))
    at = [n for n, step in enumerate(steps) if str(step.operator) == "TJ"][3]
    del steps[at]
    page.Contents = pdf.make_stream(pikepdf.unparse_content_stream(steps))


def _figure(pdf: Pdf) -> None:
    form = _drawings(pdf)[0]
    form.write(form.read_bytes() + b"\nq 40 40 m 90 70 l S Q")


def _drawings(pdf: Pdf) -> list[Any]:
    told = pdf.attachments["drawings.json"].get_file().read_bytes().decode()
    names = re.findall(r'"name": "(\w+)"', told)
    return [pdf.pages[0].Resources.XObject[f"/{name}"] for name in names]


def _swap_figures(pdf: Pdf) -> None:
    first, second, *_ = _drawings(pdf)
    one, other = first.read_bytes(), second.read_bytes()
    first.write(other)
    second.write(one)


def _note(pdf: Pdf) -> None:
    note = Dictionary(
        Type=Name.Annot, Subtype=Name.FreeText, Rect=Array([100, 700, 160, 720]),
        Contents="0.99", DA="/Helv 12 Tf 0 g",
    )  # fmt: skip
    page = pdf.pages[0].obj
    notes = page.get("/Annots", Array())
    notes.append(pdf.make_indirect(note))
    page.Annots = notes


def _link(pdf: Pdf) -> None:
    for page in pdf.pages:
        for note in page.obj.get("/Annots", []):
            if "/A" in note and "/URI" in note.A:
                note.A.URI = pikepdf.String("https://example.com/elsewhere")
                return
    raise AssertionError("no link")


def _title(pdf: Pdf) -> None:
    pdf.docinfo["/Title"] = "Another title"


def _metadata(pdf: Pdf) -> None:
    said = pdf.Root.Metadata.read_bytes()
    pdf.Root.Metadata.write(said.replace(b'pdfaid:part="3"', b'pdfaid:part="2"'))


def _language(pdf: Pdf) -> None:
    pdf.Root.Lang = pikepdf.String("fr")


def _alt(pdf: Pdf) -> None:
    for item in pdf.objects:
        if isinstance(item, Dictionary) and item.get("/S") == "/Figure":
            item.Alt = pikepdf.String("Nothing to see")
            return


def _mathml(pdf: Pdf) -> None:
    for item in pdf.objects:
        if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/application/mathml+xml":
            item.write(b'<math xmlns="http://www.w3.org/1998/Math/MathML"><mn>1</mn></math>')
            return


def _last_page(pdf: Pdf) -> None:
    del pdf.pages[-1]


def _extra_file(pdf: Pdf) -> None:
    more: Any = AttachedFileSpec
    pdf.attachments["reports/more.py"] = more(pdf, b"print(1)\n", filename="more.py")


def _no_text(pdf: Pdf) -> None:
    (path,) = [path for path in pdf.attachments if path.endswith(".md")]
    del pdf.attachments[path]


def _incremental(content: bytes) -> bytes:
    """An update appended in the way of editors: a new catalogue behind the old end."""
    start = int(re.findall(rb"startxref\s+(\d+)", content)[-1])
    with pikepdf.open(BytesIO(content)) as pdf:
        number, root = len(pdf.objects) + 9, pdf.Root.unparse(resolved=True)
    body = b"\n%d 0 obj\n%s\nendobj\n" % (number, root.replace(b"/Lang (en)", b"/Lang (fr)"))
    at = len(content) + len(body)
    table = b"xref\n%d 1\n%010d 00000 n \ntrailer\n" % (number, len(content) + 1)
    trailer = b"<< /Size %d /Root %d 0 R /Prev %d >>\n" % (number + 1, number, start)
    return content + body + table + trailer + b"startxref\n%d\n%%%%EOF\n" % at


def _stream_byte(content: bytes) -> bytes:
    """One bit of a compressed page."""
    at = content.index(b"stream\n") + 40
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def _identifier(content: bytes) -> bytes:
    found = list(re.finditer(rb"/ID \[", content))[-1].end() + 3
    digit = b"0" if content[found : found + 1] != b"0" else b"1"
    return content[:found] + digit + content[found + 1 :]


OVER = b"q 1 g 100 700 60 12 re f Q"


def altered(content: bytes, script: str, results: str) -> Iterator[tuple[str, bytes]]:
    """Each altered copy with its name. script, results: paths of two files that it carries."""
    changes: dict[str, Change] = {
        "a white box over a number": _add(OVER),
        "a line drawn through": _add(b"q 90 500 m 300 500 l S Q"),
        "two words swapped": _page_words,
        "a word taken out": _gone,
        "a line in a figure": _figure,
        "two figures swapped": _swap_figures,
        "a note on the page": _note,
        "a link that leads elsewhere": _link,
        "another title": _title,
        "another claim in the metadata": _metadata,
        "another language": _language,
        "other words for a figure": _alt,
        "another formula for the ear": _mathml,
        "a page taken out": _last_page,
        "the script changed": _file(script, b"def compute", b"#\ndef compute"),
        "a value in the results": _file(results, b'"value": ', b'"value": 1'),
        "a version in the pins": _file("locks/study.txt", b"weasyprint==", b"weasyprint==1"),
        "another file carried": _extra_file,
        "the text not carried": _no_text,
        "saved again": lambda pdf: None,
    }
    for name, change in changes.items():
        yield name, saved(content, change)
    yield "bytes appended", content + b"\n% seen\n"
    yield "an update appended", _incremental(content)
    yield "a bit of a page", _stream_byte(content)
    yield "the end cut off", content[:-200]
    yield "the identifier", _identifier(content)
