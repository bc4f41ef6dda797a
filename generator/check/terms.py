"""Whether texts call the terms of the glossary what it calls them, in every language."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from generator.check.finding import Finding, from_problems
from generator.errors import StudyError, Where, problems_in
from generator.model import Report, Study
from generator.store.files import read_study_text
from generator.text.markdown.lexer import pieces_of
from generator.text.problems import Problems
from generator.text.values.numbers import typed_numbers
from generator.text.works.glossary import GLOSSARY, Term, load_glossary

_FEWEST = 2  # uses that make a word of the main text one that its translation needs as well


def term_findings(root: Path, study: Study) -> list[Finding]:
    """Mistakes in the glossary, words that it avoids, terms that a translation calls otherwise."""
    try:
        terms = load_glossary(root, study.languages)
    except (StudyError, ExceptionGroup) as error:
        return from_problems("terms", problems_in(error))
    if not terms:
        return []
    findings = list(_numbers(study, terms))
    for _, report in study.reports():
        texts = {
            language: _prose(root, path)
            for language, path in report.texts
            if (root / path).is_file()
        }
        for language, path in report.texts:
            if language in texts:
                findings += _avoided(terms, texts[language], language, path)
        findings += _untranslated(terms, report, texts)
    return findings


def _prose(root: Path, path: str) -> str:
    """The words of a text, with code, formulas and attributes blanked, lines kept."""
    text = read_study_text(root, path, "replace")
    pieces = pieces_of(text, Problems(path))
    return "".join(p.text if p.kind == "prose" else "\n" * p.text.count("\n") + " " for p in pieces)


def _avoided(terms: Mapping[str, Term], text: str, language: str, path: str) -> Iterator[Finding]:
    for term in terms.values():
        name = term.name.text(language)
        for word in dict(term.avoid).get(language, ()):
            for match in _pattern(word).finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                message = f"found '{match[0]}', which the glossary calls '{name}'"
                yield Finding("terms", message, Where(path, line), f"write '{name}'")


def _untranslated(
    terms: Mapping[str, Term], report: Report, texts: Mapping[str, str]
) -> Iterator[Finding]:
    """Terms of the main text of which a translation never says the name."""
    languages = [(language, path) for language, path in report.texts if language in texts]
    if len(languages) < 2:
        return
    main, main_path = languages[0]
    for term in terms.values():
        uses = list(_pattern(term.name.text(main)).finditer(texts[main]))
        if len(uses) < _FEWEST:
            continue
        line = texts[main].count("\n", 0, uses[0].start()) + 1
        for language, path in languages[1:]:
            name = term.name.text(language)
            if not _pattern(name).search(texts[language]):
                yield Finding(
                    "terms",
                    f"never says '{name}', which the glossary has for '{uses[0][0]}'"
                    f" ({main_path}:{line})",
                    Where(path),
                    f"write '{name}' there, or change {GLOSSARY}",
                    "warning",
                )


def _pattern(name: str) -> re.Pattern[str]:
    """The name as a word of its own; spaces may be line ends. A particle may follow Hangul."""
    words = r"\s+".join(re.escape(word) for word in name.split())
    behind = r"(?:s|es)?(?![A-Za-z])" if name.isascii() else ""
    before = r"(?<![A-Za-z-])" if name[:1].isascii() else r"(?<![가-힣])"
    return re.compile(before + words + behind, re.IGNORECASE)


def _numbers(study: Study, terms: Mapping[str, Term]) -> Iterator[Finding]:
    """Typed numbers in meanings, where the study's texts may have none."""
    if study.numbers == "off":
        return
    for term in terms.values():
        for _, text in term.meaning.texts:
            if typed_numbers(text, GLOSSARY):
                yield Finding(
                    "terms",
                    f"a typed number in the meaning of {term.id}",
                    Where(GLOSSARY),
                    "say it in words: a meaning quotes no result",
                    "error" if study.numbers == "strict" else "warning",
                )
