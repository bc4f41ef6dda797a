"""A formula's alternative text: the meaning of MathJax's own tree, in a sentence."""

import unicodedata
from typing import Any

from generator.maths.vocabulary import (
    ACCENTS,
    BIG,
    FUNCTIONS,
    GREEK,
    SYMBOLS,
    VARIANTS,
    WORDINGS,
    Wording,
)

# [kind, TeX's class of atom, attributes, children]; the child of a token is its text.
Node = list[Any]

_BOXES = frozenset(("math", "inferredMrow", "mrow", "TeXAtom", "mstyle", "mpadded", "semantics"))
_OPEN, _CLOSE = 4, 5
_BRACES = "⏞⏟⎴⎵"
_ARROWS = "→⟶⟼↦⇒"


def speech(tree: Node, language: str) -> str:
    """The formula in words, in English for every language but Korean; never empty."""
    spoken = _Speaker(WORDINGS.get(language, WORDINGS["en"])).sequence([tree])
    tidy = " ".join(spoken.split()).replace(" ,", ",").replace(" ;", ";").replace(",,", ",")
    return tidy.strip(" ,;") or tidy


class _Speaker:
    """Says nodes in one language."""

    def __init__(self, wording: Wording) -> None:
        self._say = wording
        self._index = wording.index

    def sequence(self, nodes: list[Node]) -> str:
        """Nodes side by side, with pairs of norm bars and fenced tables taken together."""
        nodes = _flat(nodes)
        said: list[str] = []
        at = 0
        while at < len(nodes):
            end, words = self._paired(nodes, at)
            first = at == 0 or _is_open(nodes[at - 1])
            if not words:
                words = self._one(nodes[at], first=first)
            if first and nodes[at][0] == "mo":
                words = words.removeprefix("is ")
            # After "the arg max over x of" TeX's own function application says nothing new.
            if _text(nodes[at]) != "\u2061" or not said or not said[-1].endswith((" of", ",")):
                said.append(words)
            at = end
        return " ".join(filter(None, said))

    def _paired(self, nodes: list[Node], at: int) -> tuple[int, str]:
        """What starts at `at` and is said as one, with the index after it; else "" ."""
        sign = _text(nodes[at])
        table = nodes[at + 1] if at + 1 < len(nodes) else None
        if nodes[at][0] == "mo" and table and table[0] == "mtable":
            closing = nodes[at + 2] if at + 2 < len(nodes) else None
            if sign == "{" and (closing is None or not _text(closing)):
                return at + 2 + (closing is not None), self._cases(table)
            if closing is not None and _text(closing) in (")", "]", "|", "‖", "}"):
                return at + 3, self._matrix(table)
        following = [_text(node) for node in nodes[at + 1 : at + 3]]
        if sign == ":" and following[:1] == ["="]:
            return at + 2, SYMBOLS["≔"][self._index]
        if sign == "(" and following[1:] == [")"] and _is_binomial(nodes[at + 1]):
            return at + 3, self._part(nodes[at + 1])
        if nodes[at][0] == "mo" and sign in ("|", "‖") and nodes[at][1] != _CLOSE:
            for end in range(at + 2, len(nodes)):
                if not _is_bar(nodes[end], sign):
                    continue
                # x|y of two lone bars may be anything: only ‖ pairs up without being told.
                if sign == "|" and not (nodes[at][1] == _OPEN and _class(nodes[end]) == _CLOSE):
                    break
                inner = self.sequence(nodes[at + 1 : end])
                said = (self._say.norm if sign == "‖" else self._say.absolute).format(inner)
                scripts = nodes[end]
                if scripts[0] in ("msub", "msup", "msubsup"):
                    return end + 1, self._scripts(scripts, said)
                return end + 1, said
        return at + 1, ""

    def _one(self, node: Node, *, first: bool = False) -> str:
        kind, _, attributes, children = node
        match kind:
            case "mi" | "mo" | "mn":
                return self._token(node, first=first)
            case "mtext" | "ms":
                return _text(node).replace("\u00a0", " ").strip()
            case "mspace" | "mphantom" | "none" | "mprescripts":
                return ""
            case "mfrac":
                return self._fraction(node)
            case "msqrt":
                inner = self.sequence(children)
                return self._by_length(inner, self._say.root, self._say.long_root).format(inner)
            case "mroot":
                return self._say.nth_root.format(*map(self._part, children))
            case "msub" | "msup" | "msubsup":
                return self._scripts(node, "")
            case "munder" | "mover" | "munderover":
                return self._limits(node)
            case "mtable":
                return self._table(node)
            case "menclose":
                notation = str(attributes.get("notation", ""))
                sentence = self._say.crossed if "strike" in notation else self._say.boxed
                inner = self.sequence(children)
                plain = any(mark in notation for mark in ("top", "bottom", "left", "right"))
                return inner if plain else sentence.format(inner)
        return self.sequence(children)

    def _part(self, node: Node) -> str:
        return self.sequence([node])

    def _by_length(self, part: str, short: str, long: str) -> str:
        """The sentence around `part`: with its end where the ear would miss it."""
        return short if len(part.split()) <= 3 and "," not in part else long

    def _token(self, node: Node, *, first: bool) -> str:
        text = _text(node)
        if text in "−-" and text and first:
            return self._say.negative
        variant = VARIANTS.get(str(node[2].get("mathvariant", "")))
        known = GREEK.get(text) or SYMBOLS.get(text) or FUNCTIONS.get(text)
        if known:
            said = known[self._index]
        elif text in BIG and node[1] == 1:
            said = self._say.bare.format(BIG[text][self._index])
        elif len(text) == 1 and not text.isalnum():
            said = unicodedata.name(text, text).lower()
        else:
            said = unicodedata.normalize("NFKC", text)
        return f"{variant[self._index]} {said}" if variant and text.strip() else said

    def _fraction(self, node: Node) -> str:
        above, below = map(self._part, node[3])
        if _is_binomial(node):
            return self._say.choose.format(above, below)
        sentence = self._by_length(f"{above} {below}", self._say.fraction, self._say.long_fraction)
        return sentence.format(above, below)

    def _scripts(self, node: Node, base: str) -> str:
        """x with what is below and above it; a big operator's are its limits."""
        kind, _, _, (nucleus, *scripts) = node
        lower = scripts[0] if kind != "msup" else None
        upper = scripts[-1] if kind != "msub" else None
        if not base and (big := _big(nucleus)):
            return self._operator(big, lower, upper)
        said = base or self._part(nucleus)
        if lower and (words := self._part(lower)):
            sentence = self._by_length(words, self._say.below, self._say.long_below)
            said = sentence.format(said, words)
        return self._raised(said, upper) if upper else said

    def _raised(self, base: str, upper: Node) -> str:
        say = self._say
        leaf = _unwrapped(upper)
        text = _text(leaf) if leaf[0] in ("mi", "mn", "mo", "mtext") else ""
        match text:
            case "2":
                return say.squared.format(base)
            case "3":
                return say.cubed.format(base)
            case "⊤" | "T" | "⊺":
                return say.transposed.format(base)
            case "′" | "″" | "‴" | "∗" | "*" | "⋆" | "†" | "+" | "−":
                return say.marked.format(base, self._token(leaf, first=False))
        texts = [_text(child) for child in _flat([upper])]
        if texts == ["−", "1"]:
            return say.inverse.format(base)
        words = self._part(upper)
        if texts[:1] == ["("]:
            return say.superscript.format(base, words)
        return self._by_length(words, say.power, say.long_power).format(base, words)

    def _limits(self, node: Node) -> str:
        kind, _, _, (nucleus, *scripts) = node
        lower = scripts[0] if kind != "mover" else None
        upper = scripts[-1] if kind != "munder" else None
        if big := _big(nucleus):
            return self._operator(big, lower, upper)
        said = self._part(nucleus)
        for script, is_upper in ((lower, False), (upper, True)):
            if script is None:
                continue
            sign = _text(_unwrapped(script))
            if sign in ACCENTS and len(sign) == 1:
                # A brace's label says more than the brace.
                if sign not in _BRACES:
                    long = " " in said
                    sentence = self._say.long_marked if long else self._say.marked
                    said = sentence.format(said, ACCENTS[sign][self._index])
            elif _is_braced(nucleus):
                said = self._say.label.format(said, self._part(script))
            elif _unwrapped(nucleus)[1] == 1:
                said = self._say.over.format(said, self._part(script))
            else:
                sentence = self._say.marked_over if is_upper else self._say.long_below
                said = sentence.format(said, self._part(script))
        return said

    def _operator(self, big: tuple[str, str], lower: Node | None, upper: Node | None) -> str:
        name = big[self._index]
        below = self._part(lower) if lower else ""
        above = self._part(upper) if upper else ""
        if below and above:
            return self._say.from_to.format(name, below, above)
        if below and lower and any(_text(child) in _ARROWS for child in _flat([lower])):
            return self._say.approaching.format(name, below)
        if below or above:
            return self._say.over.format(name, below or above)
        return self._say.bare.format(name)

    def _table(self, node: Node) -> str:
        """Lines of equations; a table without a fence is a matrix unless it aligns them."""
        rows = node[3]
        tags = [_text_of(row[3][0]) if row[0] == "mlabeledtr" else "" for row in rows]
        lines = [self.sequence(list(row[3][row[0] == "mlabeledtr" :])) for row in rows]
        if any(tags) or "right left" in str(node[2].get("columnalign", "")) or len(rows) == 1:
            lines = [
                self._say.tag.format(line, tag) if tag else line
                for line, tag in zip(lines, tags, strict=True)
            ]
            if len(lines) == 1:
                return lines[0]
            return self._say.lines.format(len(lines), self._numbered(self._say.line, lines))
        return self._matrix(node)

    def _matrix(self, node: Node) -> str:
        rows = [[self._part(cell) for cell in row[3]] for row in node[3]]
        lines = [", ".join(filter(None, row)) for row in rows]
        return self._say.matrix.format(
            len(rows), max(map(len, rows), default=0), self._numbered(self._say.row, lines)
        )

    def _cases(self, node: Node) -> str:
        rows = [", ".join(filter(None, map(self._part, row[3]))) for row in node[3]]
        return self._say.cases.format("; ".join(self._say.case.format(row) for row in rows))

    def _numbered(self, sentence: str, lines: list[str]) -> str:
        return "; ".join(sentence.format(at, line) for at, line in enumerate(lines, 1))


