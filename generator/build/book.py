"""`study build --book`: the whole study as one PDF, built on demand."""

from pathlib import Path

from generator.errors import StudyError, problems_in, raise_all
from generator.model import Study
from generator.store.cache import Cache
from generator.store.files import write_study_file
from generator.store.record import load_results


def whole_languages(study: Study) -> list[str]:
    """The main language, and every other in which all that is written in it is written, too."""
    main = study.languages[0]
    written = [report.languages() for _, report in study.reports() if main in report.languages()]
    others = [code for code in study.languages[1:] if all(code in known for known in written)]
    return [main, *(others if written else [])]


def bind(root: Path, study: Study, language: str = "") -> str:
    """Set every report that is written in `language` (the main one by default) as one PDF.

    Returns its path relative to the root. Raises all problems of all reports together.
    """
    from generator.text.report import render_report
    from generator.typeset.binding import Chapter, typeset_book

    language = language or study.languages[0]
    store = Cache(root / ".study" / "cache")
    written = [(w, r) for w, r in study.reports() if language in r.languages()]
    if not written:
        raise StudyError(f"no report is written in '{language}'", None, "write one first")
    cited: tuple[str, ...] = ()
    # The first round finds what is cited, so that two works of one author and year are told
    # apart alike in every chapter.
    for last in (False, True):
        chapters: list[Chapter] = []
        problems: list[StudyError] = []
        for week, report in written:
            try:
                results = load_results(root, report.id)
                document = render_report(
                    root, study, week, report, language, results, store=store, beside=cited
                )
            except (StudyError, ExceptionGroup) as error:
                problems += problems_in(error)
                continue
            chapters.append(Chapter(week, report, document))
        raise_all(problems, "book")
        if not last:
            cited = tuple(
                mention.what
                for chapter in chapters
                for mention in chapter.document.mentions
                if mention.kind == "citation"
            )
    content = typeset_book(root, study, chapters, language, store)
    name = "book.pdf" if language == study.languages[0] else f"book.{language}.pdf"
    write_study_file(root, name, content)
    return name
