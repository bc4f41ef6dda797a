"""reports/glossary.toml → the study's terms in all its languages, or every mistake in it."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.errors import StudyError, Where, raise_all, unreadable
from generator.model import Phrase
from generator.store.files import read_study_file
from generator.study.fields import Fields
from generator.study.load import located
from generator.study.mistakes import Mistake, did_you_mean
from generator.text.source import decoded

GLOSSARY = "reports/glossary.toml"


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the study. avoid: pairs of (language, words that are not to be used for it)."""

    id: str
    name: Phrase
    meaning: Phrase
    avoid: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def is_called(self, words: str, language: str) -> bool:
        """Whether `words` is the term in `language`, or an inflected form of it: "entropies"."""
        name, words = self.name.text(language).casefold(), words.casefold()
        return (name[:-1] if name.isascii() and len(name) > 3 else name) in words


def load_glossary(root: Path, languages: Collection[str]) -> dict[str, Term]:
    """The study's terms by id; empty if there is no such file.

    Raises StudyError, several in a group, for each mistake in the file.
    """
    try:
        content = read_study_file(root, GLOSSARY)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise unreadable(error, Where(GLOSSARY)) from error
    return read_glossary(decoded(content, GLOSSARY), languages) if content.strip() else {}


def read_glossary(text: str, languages: Collection[str]) -> dict[str, Term]:
    """The terms of `text`. Raises StudyError, several in a group."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        hint = 'the form is: [term], then en = "…" and meaning = { en = "…" }'
        raise StudyError(f"is not TOML: {error}", Where(GLOSSARY), hint) from error
    mistakes: list[Mistake] = []
    top = Fields(data, (), mistakes, languages)
    terms: dict[str, Term] = {}
    for name in data:
        table = top.table(name)
        if table is not None:
            terms[name] = _term(name, table, languages)
    _find_doubles(terms, languages, mistakes)
    raise_all(located(text, mistakes, GLOSSARY), GLOSSARY)
    return terms


def _term(name: str, table: Fields, languages: Collection[str]) -> Term:
    texts = []
    for language in languages:
        text = table.text(language)
        if text:
            texts.append((language, text))
        elif not table.has(language):
            table.wrong(None, f"found no name in '{language}'", f'write {language} = "…"')
    meaning = table.phrase("meaning", required=True)
    avoid = []
    words = table.table("avoid")
    for language in languages if words is not None else ():
        assert words is not None
        avoid.append((language, words.words(language)))
    if words is not None:
        words.finish()
    table.finish()
    return Term(name, Phrase(tuple(texts)), meaning, tuple(avoid))


def _find_doubles(
    terms: Mapping[str, Term], languages: Collection[str], mistakes: list[Mistake]
) -> None:
    """Two terms of one name could not be told apart."""
    for language in languages:
        first: dict[str, str] = {}
        for term in terms.values():
            name = dict(term.name.texts).get(language, "").casefold()
            if name and name in first:
                message = f"is called '{name}' as {first[name]} is"
                mistakes.append(Mistake((term.id, language), message, "keep one of them"))
            first.setdefault(name, term.id)


def found_term(
    terms: Mapping[str, Term], words: str, wanted: str, language: str
) -> Term | tuple[str, str]:
    """The term that `[words]{.term}` or `[words]{.term of=wanted}` means, or message and hint."""
    if wanted and wanted not in terms:
        return f"'{wanted}' is no term of {GLOSSARY}", _suggestion(terms, wanted, list(terms))
    if wanted:
        term = terms[wanted]
        if term.is_called(words, language):
            return term
        name = term.name.text(language)
        return (
            f"'{words}' for the term {wanted}, which {GLOSSARY} calls '{name}'",
            f"write [{name}]{{.term}}, or change the glossary",
        )
    names = {term.name.text(language).casefold(): term for term in terms.values()}
    found = names.get(words.casefold()) or terms.get(words)
    if found and found.is_called(words, language):
        return found
    if found:
        name = found.name.text(language)
        return f"the term '{words}' is '{name}' here", f"write [{name}]{{.term}}"
    return f"'{words}' is no term of {GLOSSARY}", _suggestion(terms, words, list(names))


def _suggestion(terms: Mapping[str, Term], words: str, known: Collection[str]) -> str:
    if not terms:
        return f'there is no {GLOSSARY} yet: begin it with [name], en = "…", meaning = "…"'
    guess = did_you_mean(words, known)
    return guess or "add it there; an inflected form is [logits]{.term of=logit}"
