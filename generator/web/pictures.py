"""The pictures of a text on its page: plots inside of it, own pictures as files beside it."""

import html
import re
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

from generator.drawing.raster import picture_problems
from generator.drawing.safety import svg_problems
from generator.errors import PageError, StudyError, Where
from generator.model import Report
from generator.store.files import read_study_file
from generator.weasy.files import page_file
from generator.web.figures import inline_figure

_LENGTH = re.compile(r'\b(width|height)="([\d.]+)(pt|px|mm|cm|in)?"')
_PIXELS = {"pt": 4 / 3, "px": 1.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0, "": 1.0}


@dataclass(slots=True)
class Pictures:
    """Gives the HTML of each picture of a report, and notes what a site must hold for them.

    where: the text, for messages. files: path on the site → path in the study. problems: what may
    not be shown.
    """

    root: Path
    report: Report
    where: Where
    files: dict[str, str] = field(default_factory=dict)
    problems: list[StudyError] = field(default_factory=list)
    _count: int = 0

    def html(self, source: str, words: str, style: str) -> str:
        """The picture at `source` ("figure:map.svg", "image:a.png"); words: what it shows."""
        scheme, _, name = source.partition(":")
        if not words.strip():
            self.problems.append(
                PageError(f"the picture {name} has no alternative text", self.where)
            )
        try:
            path = page_file(self.root, self.report, source)
        except ValueError as error:
            self.problems.append(PageError(f"{source}: {error}", self.where))
            return ""
        content = read_study_file(self.root, path.relative_to(self.root).as_posix())
        if path.suffix.lower() == ".svg":
            return self._drawing(path, content, scheme, words, style)
        found = picture_problems(content, Where(path.relative_to(self.root).as_posix()))
        if found:
            self.problems += found
            return ""
        from PIL import Image

        return self._file(path, scheme, words, style, Image.open(BytesIO(content)).size)

    def _drawing(self, path: Path, content: bytes, scheme: str, words: str, style: str) -> str:
        found = svg_problems(content, Where(path.relative_to(self.root).as_posix()))
        if found:
            self.problems += found
            return ""
        text = content.decode("utf-8-sig")
        self._count += 1
        inline = None
        if scheme == "figure":
            inline = inline_figure(text, words, f"p{self._count}-")
        if inline is not None:
            self._keep(path, scheme)
            return inline
        sizes = {
            name: float(size) * _PIXELS[unit] for name, size, unit in _LENGTH.findall(text[:2000])
        }
        size = (round(sizes["width"]), round(sizes["height"])) if len(sizes) == 2 else None
        return self._file(path, scheme, words, style, size)

    def _file(
        self, path: Path, scheme: str, words: str, style: str, size: tuple[int, int] | None
    ) -> str:
        place = self._keep(path, scheme)
        given = f' style="{html.escape(style)}"' if style else ""
        # The browser leaves room for it before it has come.
        room = f' width="{size[0]}" height="{size[1]}"' if size else ""
        return f'<img src="{quote(place)}" alt="{html.escape(words)}"{room}{given} loading="lazy">'

    def _keep(self, path: Path, scheme: str) -> str:
        folder = self.root / ("figures" if scheme == "figure" else "")
        name = path.relative_to(
            folder / (self.report.id if scheme == "figure" else self.report.folder)
        )
        place = f"files/{self.report.id}/{name.as_posix()}"
        self.files[place] = path.relative_to(self.root).as_posix()
        return place
