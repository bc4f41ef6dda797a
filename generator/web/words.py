"""The few words that a page for browsers says itself, in the languages that it knows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WebWords:
    """What stands in a text that only browsers show. section: "Link to section {}"."""

    section: str
    note: str
    back: str
    figure: str
    table: str
    code: str
    equation: str


_WORDS = {
    "en": WebWords(
        section="Link to “{}”",
        note="Note {}",
        back="Back to the text",
        figure="Figure, scrolls sideways",
        table="Table, scrolls sideways",
        code="Code, scrolls sideways",
        equation="Equation, scrolls sideways",
    ),
    "ko": WebWords(
        section="“{}” 링크",
        note="주 {}",
        back="본문으로",
        figure="그림, 옆으로 스크롤",
        table="표, 옆으로 스크롤",
        code="코드, 옆으로 스크롤",
        equation="수식, 옆으로 스크롤",
    ),
}


def web_words(language: str) -> WebWords:
    """The words of `language` (BCP 47), in English where we know none."""
    return _WORDS.get(language.split("-")[0], _WORDS["en"])
