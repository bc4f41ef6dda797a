"""The few words that the page itself says, in the languages that it knows."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


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


def words(language: str) -> Words:
    """The words of `language` (BCP 47), in English where we know none."""
    return _WORDS.get(language.split("-")[0], _WORDS["en"])


def listed_names(names: Sequence[str], language: str) -> str:
    """ "A", "A and B", "A, B, and C"; in Korean "A·B·C"."""
    two, last = words(language).and_last
    if len(names) < 3:
        return two.join(names)
    return (", " if two != last else two).join(names[:-1]) + last + names[-1]


def long_date(date: dt.date, language: str) -> str:
    """The date in words: "19 March 2025", "2025년 3월 19일"; ISO for any other language."""
    match language.split("-")[0]:
        case "en":
            return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"
        case "ko":
            return f"{date.year}년 {date.month}월 {date.day}일"
        case _:
            return date.isoformat()
