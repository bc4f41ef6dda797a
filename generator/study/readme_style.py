"""The [readme] table of study.toml: file, language, columns and words of the generated blocks."""

from generator.model import ReadmeStyle
from generator.study.fields import Fields, did_you_mean, listed, shown

# Block → the columns it can show, the usual ones first; `USUAL` of them are shown by default.
COLUMNS = {
    "schedule": ("week", "content", "objective", "resource", "date", "status", "author", "code"),
}
USUAL = {"schedule": ("week", "content", "objective", "resource")}

# Every word of ours that a block can print, in English; a study says its own in [readme.words].
WORDS = {
    "week": "Week",
    "content": "Content",
    "objective": "Objective",
    "resource": "Resource",
    "date": "Date",
    "status": "Status",
    "author": "Author",
    "code": "Code",
    "no_resource": "No Resource",
    "planned": "planned",
    "done": "done",
    "code_available": "code available",
    "topic": "Topic",
    "place": "Place",
    "time": "Time",
    "every": "Every",
    "dates": "Dates",
    "weekdays": "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday",
}


def read_readme_style(fields: Fields | None) -> ReadmeStyle:
    """What [readme] says, or the defaults."""
    if fields is None:
        return ReadmeStyle()
    file = fields.text("file", "README.md")
    if file.startswith("/") or ".." in file.split("/") or not file.endswith(".md"):
        fields.wrong("file", f"found {shown(file)}, expected a Markdown file of the study")
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
        for block, known in COLUMNS.items():
            chosen = table.words(block)
            for name in chosen:
                if name not in known:
                    table.wrong(
                        block,
                        f"found the column '{name}', expected some of {listed(known)}",
                        did_you_mean(name, known),
                    )
            if len(set(chosen)) < len(chosen):
                table.wrong(block, "names a column twice")
            if chosen:
                columns.append((block, tuple(name for name in chosen if name in known)))
        table.finish()
    table = fields.table("words")
    words = [] if table is None else [(word, table.phrase(word)) for word in WORDS]
    if table is not None:
        table.finish()
    style = ReadmeStyle(
        file=file,
        language=language,
        columns=tuple(columns),
        words=tuple((word, phrase) for word, phrase in words if phrase),
    )
    fields.finish()
    return style
