"""A tree of structure elements, and how it is written into a PDF."""

from dataclasses import dataclass, field
from typing import Any, Union

import pydyf


@dataclass(slots=True, eq=False)
class Node:
    """A structure element, grown in the order of the text.

    kids: nodes, (page, mcid) of marked content, or annotations. inner: the node inside that takes
    the content, such as the LBody of an LI. extra: further entries of its dictionary.
    """

    tag: str
    above: "Node | None"
    extra: dict[str, Any] = field(default_factory=dict)
    kids: list[Union["Node", tuple[int, int], "Annotation"]] = field(default_factory=list)
    inner: "Node | None" = None
    is_anonymous: bool = False

    def child(self, tag: str) -> "Node":
        """A new node at the end of this one."""
        made = Node(tag, self)
        self.kids.append(made)
        return made

    def label(self) -> "Node":
        """The Lbl of this item or note, its first kid; made if there is none yet."""
        first = self.kids[0] if self.kids else None
        if isinstance(first, Node) and first.tag == "Lbl":
            return first
        made = Node("Lbl", self)
        self.kids.insert(0, made)
        return made

    def body(self) -> "Node":
        """The LBody of this item, its last kid; made if there is none yet."""
        last = self.kids[-1] if self.kids else None
        return last if isinstance(last, Node) and last.tag == "LBody" else self.child("LBody")


@dataclass(frozen=True, slots=True)
class Annotation:
    """A link's annotation, a pydyf dictionary that is in the PDF already, on a page from 0."""

    page: int
    link: Any


def write_tree(pdf: Any, document: Node, pages: int) -> None:
    """Write `document` as the structure tree of `pdf`, which has `pages` pages."""
    writer = _Writer(pdf, pages)
    parents = pydyf.Dictionary({})
    pdf.add_object(parents)
    root = pydyf.Dictionary({"Type": "/StructTreeRoot", "ParentTree": parents.reference})
    pdf.add_object(root)
    root["K"] = pydyf.Array([writer.write(document, root.reference)])
    numbers = pydyf.Array()
    for key, references in enumerate(writer.by_page):
        numbers.extend((key, pydyf.Array(reference for _, reference in sorted(references))))
    for key, (reference, link) in enumerate(writer.links, start=pages):
        link["StructParent"] = key
        numbers.extend((key, reference))
    parents["Nums"] = numbers
    root["ParentTreeNextKey"] = pages + len(writer.links)
    if writer.ids:
        names = pydyf.Array(part for pair in sorted(writer.ids) for part in pair[1:])
        root["IDTree"] = pydyf.Dictionary({"Names": names})
    pdf.catalog["StructTreeRoot"] = root.reference


class _Writer:
    """Writes nodes; remembers which node owns each piece of content.

    by_page: (mcid, reference) of each page; links: (reference, annotation); ids: (text, as it is
    written, reference).
    """

    def __init__(self, pdf: Any, pages: int) -> None:
        self._pdf = pdf
        self.by_page: list[list[tuple[int, bytes]]] = [[] for _ in range(pages)]
        self.links: list[tuple[bytes, Any]] = []
        self.ids: list[tuple[str, Any, bytes]] = []

    def write(self, node: Node, above: bytes) -> bytes:
        """Add `node` and all in it to the PDF; its reference."""
        page = next((kid[0] for kid in node.kids if isinstance(kid, tuple)), None)
        element = pydyf.Dictionary(
            {"Type": "/StructElem", "S": f"/{node.tag}", "P": above, **node.extra}
        )
        if page is not None:
            element["Pg"] = self._pdf.page_references[page]
        self._pdf.add_object(element)
        reference: bytes = element.reference
        element["K"] = pydyf.Array(self._kid(kid, page, reference) for kid in node.kids)
        if identity := node.extra.get("ID"):
            self.ids.append((identity.string, identity, reference))
        return reference

    def _kid(self, kid: Node | tuple[int, int] | Annotation, page: int | None, owner: bytes) -> Any:
        if isinstance(kid, Node):
            return self.write(kid, owner)
        if isinstance(kid, Annotation):
            self.links.append((owner, kid.link))
            return pydyf.Dictionary(
                {
                    "Type": "/OBJR",
                    "Obj": kid.link.reference,
                    "Pg": self._pdf.page_references[kid.page],
                }
            )
        number, mcid = kid
        self.by_page[number].append((mcid, owner))
        if number == page:
            return mcid
        return pydyf.Dictionary(
            {"Type": "/MCR", "Pg": self._pdf.page_references[number], "MCID": mcid}
        )
