"""A script's figure inside of a page: its SVG, with names that are its own there."""

import html
import re

_PROLOGUE = re.compile(r"\A.*?(?=<svg\b)", re.DOTALL)
_LEFT_OUT = re.compile(r"<!--.*?-->|<metadata>.*?</metadata>|<title>.*?</title>", re.DOTALL)
_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style>", re.DOTALL)
_PLOT_STYLE = re.compile(r"\s*\*\{stroke-linejoin: round; stroke-linecap: butt\}\s*")
_EMPTY = re.compile(r"<defs>\s*</defs>")
_BETWEEN = re.compile(r">\s+<")
_ROOT = re.compile(r"<svg\b([^>]*)>")
_SIZE = re.compile(r'\b(width|height)="([\d.]+)(pt|px|mm)?"')
_VIEW = re.compile(r'\bviewBox="([^"]+)"')
_ID = re.compile(r'\bid="([^"]+)"')
_USED = re.compile(r'(?:xlink:)?href="#([^"]+)"|url\(#([^)]+)\)')
_PAPER = re.compile(r'(id="[^"]*patch_1">\s*<path d="[^"]*" style=")fill: #ffffff"')
_PIXELS = {"pt": 4 / 3, "px": 1.0, "mm": 96 / 25.4, "": 1.0}


def inline_figure(svg: str, alt: str, prefix: str) -> str | None:
    """The drawing `svg` as an element of a page; None if rules of its own would reach all of it.

    alt: what it shows, in words. prefix: stands in front of each of its names on the page. The
    white ground is left out: the page has its own.
    """
    text = _LEFT_OUT.sub("", _PROLOGUE.sub("", svg))
    rules = _STYLE.findall(text)
    if any(not _PLOT_STYLE.fullmatch(rule) for rule in rules):
        return None
    root = _ROOT.match(text)
    view = _VIEW.search(root[1]) if root else None
    if root is None or view is None:
        return None
    sizes = {name: float(size) * _PIXELS[unit] for name, size, unit in _SIZE.findall(root[1])}
    inside = text[root.end() :]
    inside = _EMPTY.sub("", _STYLE.sub("", inside))
    inside = _PAPER.sub(r'\1fill: none"', inside, count=1)
    inside = _BETWEEN.sub("><", inside)
    used = {first or second for first, second in _USED.findall(inside)}
    inside = _ID.sub(lambda found: f'id="{prefix}{found[1]}"' if found[1] in used else "", inside)
    inside = _USED.sub(lambda found: _renamed(found, prefix), inside)
    inside = inside.replace("xlink:href", "href").replace("\n", " ")
    joins = ' stroke-linejoin="round"' if rules else ""
    width = f' style="--width:{sizes["width"]:.0f}px"' if "width" in sizes else ""
    return (
        f'<svg class="plot" role="img" aria-label="{html.escape(alt)}" viewBox="{view[1]}"'
        f"{width}{joins}>{inside.strip()}"
    )


def _renamed(found: re.Match[str], prefix: str) -> str:
    if found[1]:
        return f'href="#{prefix}{found[1]}"'
    return f"url(#{prefix}{found[2]})"
