"""The structure of the PDF: one tree of tags for the document, from the elements of the page.

WeasyPrint 70 builds its tree from boxes: a paragraph on two pages becomes two paragraphs, list
items get children that are neither label nor body, headers of tables no scope, captions no table,
page numbers count as content. Here an element is one node however many boxes it has:

    h1…h6 p blockquote          H1…H6 P BlockQuote
    ul ol / li                  L / LI with Lbl (the marker) and LBody
    dl / dt dd                  L / LI with Lbl and LBody
    figure.table, table         Table with Caption, THead, TBody, TR, TH with Scope, TD
    figure > img, figcaption    Div with Figure (Alt, BBox) and Caption
    img.formula                 Formula with Alt, and its MathML as an associated file
    a                           Link with its annotations
    nav.contents                TOC with TOCI
    span.footnote               Note with Lbl; its call is a Reference
    pre, code                   P with Code; Code
    [lang], [aria-label], abbr  Span with Lang, ActualText or the expansion

Other elements give their content to the node around them. Headers and footers of pages, repeated
heads of tables and whatever CSS draws (leaders, marks of wrapped lines) are artifacts.
"""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import pydyf
from weasyprint.formatting_structure import boxes
from weasyprint.layout.absolute import AbsolutePlaceholder
from weasyprint.pdf.stream import Stream

from generator.weasy.archive import mathml_file
from generator.weasy.structure import Annotation, Node, write_tree

_POINTS = 0.75  # of a CSS pixel
_SIMPLE = {
    "p": "P", "blockquote": "BlockQuote", "pre": "P", "code": "Code", "tr": "TR", "thead": "THead",
    "tbody": "TBody", "tfoot": "TFoot", "td": "TD", "figcaption": "Caption", "caption": "Caption",
    "h1": "H1", "h2": "H2", "h3": "H3", "h4": "H4", "h5": "H5", "h6": "H6",
}  # fmt: skip
_NO_TEXT = ("Document", "Div", "L", "TOC", "Table", "TR")  # text in them is wrapped in a P


class TaggedStream(Stream):  # type: ignore[misc]
    """WeasyPrint's page stream; a box with `is_artifact` is drawn as one, without a tag."""

    def marked(self, box: Any, tag: str) -> Any:
        """The context in which `box` is drawn."""
        if getattr(box, "is_artifact", False):
            return self.artifact()
        return super().marked(box, tag)


def mark_artifacts(document: Any) -> None:
    """Say of every laid out box whether it is decoration; to be called before drawing."""
    heads: set[Element] = set()
    for page in document.pages:
        new: set[Element] = set()
        for box in _descendants(page._page_box):
            if isinstance(box, boxes.TableRowGroupBox) and box.is_header:
                repeated = box.element in heads
                new.add(box.element)
            else:
                repeated = False
            if repeated or _is_decoration(box):
                for part in _descendants(box):
                    part.is_artifact = True
        heads |= new


def add_tags(pdf: Any, document: Any, _pdf_version: Any, page_streams: list[Any]) -> None:
    """Add the structure tree; takes the place of WeasyPrint's function of this name."""
    tree = _Tree(document._html.etree_element, pdf)
    for number, (page, stream) in enumerate(zip(document.pages, page_streams, strict=True)):
        for box in _descendants(page._page_box):
            # What CSS draws into a link (a leader, a page's number) is an artifact, but can be
            # clicked all the same.
            if box.link_annotation:
                tree.link(box, number)
            if (content := stream._tags.get(box)) is not None:
                tree.content(box, number, content["mcid"], page.height)
    write_tree(pdf, tree.document, len(document.pages))
    pdf.catalog["ViewerPreferences"] = pydyf.Dictionary({"DisplayDocTitle": "true"})
    pdf.catalog["MarkInfo"] = pydyf.Dictionary({"Marked": "true"})


def _descendants(box: Any) -> Iterator[Any]:
    """`box` and all in it, in the order of the text."""
    waiting = [box]
    while waiting:
        box = waiting.pop()
        if isinstance(box, AbsolutePlaceholder):
            box = box._box
        yield box
        waiting.extend(reversed(getattr(box, "children", ())))


def _is_decoration(box: Any) -> bool:
    if isinstance(box, boxes.MarginBox):
        return True
    name, _, pseudo = (box.element_tag or "").partition("::")
    if box.element is None or pseudo not in ("before", "after"):
        return False
    return name == "a" or "turn" in box.element.get("class", "").split()