def _flat(nodes: list[Node]) -> list[Node]:
    """`nodes` with boxes that mean nothing opened."""
    flat: list[Node] = []
    for node in nodes:
        if (node[0] in _BOXES and not _big(node) and not _is_braced(node)) or node[0] == "mtd":
            flat += _flat(node[3])
        else:
            flat.append(node)
    return flat


def _unwrapped(node: Node) -> Node:
    """The only thing inside of boxes, or the node itself."""
    while node[0] in _BOXES and len(node[3]) == 1:
        node = node[3][0]
    return node


def _big(node: Node) -> tuple[str, str] | None:
    """The names of a large operator, of lim and of arg max however they are put together."""
    leaf = _unwrapped(node)
    if leaf[0] in ("mo", "mi"):
        return BIG.get(_text(leaf)) if leaf[1] == 1 or _text(leaf) in "∑∏∫" else None
    if leaf[0] in _BOXES and leaf[1] == 1:
        return BIG.get(" ".join(_text_of(leaf).split()))
    return None


def _is_braced(node: Node) -> bool:
    leaf = _unwrapped(node)
    return leaf[0] in ("munder", "mover") and _text(_unwrapped(leaf[3][1])) in tuple(_BRACES)


def _is_bar(node: Node, sign: str) -> bool:
    """A closing bar, maybe with an index."""
    if node[0] in ("msub", "msup", "msubsup"):
        node = _unwrapped(node[3][0])
    return node[0] == "mo" and _text(node) == sign


def _class(node: Node) -> Any:
    return _unwrapped(node[3][0])[1] if node[0] in ("msub", "msup", "msubsup") else node[1]


def _is_open(node: Node) -> bool:
    """Whether a minus after `node` is a sign: it follows an operator, not a number."""
    return node[0] == "mo" and node[1] in (1, 2, 3, 4, 6)


def _is_binomial(node: Node) -> bool:
    return node[0] == "mfrac" and str(node[2].get("linethickness")) == "0"


def _text(node: Node) -> str:
    return "".join(child for child in node[3] if isinstance(child, str))


def _text_of(node: Node) -> str:
    """All the text below `node`, a space for each space in it."""
    if node[0] == "mspace":
        return " "
    return "".join(child if isinstance(child, str) else _text_of(child) for child in node[3])
