"""A formula as Presentation MathML: MathJax's own tree, for browsers, readers and PDFs.

MathML Core, which browsers draw, is the target. What it lacks is written so that nothing is lost:
styled letters as characters of their own, tags of equations as a last column, boxes whose size
is given as a difference without that size.
Source: W3C, MathML Core (2023); mathvariants, MathML 3, 3.2.2; names of letters, Unicode U+1D400.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from html import escape
from typing import Any

# [kind, TeX's class of atom, attributes, children]; the child of a token is its text.
Node = list[Any]

NAMESPACE = "http://www.w3.org/1998/Math/MathML"
_TOKENS = frozenset(("mi", "mn", "mo", "mtext", "ms"))
_ATTRIBUTES = frozenset(
    (
        *("accent", "accentunder", "columnalign", "columnlines", "columnspacing", "columnspan"),
        *("depth", "dir", "display", "displaystyle", "fence", "form", "frame", "height"),
        *("largeop", "linethickness", "lspace", "mathbackground", "mathcolor", "mathsize"),
        *("maxsize", "minsize", "movablelimits", "notation", "rowalign", "rowlines", "rowspacing"),
        *("rowspan", "rspace", "scriptlevel", "separator", "stretchy", "symmetric", "voffset"),
        "width",
    )
)
_RELATIVE = ("width", "height", "depth")  # of mpadded: "+1em" is 1em for Core, not 1em more

# How MathJax names what no mathvariant of MathML is.
_VARIANTS = {
    "-tex-calligraphic": "script",
    "-tex-bold-calligraphic": "bold-script",
    "-tex-oldstyle": "normal",
    "-tex-bold-oldstyle": "bold",
    "-tex-mathit": "italic",
    "-tex-variant": "normal",
}
_ORDINARY = 0  # TeX's class of atom
_ACCENTS = frozenset("^~¯˙¨´`ˇ˘→←↔―‾˚")


def mathml(meaning: Node) -> str:
    """The formula `meaning` as one <math> element, without white space between elements."""
    return _element(meaning, False)


def _element(node: Node, bare: bool) -> str:
    """`node` as XML. bare: an operator that TeX sets like a letter, as in 1{,}000."""
    kind, _, attributes, children = node
    match kind:
        case "math":
            mode = ' display="block"' if attributes.get("display") == "block" else ""
            return f'<math xmlns="{NAMESPACE}"{mode}>{_all(children)}</math>'
        case "inferredMrow":
            return _all(children)
        case "TeXAtom" | "mrow":
            return _row(node)
        case "mstyle" if _is_space(node):
            return _all(_inside(node))
        case "mstyle" if not _attributes(kind, attributes):
            return _row(node)
        case "mover" if _is_accented(children):
            return _written(kind, {"accent": True} | attributes, _all(children))
        case "mlabeledtr":
            label, *cells = children
            return _written("mtr", {}, _all([*cells, label]))
        case "none":
            return "<mrow></mrow>"
    if kind in _TOKENS:
        return _token(kind, attributes, "".join(map(str, children)), bare)
    return _written(kind, attributes, _all(children))


def _all(nodes: Iterable[Node]) -> str:
    return "".join(_element(node, False) for node in nodes)


def _row(node: Node) -> str:
    """A group: without an <mrow> of its own where one element stands in it."""
    inside = _inside(node)
    if len(inside) != 1:
        return _written("mrow", node[2], _all(inside))
    only = inside[0]
    bare = node[0] == "TeXAtom" and node[1] == _ORDINARY and only[0] == "mo"
    return _element(only, bare)


def _inside(node: Node) -> list[Node]:
    """The children of `node`, those of rows that MathJax only inferred in their place."""
    found: list[Node] = []
    for child in node[3]:
        found += _inside(child) if child[0] == "inferredMrow" else [child]
    return found


def _is_space(node: Node) -> bool:
    r"""Whether an <mstyle> is only how TeX writes the spaces \, and \quad."""
    return node[2].keys() <= {"scriptlevel"} and all(
        child[0] == "mspace" for child in _inside(node)
    )


def _is_accented(children: list[Node]) -> bool:
    r"""Whether the second of a <mover> is an accent: \hat, \bar; Core does not know by itself."""
    over = children[1]
    while over[0] in ("TeXAtom", "inferredMrow") and len(over[3]) == 1:
        over = over[3][0]
    return over[0] == "mo" and "".join(over[3]) in _ACCENTS


def _token(kind: str, attributes: Mapping[str, Any], text: str, bare: bool) -> str:
    rest = dict(attributes)
    variant = rest.pop("mathvariant", "")
    variant = _VARIANTS.get(variant, variant)
    if bare:
        rest = {"lspace": "0", "rspace": "0"} | rest
    if not variant or (kind == "mi" and len(text) == 1 and variant == "italic"):
        return _written(kind, rest, escape(text, quote=False))
    if kind == "mi" and len(text) == 1 and variant == "normal":
        return f'<mi mathvariant="normal">{escape(text, quote=False)}</mi>'
    if kind in ("mtext", "ms"):  # words: letters of their own would be spelt out
        if variant == "normal":
            return _written(kind, rest, escape(text, quote=False))
        inner = escape(text, quote=False)
        return f'<{kind} mathvariant="{escape(variant)}"{_attributes(kind, rest)}>{inner}</{kind}>'
    styled = "".join(letters(variant).get(letter, letter) for letter in text)
    return _written(kind, rest, escape(styled, quote=False))


def _written(kind: str, attributes: Mapping[str, Any], inner: str) -> str:
    return f"<{kind}{_attributes(kind, attributes)}>{inner}</{kind}>"


def _attributes(kind: str, attributes: Mapping[str, Any]) -> str:
    said = ""
    for name, value in sorted(attributes.items()):
        if name not in _ATTRIBUTES or value == "":
            continue
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if kind == "mpadded" and name in _RELATIVE and text[0] in "+-":
            continue
        said += f' {name}="{escape(text)}"'
    return said


_STYLES = {
    "bold": "BOLD",
    "italic": "ITALIC",
    "bold-italic": "BOLD ITALIC",
    "script": "SCRIPT",
    "bold-script": "BOLD SCRIPT",
    "fraktur": "FRAKTUR",
    "bold-fraktur": "BOLD FRAKTUR",
    "double-struck": "DOUBLE-STRUCK",
    "sans-serif": "SANS-SERIF",
    "bold-sans-serif": "SANS-SERIF BOLD",
    "sans-serif-italic": "SANS-SERIF ITALIC",
    "sans-serif-bold-italic": "SANS-SERIF BOLD ITALIC",
    "monospace": "MONOSPACE",
}


@cache
def letters(variant: str) -> Mapping[str, str]:
    """Letter or digit → its character in the style `variant`; empty for "normal".

    From Unicode's own decompositions: 𝔼 and the older ℝ both say that they are a letter in a font.
    """
    name = _STYLES.get(variant)
    if name is None:
        return {}
    found: dict[str, str] = {}
    older = {"FRAKTUR": "BLACK-LETTER"}.get(name, name)
    for code in (*range(0x2100, 0x2150), *range(0x1D400, 0x1D800)):
        letter = chr(code)
        shape = unicodedata.decomposition(letter)
        if not shape.startswith("<font> "):
            continue
        plain, said = chr(int(shape.split()[1], 16)), unicodedata.name(letter)
        if said.startswith((f"MATHEMATICAL {name} ", f"{older} ")) and _only(said, name, older):
            found.setdefault(plain, letter)
    if variant == "italic":
        found["h"] = "ℎ"  # named for Planck's constant
    return found


def _only(said: str, name: str, older: str) -> bool:
    """Whether the character named `said` is in the style `name` and in no further one."""
    rest = said.removeprefix("MATHEMATICAL ").removeprefix(name).removeprefix(older).split()
    return rest[0] not in ("BOLD", "ITALIC", "SCRIPT", "FRAKTUR")
