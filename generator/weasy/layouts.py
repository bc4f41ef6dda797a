"""Layouts that are drawn again when nothing but the figures' drawings changed.

For a process that sets the same report again and again: a script that changes a colour, or a curve,
leaves every line and box of the page where it was, and layout is two thirds of a page's time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.weasy.images import FigureImage

_MOST = 4  # laid out documents that are kept, 20 MB each


@dataclass(frozen=True, slots=True)
class _Layout:
    identity: bytes
    document: Any
    images: Mapping[str, Any]


@dataclass(slots=True)
class Layouts:
    """The latest layout of each text, by the text's path; the oldest go first."""

    _kept: dict[str, _Layout] = field(default_factory=dict)

    def again(self, path: str, identity: bytes, images: Mapping[str, Any]) -> Any | None:
        """The laid out document of the same page with the drawings of `images`; None if new.

        identity: of all that the page says and how. Figures of another size are another page.
        """
        kept = self._kept.get(path)
        if kept is None or kept.identity != identity or kept.images.keys() != images.keys():
            return None
        pairs = [
            (kept.images[url], image)
            for url, image in images.items()
            if isinstance(image, FigureImage)
        ]
        if any(old.size != new.size for old, new in pairs):
            return None
        for old, new in pairs:
            old.become(new)
        # WeasyPrint's fonts of a document hold what the last writing has left of them.
        kept.document.fonts.clear()
        return kept.document

    def keep(self, path: str, identity: bytes, document: Any, images: Mapping[str, Any]) -> None:
        """Remember `document`, which shows `images` and no other pictures."""
        self._kept.pop(path, None)
        self._kept[path] = _Layout(identity, document, images)
        while len(self._kept) > _MOST:
            del self._kept[next(iter(self._kept))]
