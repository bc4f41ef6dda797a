"""What the reading of a study adds up to: counts and minutes, required apart from optional."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from generator.model import ReadingBlock, ReadingItem, Study, Week

VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Sums:
    """Of some blocks: videos and readings, how many of each are optional, minutes of each.

    minutes are of what is not optional, 0 where nobody said.
    """

    videos: int = 0
    optional_videos: int = 0
    readings: int = 0
    optional_readings: int = 0
    video_minutes: int = 0
    reading_minutes: int = 0

    @property
    def minutes(self) -> int:
        """Minutes for everything that is not optional."""
        return self.video_minutes + self.reading_minutes

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.videos + other.videos,
            self.optional_videos + other.optional_videos,
            self.readings + other.readings,
            self.optional_readings + other.optional_readings,
            self.video_minutes + other.video_minutes,
            self.reading_minutes + other.reading_minutes,
        )


def sums_of(blocks: Iterable[ReadingBlock]) -> Sums:
    """What `blocks` add up to. A block with a budget of its own counts for what most of it is."""
    total = Sums()
    for block in blocks:
        videos = [item for item in block.items if item.kind == VIDEO]
        others = [item for item in block.items if item.kind != VIDEO]
        if block.minutes is None:
            video_minutes = sum(i.minutes or 0 for i in videos if not i.optional)
            reading_minutes = sum(i.minutes or 0 for i in others if not i.optional)
        elif len(videos) > len(others):
            video_minutes, reading_minutes = block.minutes, 0
        else:
            video_minutes, reading_minutes = 0, block.minutes
        total += Sums(
            len(videos),
            sum(item.optional for item in videos),
            len(others),
            sum(item.optional for item in others),
            video_minutes,
            reading_minutes,
        )
    return total


def study_sums(study: Study) -> Sums:
    """What the reading of all weeks adds up to."""
    return sum((sums_of(week.reading) for week in study.weeks), Sums())


def every_item(weeks: Iterable[Week]) -> Iterator[ReadingItem]:
    """Each item of the weeks' reading, children after their parents."""
    for week in weeks:
        for block in week.reading:
            yield from _with_children(block.items)


def _with_children(items: Iterable[ReadingItem]) -> Iterator[ReadingItem]:
    for item in items:
        yield item
        yield from _with_children(item.children)


def papers(study: Study) -> tuple[ReadingItem, ...]:
    """The papers of the study, each once however often it is used: known by address or title."""
    found: dict[str, ReadingItem] = {}
    for item in every_item(study.weeks):
        if item.kind == "paper":
            found.setdefault(item.url or item.title.text("en").casefold(), item)
    return tuple(found.values())


def spelt_minutes(minutes: int, language: str = "en") -> str:
    """Minutes as people say them: "45 min", "1 h 30 min", "1시간 30분"."""
    hours, rest = divmod(minutes, 60)
    if language.split("-")[0] == "ko":
        parts = (f"{hours}시간" if hours else "", f"{rest}분" if rest else "")
    else:
        parts = (f"{hours} h" if hours else "", f"{rest} min" if rest else "")
    return " ".join(filter(None, parts))
