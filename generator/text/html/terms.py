"""Terms of the glossary: linked where they are used first, listed at the end."""

import html
import re

from generator.text.html.context import Desk
from generator.text.html.formulas import words_html
from generator.text.markdown.attributes import Attributes
from generator.text.markdown.marks import MARK
from generator.text.works.glossary import GLOSSARY, Term, found_term

# No label can have two dashes there, so this is never an author's.
TERMS = "sec--terms"


def term_tags(desk: Desk, words: str, given: Attributes, line: int) -> tuple[str, str]:
    """What opens and closes the words of `[words]{.term}`, which stands in `line`."""
    plain = " ".join(re.sub(r"[*_~]", "", MARK.sub("", words)).split())
    found = found_term(desk.glossary, plain, given.values.get("of", ""), desk.language)
    if not isinstance(found, Term):
        desk.problems.add(line, *found)
        return "<span>", "</span>"
    if found.id in desk.terms:
        return "<span>", "</span>"
    desk.terms[found.id] = line
    desk.inputs.add(f"{GLOSSARY}@{found.id}")
    opening = f'<a class="term" href="#term-{html.escape(found.id)}">'
    original = found.name.text(desk.study.languages[0])
    closing = "</a>"
    if original.casefold() not in (plain.casefold(), found.name.text(desk.language).casefold()):
        language = html.escape(desk.study.languages[0])
        closing += f'<span lang="{language}">({html.escape(original, quote=False)})</span>'
    return opening, closing


def terms_html(desk: Desk) -> str:
    """The list of the terms that the text marks; "" if it marks none."""
    if not desk.terms:
        return ""
    terms = sorted(
        (desk.glossary[name] for name in desk.terms), key=lambda term: _order(desk, term)
    )
    items = "\n".join(_item(desk, term) for term in terms)
    title = html.escape(desk.words.terms, quote=False)
    return f'<section class="terms"><h2 id="{TERMS}">{title}</h2>\n{items}\n</section>\n'


def _order(desk: Desk, term: Term) -> str:
    return term.name.text(desk.language).casefold()


def _item(desk: Desk, term: Term) -> str:
    """A term with its names in the other languages, and what it means."""
    name = term.name.text(desk.language)
    others = [
        f'<span lang="{html.escape(language)}">{html.escape(text, quote=False)}</span>'
        for language, text in term.name.texts
        if language != desk.language and text != name
    ]
    beside = f" ({', '.join(others)})" if others else ""
    meaning = words_html(desk, term.meaning.text(desk.language), desk.terms[term.id])
    return (
        f'<p id="term-{html.escape(term.id)}"><strong>{html.escape(name, quote=False)}</strong>'
        f"{beside} {meaning}</p>"
    )
