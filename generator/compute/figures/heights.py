"""Heights of fonts, looked up once: an eighth of the time that a plot takes.

Whenever matplotlib 3.11 measures a text, and it measures each one about five times, it looks for
the text's fonts and reads two tables of the first. A renderer may answer in its place
(`_get_font_height_metrics`, made for fonts without such tables); this gives that method to the SVG
renderer, with the same numbers. A matplotlib that does not ask is only slower.
"""

from typing import Any

_POINTS = 72  # dots per inch of every SVG
# Table → its names of the gap between lines, ascent and descent, in the order of preference.
_TABLES = (
    ("OS/2", "sTypoLineGap", "sTypoAscender", "sTypoDescender"),
    ("hhea", "lineGap", "ascent", "descent"),
)
Heights = tuple[float | None, float | None, float | None]
_UNKNOWN: Heights = (None, None, None)  # matplotlib looks itself


def remember_heights() -> None:
    """Let matplotlib's SVG renderer know the heights of fonts, in this process."""
    from matplotlib.backends.backend_svg import RendererSVG

    known: dict[tuple[object, ...], Heights] = {}

    def heights(_renderer: RendererSVG, properties: Any) -> Heights:
        """Ascent, descent and gap between lines, in points."""
        families = tuple(properties.get_family())
        key = (
            families,
            properties.get_file(),
            properties.get_style(),
            properties.get_variant(),
            properties.get_weight(),
            properties.get_stretch(),
            properties.get_size_in_points(),
        )
        if key not in known:
            known[key] = _heights(properties, families)
        return known[key]

    renderer: Any = RendererSVG  # the method has no public name
    renderer._get_font_height_metrics = heights


def _heights(properties: Any, families: tuple[str, ...]) -> Heights:
    from matplotlib import font_manager

    if font_manager.font_family_aliases.intersection(families):
        return _UNKNOWN  # "serif" is what the script's settings say at that moment
    font: Any = font_manager.get_font(font_manager.fontManager._find_fonts_by_props(properties))
    for name, gap, ascent, descent in _TABLES:
        table = font.get_sfnt_table(name)
        if table is not None:
            units = font.get_sfnt_table("head")["unitsPerEm"]
            scale = 1 / units * properties.get_size_in_points() * _POINTS / 72
            return table[ascent] * scale, -table[descent] * scale, table[gap] * scale
    return _UNKNOWN
