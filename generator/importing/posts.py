"""Posts with front matter, as Jekyll and Hugo have them: each a meeting or a week."""

import datetime as dt
import re
from collections import Counter
from pathlib import Path
from typing import Any

from generator.errors import Where
from generator.importing.beside import MARKDOWN, Beside, decoded
from generator.importing.dates import day_of
from generator.importing.draft import Draft, Part, Unit, phrase
from generator.importing.forms.rows import people
from generator.importing.forms.tables import heads_of
from generator.importing.phrases import kind_of
from generator.model import ReadingItem

_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?\n)---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_PAGES = ("page", "home", "default", "archive", "tag", "tags", "index", "search", "blog")


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    """What a text says of itself at its head, and the rest; {} and all of it if it says nothing."""
    found = _FRONT.match(text)
    if not found:
        return {}, text
    import yaml  # type: ignore[import-untyped]

    try:
        said = yaml.safe_load(found.group(1))
    except (yaml.YAMLError, ValueError):
        return {}, text
    return (said, text[found.end() :]) if isinstance(said, dict) else ({}, text)


def read_posts(beside: Beside, draft: Draft) -> None:
    """Take the posts of the folder that has most of them: those with a title and a day or week."""
    posts: dict[Path, list[tuple[Path, dict[str, Any], str]]] = {}
    for path in beside.files:
        if path.suffix.lower() in MARKDOWN and (text := decoded(path)):
            said, body = front_matter(text)
            dated = _day(said, path) or isinstance(said.get("week"), int)
            if said.get("title") and dated and str(said.get("layout", "")) not in _PAGES:
                posts.setdefault(path.parent, []).append((path, said, body))
    best = max(posts.values(), key=len, default=[])
    if len(best) < 2:
        return
    weeks = Counter(str(said.get("week")) for _, said, _ in best)
    numbered = sum(isinstance(said.get("week"), int) for _, said, _ in best) * 2 > len(best)
    letters = "".join(str(said["title"]) for _, said, _ in best)
    if beside.readme is None:
        draft.language = "ko" if re.search("[가-힣]{2}", letters) else "en"
    ordered = sorted(best, key=lambda post: str(_day(post[1], post[0]) or ""))
    for place, (path, said, body) in enumerate(ordered, 1):
        where = Where(beside.shown(path))
        number = said.get("week") if numbered else place
        usual = "Week" if numbered else "{n}회차" if draft.language == "ko" else "Meeting"
        if not isinstance(number, int):
            unit = Unit("–", None, where=where)
            draft.units.append(unit)
        else:
            unit = draft.unit_for(usual, number, where)
        _take(unit, said, body, path, several=weeks[str(said.get("week"))] > 1 and numbered)
        unit.paths += (beside.shown(path),)
    draft.units.sort(key=lambda unit: (unit.number is None, unit.number or 0))


def _day(said: dict[str, Any], path: Path) -> dt.date | None:
    """The day that a post is of: as it says, else as its file's name begins."""
    value = said.get("date")
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    named = path.stem if re.match(r"20\d\d-\d", path.stem) else ""
    day = day_of(str(value or named))
    return day.date() if day else None


def _take(unit: Unit, said: dict[str, Any], body: str, path: Path, *, several: bool) -> None:
    title = " ".join(str(said["title"]).split())
    unit.title = unit.title or title
    day = _day(said, path)
    unit.date = unit.date or (day.isoformat() if day else "")
    if unit.number is not None:
        unit.parts.append(Part(title=title, label=title if several else ""))
    for key, value in said.items():
        role = heads_of([str(key).replace("_", " ")])[0]
        if role in ("presenter", "author"):
            named = [v.get("name") if isinstance(v, dict) else v for v in _several(value)]
            found = tuple(who for name in named if name for who in people(str(name)))
            unit.presenters += tuple(who for who in found if who not in unit.presenters)
        for url in (v for v in _several(value) if isinstance(v, str)):
            if re.fullmatch(r"https?://\S+", url):
                item = ReadingItem(phrase(title), kind_of(str(key), url), url)
                unit.items += (item,) if item not in unit.items else ()
            elif re.fullmatch(r"[^\s:]+\.\w{2,5}", url):
                unit.paths += (url,)


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
