"""The few words that the page itself says, in the languages that it knows."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Words:
    """What stands around a report. page_of_pages: the `content` of CSS for "page 2 of 7".

    audience, prerequisites, outcomes: what stands beside these on the first page.
    version: "Version {}". cite: what stands before the line that says how to cite the report.
    and_last: what joins two names, and the last of more.
    colophon: what the facts of the small print are called, where that is not their name.
    accelerator: what is said of the GPU that the results come from.
    """

    contents: str
    page_of_pages: str
    done: str
    to_do: str
    audience: str
    prerequisites: str
    outcomes: str
    version: str
    keywords: str
    cite: str
    and_last: tuple[str, str]
    colophon: Mapping[str, str] = field(default_factory=dict)
    accelerator: str = "{} (its numbers: another machine may give other ones)"


_WORDS = {
    "en": Words(
        "Contents",
        '"page " counter(page) " of " counter(pages)',
        "done",
        "to do",
        "For whom",
        "You need",
        "You will be able to",
        "Version {}",
        "Keywords",
        "Cite this report",
        (" and ", ", and "),
    ),
    "ko": Words(
        "차례",
        'counter(pages) "쪽 중 " counter(page) "쪽"',
        "완료",
        "할 일",
        "읽을 사람",
        "먼저 알 것",
        "읽고 나면",
        "{}판",
        "핵심어",
        "인용",
        ("·", "·"),
        {
            "text": "본문",
            "results": "결과",
            "versions": "버전",
            "seed": "시드",
            "rebuild": "다시 만들기",
            "accelerator": "가속기",
        },
        "{} (이 기기의 수치로, 다른 기기에서는 다를 수 있음)",
    ),
}
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def words(language: str, own: Mapping[str, str] | None = None) -> Words:
    """The words of `language` (BCP 47), in English where we know none.

    own: what a study says in place of ours, by the names of `study/words`.
    """
    usual = _WORDS.get(language.split("-")[0], _WORDS["en"])
    if not own:
        return usual
    said = {name: own[name] for name in _PLAIN if name in own}
    if "page_of_pages" in own:
        said["page_of_pages"] = _counted(own["page_of_pages"])
    colophon = {name: own[name] for name in _COLOPHON if name in own}
    joined = (f" {own['and']} ",) * 2 if "and" in own else usual.and_last
    return replace(usual, **said, and_last=joined, colophon={**usual.colophon, **colophon})


_PLAIN = (
    "contents", "done", "to_do", "audience", "prerequisites", "outcomes", "version", "keywords",
    "cite",
)  # fmt: skip
_COLOPHON = ("text", "results", "versions", "seed", "rebuild", "accelerator")


def _counted(text: str) -> str:
    """ "Seite {page} von {pages}" as the `content` of CSS."""
    parts = re.split(r"(\{pages?\})", text)
    counters = {"{page}": "counter(page)", "{pages}": "counter(pages)"}
    return " ".join(counters.get(part) or f'"{_in_css(part)}"' for part in parts if part)


def _in_css(text: str) -> str:
    """`text` between the quotation marks of CSS, in a page's <style>."""
    return re.sub(r'["\\<&\n]', lambda found: f"\\{ord(found[0]):x} ", text)


def listed_names(names: Sequence[str], language: str, own: Mapping[str, str] | None = None) -> str:
    """ "A", "A and B", "A, B, and C"; in Korean "A·B·C"."""
    two, last = words(language, own).and_last
    if len(names) < 3:
        return two.join(names)
    return (", " if two != "·" else two).join(names[:-1]) + last + names[-1]


def long_date(date: dt.date, language: str, own: Mapping[str, str] | None = None) -> str:
    """The date in words: "19 March 2025", "2025년 3월 19일"; ISO for a language without any."""
    if own and "long_date" in own:
        months = [month.strip() for month in own.get("months", "").split(",")]
        month = months[date.month - 1] if len(months) == len(_MONTHS) else str(date.month)
        said = own["long_date"].replace("{day}", str(date.day)).replace("{month}", month)
        return said.replace("{year}", str(date.year))
    match language.split("-")[0]:
        case "en":
            return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"
        case "ko":
            return f"{date.year}년 {date.month}월 {date.day}일"
        case _:
            return date.isoformat()