class _Tree:
    """Nodes, made when the first content asks for them."""

    def __init__(self, root: Element, pdf: Any) -> None:
        self.document = Node("Document", None)
        self._pdf = pdf
        self._files: dict[str, bytes] = {}  # MathML → its file, which like formulas share
        self._parents = {child: parent for parent in root.iter() for child in parent}
        self._nodes: dict[Element, Node] = {root: self.document}
        self._terms: dict[Element, Node] = {}  # <dl> → LI of its latest <dt>
        self._notes = 0

    def content(self, box: Any, page: int, mcid: int, page_height: float) -> None:
        """Add a piece of marked content to the node it belongs to."""
        node = self._of(box)
        if node.tag in ("Figure", "Formula") and "A" not in node.extra:
            node.extra["A"] = _place(box, page_height)
        if node.tag in _NO_TEXT:
            last = node.kids[-1] if node.kids else None
            node = last if isinstance(last, Node) and last.is_anonymous else node.child("P")
            node.is_anonymous = True
        node.kids.append((page, mcid))

    def link(self, box: Any, page: int) -> None:
        """Add a link's annotation, which says in words where it leads."""
        words = " ".join("".join(box.element.itertext()).split())
        if words:
            box.link_annotation["Contents"] = pydyf.String(words)
        box.link_annotation["F"] = 4  # to be printed, as PDF/A asks (PDF 32000-1, table 165)
        self._of(box).kids.append(Annotation(page, box.link_annotation))

    def _of(self, box: Any) -> Node:
        """The node that the content of `box` belongs to."""
        element, pseudo = box.element, (box.element_tag or "").partition("::")[2]
        if pseudo == "footnote-call":
            return self._inside(self._parents[element]).child("Reference")
        if pseudo in ("marker", "footnote-marker"):
            return self._node(element).label()
        return self._inside(element)

    def _inside(self, element: Element) -> Node:
        node = self._node(element)
        return node.inner or node

    def _node(self, element: Element) -> Node:
        known = self._nodes.get(element)
        if known is None:
            above = self._inside(self._parents[element])
            known = self._nodes.get(element)  # a row makes its cells
        if known is None:
            known = self._nodes[element] = self._made(element, above)
            if element.tag in ("table", "thead", "tbody", "tfoot", "tr"):
                for part in element:  # a cell with nothing in it is a cell, too
                    self._node(part)
        return known

    def _made(self, element: Element, above: Node) -> Node:
        """The node of `element`; the one above if it has none of its own."""
        tag, classes = element.tag, element.get("class", "").split()
        made = above
        if above.tag == "TOC" and tag == "p":
            made = above.child("Caption")
        elif tag in _SIMPLE:
            made = above.child(_SIMPLE[tag])
        elif tag in ("ul", "ol", "dl"):
            made = _list(tag, above)
        elif tag in ("li", "dt", "dd"):
            made = self._item(element, above)
        elif tag in ("figure", "table", "th", "nav", "div"):
            made = _block(element, classes, above)
        elif tag == "img" and "more" in classes:
            made = self._formula(element)
        elif tag == "img":
            made = above.child("Formula" if "formula" in classes else "Figure")
            made.extra["Alt"] = pydyf.String(element.get("alt", ""))
            if mathml := element.get("data-mathml"):
                made.extra["AF"] = pydyf.Array([self._file(mathml)])
        elif tag == "a" and element.get("href"):
            made = (above.child("Reference") if above.tag == "TOCI" else above).child("Link")
        elif "footnote" in classes:
            self._notes += 1
            made = above.child("Note")
            made.extra["ID"] = pydyf.String(f"note-{self._notes:04d}")
        elif element.get("aria-label") or element.get("title"):
            made = above.child("Span")
            if label := element.get("aria-label"):
                made.extra["ActualText"] = pydyf.String(label)
            else:
                made.extra["E"] = pydyf.String(element.get("title", ""))
        if language := element.get("lang"):
            made = above.child("Span") if made is above else made
            made.extra["Lang"] = pydyf.String(language)
        return made

    def _file(self, mathml: str) -> bytes:
        """The file of a formula's MathML."""
        if mathml not in self._files:
            self._files[mathml] = mathml_file(self._pdf, mathml)
        return self._files[mathml]

    def _formula(self, part: Element) -> Node:
        """The node of the formula that `part` goes on with."""
        siblings = list(self._parents[part])
        at = siblings.index(part)
        while siblings[at].tag != "img" or "more" in siblings[at].get("class", "").split():
            at -= 1
        return self._node(siblings[at])

    def _item(self, element: Element, above: Node) -> Node:
        """The node of <li>, <dt> or <dd>; a term and what explains it are one item."""
        if above.tag == "TOC":
            return above.child("TOCI")
        if element.tag == "dt":
            item = above.child("LI")
            self._terms[self._parents[element]] = item
            return item.label()
        if element.tag == "dd" and (term := self._terms.get(self._parents[element])):
            return term.body()
        item = above.child("LI")
        item.inner = item.body()
        return item


def _list(tag: str, above: Node) -> Node:
    if above.tag == "TOC":
        return above
    if above.tag == "TOCI":
        return above.child("TOC")
    made = above.child("L")
    numbering = {"ol": "/Decimal", "ul": "/Disc"}.get(tag, "/None")
    made.extra["A"] = pydyf.Dictionary({"O": "/List", "ListNumbering": numbering})
    return made


def _block(element: Element, classes: list[str], above: Node) -> Node:
    """The node of an element whose tag depends on what it is for."""
    match element.tag:
        case "figure":
            return above.child("Table" if "table" in classes else "Div")
        case "table":
            return above if above.tag == "Table" else above.child("Table")
        case "nav":
            return above.child("TOC" if "contents" in classes else "Div")
        case "div":
            if "equation" in classes:
                return above.child("P")
            return above.child("Div") if "admonition" in classes else above
    made = above.child("TH")
    scope = "/Row" if element.get("scope") == "row" else "/Column"
    made.extra["A"] = pydyf.Dictionary({"O": "/Table", "Scope": scope})
    return made


def _place(box: Any, page_height: float) -> Any:
    """Where a picture is on its page, in points from the lower left corner."""
    left, top = box.content_box_x(), box.content_box_y()
    corners = (left, page_height - top - box.height, left + box.width, page_height - top)
    bounds = pydyf.Array(round(value * _POINTS, 2) for value in corners)
    return pydyf.Dictionary({"O": "/Layout", "BBox": bounds})
