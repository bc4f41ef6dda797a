"""The [readme] table of study.toml: file, language, columns and words of the generated blocks."""

from collections.abc import Sequence

from generator.model import Column, Phrase, ReadmeStyle
from generator.study.fields import Fields
from generator.study.mistakes import did_you_mean, listed, shown

# Every block that the README can hold; study.toml says which of them it must.
BLOCKS = ("schedule", "resources", "progress", "meeting", "reading", "updates")

# Block → the columns it can show, the study's own ones aside.
COLUMNS = {
    "schedule": (
        "week", "content", "objective", "resource", "date", "status", "author", "code",
        "presenter", "place", "slides", "recording", "notes", "discussion", "homework",
    ),
}  # fmt: skip
# Those of a week's meeting are shown only where a week has them.
OF_A_MEETING = COLUMNS["schedule"][8:]
# What is shown unless the study says otherwise; the study's own columns follow.
USUAL = {
    "schedule": (
        "week", "date", "content", "objective", "presenter", "place", "resource", "slides",
        "recording", "notes", "discussion", "homework",
    ),
}  # fmt: skip

# Every word of ours that a block can print; a study says its own in [readme.words].
WORDS: dict[str, dict[str, str]] = {
    "week": {"en": "Week", "ko": "주차"},
    "content": {"en": "Content", "ko": "내용"},
    "objective": {"en": "Objective", "ko": "목표"},
    "resource": {"en": "Resource", "ko": "자료"},
    "date": {"en": "Date", "ko": "날짜"},
    "status": {"en": "Status", "ko": "상태"},
    "author": {"en": "Author", "ko": "글쓴이"},
    "code": {"en": "Code", "ko": "코드"},
    "presenter": {"en": "Presenter", "ko": "발표"},
    "slides": {"en": "Slides", "ko": "슬라이드"},
    "recording": {"en": "Recording", "ko": "녹화"},
    "notes": {"en": "Notes", "ko": "모임 기록"},
    "discussion": {"en": "Discussion", "ko": "토론"},
    "homework": {"en": "Homework", "ko": "과제"},
    "cancelled": {"en": "cancelled", "ko": "취소"},
    "moved": {"en": "{date} (moved from {day})", "ko": "{date} ({day}에서 옮김)"},
    "next": {"en": "next", "ko": "다음"},
    "late": {"en": "late", "ko": "늦음"},
    "next_meeting": {"en": "Next meeting", "ko": "다음 모임"},
    "no_meeting": {"en": "No meeting", "ko": "모임 없는 날"},
    "meeting": {"en": "Meeting", "ko": "모임"},
    "progress": {"en": "Progress", "ko": "진행"},
    "summary": {"en": "After the meeting", "ko": "모임을 마치고"},
    "reminder": {"en": "Reminder", "ko": "알림"},
    "report": {"en": "Report", "ko": "보고서"},
    "report_of": {"en": "{report} {id}", "ko": "{unit} {report}"},
    "no_resource": {"en": "No Resource", "ko": "자료 없음"},
    "planned": {"en": "planned", "ko": "예정"},
    "done": {"en": "done", "ko": "완료"},
    "code_available": {"en": "code available", "ko": "코드 있음"},
    "topic": {"en": "Topic", "ko": "주제"},
    "nothing_yet": {"en": "Nothing yet", "ko": "아직 없음"},
    "place": {"en": "Place", "ko": "장소"},
    "time": {"en": "Time", "ko": "시간"},
    "every": {"en": "every {weekday}", "ko": "매주 {weekday}"},
    "or": {"en": "or", "ko": "또는"},
    "dates": {"en": "Dates", "ko": "날짜"},
    "hour": {"en": "1 hour", "ko": "1시간"},
    "hours": {"en": "{n} hours", "ko": "{n}시간"},
    "minutes": {"en": "{n} min", "ko": "{n}분"},
    "hours_minutes": {"en": "{h} h {n} min", "ko": "{h}시간 {n}분"},
    "by": {"en": "{title} by {name}", "ko": "{title}, {name}"},
    "must": {"en": "must read", "ko": "필독"},
    "must_watch": {"en": "must watch", "ko": "꼭 볼 것"},
    "further": {"en": "further", "ko": "더 읽을거리"},
    "optional": {"en": "optional", "ko": "선택"},
    "video": {"en": "video", "ko": "영상"},
    "article": {"en": "article", "ko": "글"},
    "paper": {"en": "paper", "ko": "논문"},
    "course": {"en": "course", "ko": "강의"},
    "documentation": {"en": "documentation", "ko": "문서"},
    "library": {"en": "library", "ko": "라이브러리"},
    "notebook": {"en": "notebook", "ko": "노트북"},
    "plans": {"en": "Plans", "ko": "계획"},
    "all_reading": {
        "en": "{videos} to watch ({watch}) and {readings} to read ({read})",
        "ko": "볼 것 {videos} ({watch}), 읽을 것 {readings} ({read})",
    },
    "optional_reading": {
        "en": "optional ones ({optional}) are not in the times",
        "ko": "선택({optional})은 시간에 넣지 않음",
    },
    "sources": {"en": "Also useful", "ko": "함께 볼 것"},
    "weekdays": {
        "en": "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday",
        "ko": "월요일, 화요일, 수요일, 목요일, 금요일, 토요일, 일요일",
    },
}


