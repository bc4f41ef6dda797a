"""The fonts of a page, as WeasyPrint sees them: families of ours, from files, and no others."""

import os
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

from weasyprint.text.ffi import ffi, fontconfig, pangoft2
from weasyprint.text.fonts import FontConfiguration

from generator.machine.fonts import static_font_file
from generator.weasy.environment import private_fontconfig
from generator.weasy.lines import Lines

# (role, families, fontconfig's weight, slant): fontconfig calls regular 80 and bold 200.
_REGULAR = 80
_FACES = (
    ("serif", ("Study Serif",), 80, "roman"),
    ("serif-italic", ("Study Serif",), 80, "italic"),
    ("serif-bold", ("Study Serif",), 200, "roman"),
    ("serif-bold-italic", ("Study Serif",), 200, "italic"),
    ("serif-display", ("Study Display",), 200, "roman"),
    ("sans", ("Study Sans",), 80, "roman"),
    ("sans-italic", ("Study Sans",), 80, "italic"),
    ("sans-bold", ("Study Sans",), 200, "roman"),
    ("mono", ("Study Mono",), 80, "roman"),
    ("mono-italic", ("Study Mono",), 80, "italic"),
    ("mono-bold", ("Study Mono",), 200, "roman"),
    ("korean-serif", ("Study Korean Serif",), 80, "roman"),
    ("korean-sans", ("Study Korean Sans",), 80, "roman"),
    ("korean-bold", ("Study Korean Sans", "Study Korean Serif"), 200, "roman"),
)

_NOT_CLAIMED = ("ja", "zh-cn", "zh-hk", "zh-mo", "zh-sg", "zh-tw")


class StudyFonts(FontConfiguration):  # type: ignore[misc]
    """A font configuration with our families only; static faces are kept as files in `folder`.

    Made once for many reports: WeasyPrint keeps measures of lines in it, and so do we (`lines`).
    Without @font-face no font is read, copied to a temporary folder and registered again for every
    report.
    Raises StudyError if a font package or HarfBuzz is missing.
    """

    def __init__(self, folder: Path) -> None:
        with private_fontconfig():
            super().__init__()
        self.lines = Lines()
        self._bold = set()
        for role, families, weight, slant in _FACES:
            path = static_font_file(role, folder)
            self._add(path, families, weight, slant)
            if weight != _REGULAR:
                self._bold.add(os.fsencode(path))
        pangoft2.pango_fc_font_map_config_changed(ffi.cast("PangoFcFontMap *", self.font_map))

    def missing(self, characters: Iterable[str]) -> list[str]:
        """Those of `characters` that no font but our bold ones has a glyph for, sorted.

        What only a bold one has (Chinese that Korean does not use) would stand out in a sentence.
        """
        sets = self._charsets()
        return sorted(
            character
            for character in set(characters)
            if not any(fontconfig.FcCharSetHasChar(known, ord(character)) for known in sets)
        )

    def _add(self, path: Path, families: tuple[str, ...], weight: int, slant: str) -> None:
        names = "".join(
            f'<edit name="family" mode="prepend"><string>{family}</string></edit>'
            for family in families
        )
        rule = (
            '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">'
            '<fontconfig><match target="scan"><test name="file" compare="eq">'
            f"<string>{escape(path.as_posix())}</string></test>{names}"
            f'<edit name="weight" mode="assign_replace"><int>{weight}</int></edit>'
            f'<edit name="slant" mode="assign_replace"><const>{slant}</const></edit>'
            # A font that claims the language of a character goes before the one with the weight:
            # kana came from the only one that claims Japanese, which is bold.
            '<edit name="lang" mode="assign"><minus><name>lang</name><langset>'
            f"{''.join(f'<string>{language}</string>' for language in _NOT_CLAIMED)}"
            "</langset></minus></edit>"
            "</match></fontconfig>"
        )
        content = rule.encode("utf-8", "surrogateescape")  # as os.fsencode, whatever the locale
        fontconfig.FcConfigParseAndLoadFromMemory(self._config, content, True)
        if not fontconfig.FcConfigAppFontAddFile(self._config, os.fsencode(path)):
            raise RuntimeError(f"fontconfig does not take {path}")

    def _charsets(self) -> list[object]:
        """The characters of each font but our bold ones, as fontconfig keeps them."""
        fonts = fontconfig.FcConfigGetFonts(self._config, fontconfig.FcSetApplication)
        found = []
        for number in range(fonts.nfont):
            file = ffi.new("FcChar8 **")
            fontconfig.FcPatternGetString(fonts.fonts[number], b"file", 0, file)
            if ffi.string(file[0]) in self._bold:
                continue
            charset = ffi.new("FcCharSet **")
            fontconfig.FcPatternGetCharSet(fonts.fonts[number], b"charset", 0, charset)
            found.append(charset[0])
        return found
