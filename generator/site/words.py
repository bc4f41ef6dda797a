"""What the site itself says, in the languages that it knows."""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SiteWords:
    """Words around the texts. script_words: what the script says, name → text."""

    skip: str
    places: str
    language: str
    made_with: str
    schedule: str
    reading: str
    glossary: str
    sources: str
    meeting: str
    every: str
    next: str
    planned: str
    about: str
    methodology: str
    reading_about: str
    glossary_about: str
    sources_about: str
    used_in: str
    downloads: str
    notebook: str
    script_file: str
    results: str
    calendar: str
    feed: str
    neighbours: str
    before: str
    after: str
    weekdays: tuple[str, ...]
    script_words: tuple[tuple[str, str], ...]

    @property
    def script(self) -> str:
        """The script's words as JSON that may stand in a page."""
        said = json.dumps(dict(self.script_words), ensure_ascii=False, separators=(",", ":"))
        return said.replace("<", "\\u003c")


_WORDS = {
    "en": SiteWords(
        skip="Skip to the text",
        places="Site",
        language="Language",
        made_with="made with",
        schedule="Schedule",
        reading="Reading path",
        glossary="Glossary",
        sources="Sources",
        meeting="Meeting",
        every="Every {weekday}",
        next="Next meeting",
        planned="planned",
        about="About this study",
        methodology="How we work",
        reading_about="What to watch and read, week by week.",
        glossary_about="The words of this study, and the reports that use them.",
        sources_about="Every work that the reports cite.",
        used_in="used in",
        downloads="Downloads",
        notebook="Notebook",
        script_file="Script",
        results="Numbers (JSON)",
        calendar="Calendar (.ics)",
        feed="Feed (Atom)",
        neighbours="Before and after",
        before="Before",
        after="Next",
        weekdays=(
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
            "Sunday",
        ),
        script_words=(
            ("light", "Light"),
            ("dark", "Dark"),
            ("copy", "Copy"),
            ("copied", "Copied"),
            ("search", "Search"),
            ("close", "Close"),
            ("found", "{n} sections found"),
            ("ticked", "{done} of {all} ticked; the ticks stay in this browser."),
        ),
    ),
    "ko": SiteWords(
        skip="본문으로 건너뛰기",
        places="사이트",
        language="언어",
        made_with="만든 도구:",
        schedule="일정",
        reading="읽기 순서",
        glossary="용어집",
        sources="참고문헌",
        meeting="모임",
        every="매주 {weekday}",
        next="다음 모임",
        planned="예정",
        about="이 스터디는",
        methodology="진행 방식",
        reading_about="주차별로 볼 것과 읽을 것.",
        glossary_about="이 스터디에서 쓰는 말과 그 말이 나오는 보고서.",
        sources_about="보고서가 인용한 모든 문헌.",
        used_in="나오는 곳",
        downloads="내려받기",
        notebook="노트북",
        script_file="스크립트",
        results="수치 (JSON)",
        calendar="달력 (.ics)",
        feed="피드 (Atom)",
        neighbours="이전과 다음",
        before="이전",
        after="다음",
        weekdays=("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일"),
        script_words=(
            ("light", "밝게"),
            ("dark", "어둡게"),
            ("copy", "복사"),
            ("copied", "복사함"),
            ("search", "검색"),
            ("close", "닫기"),
            ("found", "{n}개 절을 찾음"),
            ("ticked", "{all}개 가운데 {done}개 표시함. 표시는 이 브라우저에만 남습니다."),
        ),
    ),
}


def site_words(language: str) -> SiteWords:
    """The words of `language` (BCP 47), in English where we know none."""
    return _WORDS.get(language.split("-")[0], _WORDS["en"])