def read_readme_style(fields: Fields | None, own: Sequence[Column] = ()) -> ReadmeStyle:
    """What [readme] says, or the defaults. own: the columns that the study adds."""
    if fields is None:
        return ReadmeStyle()
    file = fields.text("file", "README.md")
    if file.startswith("/") or ".." in file.split("/") or not file.endswith(".md"):
        fields.wrong(
            "file",
            f"found {shown(file)}, expected a Markdown file of the study",
            'such as "README.md", inside the study',
        )
    blocks = fields.words("blocks")
    for name in blocks:
        if name not in BLOCKS:
            fields.wrong(
                "blocks",
                f"found the block '{name}', expected some of {listed(BLOCKS)}",
                did_you_mean(name, BLOCKS),
            )
    language = fields.text("language")
    if language and language not in fields.languages:
        fields.wrong(
            "language",
            f"found '{language}', expected one of {listed(fields.languages)}",
            did_you_mean(language, fields.languages),
        )
    columns: list[tuple[str, tuple[str, ...]]] = []
    table = fields.table("columns")
    if table is not None:
        for block, ours in COLUMNS.items():
            known = (*ours, *(column.id for column in own))
            chosen = table.words(block)
            for name in chosen:
                if name not in known:
                    table.wrong(
                        block,
                        f"found the column '{name}', expected some of {listed(known)}",
                        did_you_mean(name, known),
                    )
            if len(set(chosen)) < len(chosen):
                table.wrong(block, "names a column twice", "take one out")
            if chosen:
                columns.append((block, tuple(name for name in chosen if name in known)))
        table.finish()
    table = fields.table("words")
    words = [] if table is None else [(word, table.phrase(word)) for word in WORDS]
    if table is not None:
        table.finish()
    given = dict(words)
    weekdays = given.get("weekdays")
    if table is not None and any(text.count(",") != 6 for _, text in (weekdays or Phrase()).texts):
        table.wrong(
            "weekdays",
            "expected seven names with commas between, Monday first",
            'write weekdays = "Monday, Tuesday, …"',
        )
    if table is not None and any(
        "{weekday}" not in t for _, t in given.get("every", Phrase()).texts
    ):
        table.wrong("every", "expected a text with {weekday} in it", 'such as "every {weekday}"')
    style = ReadmeStyle(
        file=file,
        blocks=blocks if fields.has("blocks") else ReadmeStyle().blocks,
        language=language,
        columns=tuple(columns),
        words=tuple((word, phrase) for word, phrase in words if phrase),
    )
    fields.finish()
    return style
