"""The words on the pages of a PDF of ours, for telling where two of them differ."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pikepdf

_PAIR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_DEEPEST = 8  # forms in forms


def words(page: "pikepdf.Page") -> list[str]:
    """The words of a page in the order in which they are drawn; a line ends a word."""
    return " ".join(_runs(page.obj, 0)).split()


def _runs(holder: Any, depth: int) -> Iterator[str]:
    """The runs of text that a page or a form draws."""
    import pikepdf

    resources: Any = holder.get("/Resources", {})
    fonts: dict[str, dict[int, str]] = {}
    font = ""
    for step in pikepdf.parse_content_stream(holder):
        operands: Any = step.operands
        name = str(step.operator)
        if name == "Tf":
            font = str(operands[0])
        elif name in ("TJ", "Tj") and font:
            if font not in fonts:
                fonts[font] = _codes(resources.get("/Font", {}).get(font))
            strings = operands[0] if name == "TJ" else operands
            shown = b"".join(bytes(part) for part in strings if isinstance(part, pikepdf.String))
            yield _decoded(shown, fonts[font])
        elif name == "Do" and depth < _DEEPEST:
            form = resources.get("/XObject", {}).get(str(operands[0]))
            if form is not None and form.get("/Subtype") == "/Form" and "/Resources" in form:
                yield from _runs(form, depth + 1)


def _decoded(shown: bytes, codes: dict[int, str]) -> str:
    pairs = zip(shown[::2], shown[1::2], strict=False)
    return "".join(codes.get(high << 8 | low, "") for high, low in pairs)


def _codes(font: Any) -> dict[int, str]:
    """Code → text of a font, as its ToUnicode says."""
    if font is None or "/ToUnicode" not in font:
        return {}
    found: dict[int, str] = {}
    cmap = font.ToUnicode.read_bytes()
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for code, text in _PAIR.findall(block):
            found[int(code, 16)] = _text(text)
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", cmap, re.DOTALL):
        for first, last, text in _RANGE.findall(block):
            start = _text(text)
            for step, code in enumerate(range(int(first, 16), min(int(last, 16), 0xFFFF) + 1)):
                found[code] = start[:-1] + chr(ord(start[-1]) + step)
    return found


def _text(digits: bytes) -> str:
    return bytes.fromhex(digits.decode()).decode("utf-16-be", "replace")
