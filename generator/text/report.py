"""A report's text and results → a Document, or all that is wrong with the text at once."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from generator.errors import StudyError, Where, problems_in, raise_all
from generator.machine.limits import limited
from generator.model import Document, Formula, Heading, Mention, Report, Results, Study, Week
from generator.store.cache import Cache
from generator.text.html.body import Body
from generator.text.html.context import Desk
from generator.text.html.mentions import mentions_of
from generator.text.html.terms import TERMS, terms_html
from generator.text.macros import load_macros
from generator.text.markdown.grammar import Parsed, parsed
from generator.text.markdown.lexer import Piece, check_marks, pieces_of
from generator.text.markdown.outline import KINDS, REFERENCES, outline_of
from generator.text.problems import Problems
from generator.text.shared import whole_text
from generator.text.values.expand import expand
from generator.text.values.numbers import typed_numbers_in
from generator.text.words import words_of
from generator.text.works.bibliography import (
    BIBLIOGRAPHY,
    Entry,
    load_bibliography,
    unread_entry,
)
from generator.text.works.citations import citations_for
from generator.text.works.glossary import Term, load_glossary


def render_report(
    root: Path,
    study: Study,
    week: Week,
    report: Report,
    language: str,
    results: Results,
    *,
    store: Cache | None = None,
    beside: Iterable[str] = (),
    undrawable: Callable[[Sequence[Formula]], Iterable[StudyError]] = lambda formulas: (),
) -> Document:
    """The text of `report` in `language`, ready to be set.

    beside: keys that the other texts of the same book cite. store: keeps the parsed bibliography
    and highlighted code between processes. undrawable: what is wrong with formulas; it is asked
    where the text has mistakes, so that all of them are said at once.
    Raises StudyError, several in a group: every problem of the text, each with its line.
    """
    path = dict(report.texts)[language]
    whole, problems = whole_text(root, path)
    with limited(Where(path), _SECONDS + len(whole.text) / _LETTERS_A_SECOND):
        try:
            document = _rendered(
                root, study, week, report, language, results, whole.text, store, beside, undrawable
            )
        except (StudyError, ExceptionGroup) as error:
            problems += whole.moved(problems_in(error))
    raise_all(problems, path)
    return whole.document(document)


_SECONDS = 10.0  # of computing, and more for a long text; a report of 30,000 letters takes 0.5
_LETTERS_A_SECOND = 4000


def _rendered(
    root: Path,
    study: Study,
    week: Week,
    report: Report,
    language: str,
    results: Results,
    text: str,
    store: Cache | None,
    beside: Iterable[str],
    undrawable: Callable[[Sequence[Formula]], Iterable[StudyError]],
) -> Document:
    path = dict(report.texts)[language]
    problems = Problems(path)
    text = _without_front_matter(text, problems)
    pieces = pieces_of(text, problems)
    if check_marks(pieces, problems):
        raise_all(problems.sorted(), path)
    warnings: list[StudyError] = []
    if study.numbers != "off":
        typed = typed_numbers_in(pieces, path)
        (warnings if study.numbers == "warn" else problems).extend(typed)
    strict = study.numbers == "strict"
    parameters = study.parameters_of(report)
    expanded = expand(
        pieces, results, problems, strict=strict, language=language, parameters=parameters
    )
    whole = parsed(expanded)
    _check_size(whole, path)
    words = words_of(language, study.own_words(language))
    outline = outline_of(whole, problems)
    mentions = mentions_of(pieces, whole, outline, path)
    keys = {mention.what for mention in mentions if mention.kind == "citation"}
    entries: dict[str, Entry] = {}
    if keys:
        try:
            entries = load_bibliography(root, store)
        except (StudyError, ExceptionGroup) as error:
            problems.extend(problems_in(error))
            entries = {key: unread_entry(key) for key in keys}
    glossary: dict[str, Term] = {}
    if any(".term" in piece.text for piece in pieces if piece.kind == "attributes"):
        try:
            glossary = load_glossary(root, study.languages)
        except (StudyError, ExceptionGroup) as error:
            problems.extend(problems_in(error))
    citations, gaps = citations_for(keys, entries, words, beside)
    problems.extend(gaps)
    desk = Desk(
        root, study, report, language, results, words, problems, whole, outline, citations, store
    )
    desk.glossary = glossary
    drawable = True
    try:
        desk.macros = load_macros(root)
    except (StudyError, ExceptionGroup) as error:
        problems.extend(problems_in(error))
        drawable = False  # every formula that has a command of the study would be told, too
    body = Body(desk).html() + terms_html(desk) + citations.list_html()
    if desk.terms:
        desk.headings.append(Heading(2, "", words.terms, TERMS))
    if citations.cited:
        desk.headings.append(Heading(2, "", words.references, REFERENCES))
    _check_referred(desk)
    if problems.found and drawable:
        problems.extend(undrawable(tuple(desk.formulas.values())))
    raise_all(problems.sorted(), path)
    named = {name for piece in pieces for name in _PARAMETER.findall(piece.text)}
    desk.inputs |= {f"parameter:{name}" for name in named & parameters.keys()}
    inputs = {path, *desk.inputs, *(f"{BIBLIOGRAPHY}@{entry.key}" for entry in citations.cited)}
    if _quotes(pieces) or any(label.startswith("results:") for label in inputs):
        inputs.add("results")
    return Document(
        report.id,
        language,
        body,
        tuple(desk.formulas.values()),
        tuple(desk.headings),
        tuple(desk.images),
        tuple(sorted(inputs)),
        (
            *mentions,
            *(Mention("term", name, Where(path, line)) for name, line in desk.terms.items()),
        ),
        tuple(warnings),
    )


_FRONT_MATTER = re.compile(
    r"---[ \t]*\n(?:.*\n)*?(?:---|\.\.\.)[ \t]*(?:\n|\Z)"
    r"|\+{3}[ \t]*\n(?:.*\n)*?\+{3}[ \t]*(?:\n|\Z)"
)


# A report of 12 pages has some 30,000 letters, 15 headings and 5 notes.
_MOST_LETTERS = 1_000_000
_MOST_HEADINGS = 1_000
_MOST_NOTES = 1_000


def _check_size(whole: Parsed, path: str) -> None:
    """Raise StudyError for what would be set for minutes."""
    kinds = Counter(token.type for token in whole.tokens)
    notes = len(whole.notes) + kinds["footnote_reference_open"]
    for count, most, things in (
        (len(whole.expanded.text), _MOST_LETTERS, "letters"),
        (kinds["heading_open"], _MOST_HEADINGS, "headings"),
        (notes, _MOST_NOTES, "notes"),
    ):
        if count > most:
            raise StudyError(
                f"found {count:,} {things}, expected at most {most:,}",
                Where(path),
                "make several reports of it: [[week.report]]",
            )


def _without_front_matter(text: str, problems: Problems) -> str:
    """`text` without the block of settings that other tools want at its head."""
    match = _FRONT_MATTER.match(text)
    if not match or not re.search("[:=]", match[0]):
        return text
    problems.add(1, "a block of settings at the head of a text", "study.toml says all of that")
    return "\n" * match[0].count("\n") + text[match.end() :]


_PARAMETER = re.compile(r"\bparameter(?:\.|\[[\"'])(\w+)")


def _quotes(pieces: Sequence[Piece]) -> bool:
    """Whether a text says anything of its results."""
    return any("{{" in piece.text or "{%" in piece.text for piece in pieces)


def _check_referred(desk: Desk) -> None:
    """Every figure is referred to, and every note is called."""
    labels = desk.outline.labels
    wholes = {labels[name].whole for name in desk.referred if name in labels}
    for label in labels.values():
        referred = label.name in desk.referred or label.name in wholes or label.whole
        if label.kind == "fig" and not referred:
            desk.problems.add(
                label.line,
                f"the {KINDS['fig']} {label.name} is never referred to",
                f"write @{label.name} where the text speaks of it",
            )
    for name, note in desk.notes.items():
        if f"fn-{name}" not in desk.referred:
            line = desk.parsed.expanded.source_line(note.line)
            desk.problems.add(line, f"the note [^{name}] is never called", f"write [^{name}]")
