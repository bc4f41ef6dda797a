"""The fonts that plots may use: those of the page and matplotlib's own, never the machine's."""

import json
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from generator.machine.fonts import FACES, static_font_file
from generator.store.cache import write_whole

SANS = "Study Sans"
KOREAN = "Study Korean"
FAMILIES = (SANS, KOREAN, "DejaVu Sans")  # the last has the signs that text fonts lack

# Role in generator.machine.fonts → family, style and weight under which plots know it.
_HOUSE = {
    "sans": (SANS, "normal", 400),
    "sans-italic": (SANS, "italic", 400),
    "sans-bold": (SANS, "normal", 700),
    "korean-sans": (KOREAN, "normal", 400),
    "korean-bold": (KOREAN, "normal", 700),
}

# matplotlib's own files for signs and formulas, file → family, style and weight.
_SHIPPED = {
    "DejaVuSans": ("DejaVu Sans", "normal", 400),
    "DejaVuSans-Bold": ("DejaVu Sans", "normal", 700),
    "DejaVuSans-Oblique": ("DejaVu Sans", "oblique", 400),
    "DejaVuSans-BoldOblique": ("DejaVu Sans", "oblique", 700),
    "DejaVuSansMono": ("DejaVu Sans Mono", "normal", 400),
    "STIXGeneral": ("STIXGeneral", "normal", 400),
    "STIXGeneralItalic": ("STIXGeneral", "italic", 400),
    "STIXGeneralBol": ("STIXGeneral", "normal", 700),
    "STIXGeneralBolIta": ("STIXGeneral", "italic", 700),
    "STIXNonUni": ("STIXNonUnicode", "normal", 400),
    "STIXNonUniIta": ("STIXNonUnicode", "italic", 400),
    "STIXNonUniBol": ("STIXNonUnicode", "normal", 700),
    "STIXNonUniBolIta": ("STIXNonUnicode", "italic", 700),
    "STIXSizOneSymReg": ("STIXSizeOneSym", "normal", 400),
    "STIXSizTwoSymReg": ("STIXSizeTwoSym", "normal", 400),
    "STIXSizThreeSymReg": ("STIXSizeThreeSym", "normal", 400),
    "STIXSizFourSymReg": ("STIXSizeFourSym", "normal", 400),
    "STIXSizFiveSymReg": ("STIXSizeFiveSym", "normal", 400),
    "cmr10": ("cmr10", "normal", 400),
    "cmmi10": ("cmmi10", "normal", 400),
    "cmsy10": ("cmsy10", "normal", 400),
    "cmex10": ("cmex10", "normal", 400),
}


def font_distributions() -> tuple[str, ...]:
    """The distributions that the fonts of the page come from."""
    return tuple(sorted({FACES[role].package for role in _HOUSE}))


def use_fonts(folder: Path) -> None:
    """Let matplotlib know these fonts alone. folder: where fonts with pinned axes are kept.

    Raises StudyError if a font package is not installed.
    """
    import matplotlib
    from matplotlib import font_manager

    shipped = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    files = [(static_font_file(role, folder), *face) for role, face in _HOUSE.items()]
    files += [(shipped / f"{name}.ttf", *face) for name, face in _SHIPPED.items()]
    font_manager.fontManager.ttflist = [
        font_manager.FontEntry(
            fname=str(file), name=family, style=style, weight=weight, size="scalable"
        )
        for file, family, style, weight in files
    ]
    _draw_korean_in_formulas(static_font_file("korean-sans", folder))


def _draw_korean_in_formulas(regular: Path) -> None:
    """Let a text like "길이 $d_k$" take its Korean from `regular`.

    A text with a formula in it is drawn by the formula's engine, which knows no fallback beyond
    its own signs and would draw a box.
    """
    from matplotlib import _mathtext
    from matplotlib.mathtext import MathTextParser

    class StudyFonts(_mathtext.StixFonts):
        def _map_virtual_font(
            self, fontname: str, font_class: str, uniindex: int
        ) -> tuple[str, int]:
            if 0x1100 <= uniindex <= 0x11FF or 0x3000 <= uniindex <= 0xD7FF:
                return str(regular), uniindex
            return super()._map_virtual_font(fontname, font_class, uniindex)

    fonts: Any = MathTextParser  # its table has no public name
    fonts._font_type_mapping["stix"] = StudyFonts


def spare_font_search(folder: Path) -> None:
    """Spare matplotlib's first import in `folder` (its MPLCONFIGDIR) the search of all fonts.

    The search takes 0.7 s with 70 fonts, and `use_fonts` drops what it finds. An empty list in
    matplotlib's own cache file spares it; where that fails, it searches, and all else is equal.
    """
    package = find_spec("matplotlib")
    if package is None or package.origin is None:
        return
    source = Path(package.origin).with_name("font_manager.py").read_text("utf-8")
    version = re.search(r"^    __version__ = '([0-9.]+)'", source, re.MULTILINE)
    if version is None:
        return
    path = folder / f"fontlist-v{version[1]}.json"
    if path.exists():
        return
    empty: dict[str, Any] = {
        "_version": version[1],
        "_FontManager__default_weight": "normal",
        "default_size": None,
        "defaultFamily": {"ttf": "DejaVu Sans", "afm": "Helvetica"},
        "afmlist": [],
        "ttflist": [],
        "__class__": "FontManager",
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(empty).encode(), durable=False)
