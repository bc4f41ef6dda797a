"""The [words] table of study.toml: the words of a language that we don't know."""

from generator.study.fields import Fields
from generator.study.readme import WORDS

# What a page can say of itself. Where a word is missing, the English one stands.
PAGE_WORDS = (
    "figure", "table", "equation", "section", "listing", "appendix", "theorem", "lemma",
    "proposition", "corollary", "conjecture", "definition", "example", "remark", "exercise",
    "solution", "solution_of", "proof", "note", "tip", "important", "warning", "caution",
    "question", "references", "terms", "and", "others", "edition", "volume", "page", "pages",
    "editors", "source", "no_date", "contents", "page_of_pages", "audience", "prerequisites",
    "outcomes", "version", "keywords", "cite", "to_do", "months", "long_date", "text", "results",
    "versions", "seed", "rebuild", "accelerator",
)  # fmt: skip
# What stands in braces must be there: {} for the one thing, {number}, … for several.
_FILLED = {
    "solution_of": ("{}",),
    "edition": ("{}",),
    "volume": ("{}",),
    "page": ("{}",),
    "pages": ("{}",),
    "version": ("{}",),
    "page_of_pages": ("{page}", "{pages}"),
    "long_date": ("{day}", "{month}", "{year}"),
}
_MONTHS = 12

Known = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def read_words(fields: Fields | None) -> Known:
    """Language → (word of ours, what it says instead), for each table [words.LANGUAGE]."""
    if fields is None:
        return ()
    found = []
    for language in fields.languages:
        table = fields.table(language)
        if table is not None:
            found.append((language, _language(table)))
    fields.finish()
    return tuple(found)


def _language(table: Fields) -> tuple[tuple[str, str], ...]:
    names = tuple(dict.fromkeys((*PAGE_WORDS, *WORDS)))
    said = []
    for name in names:
        text = table.text(name)
        if not text:
            continue
        missing = [part for part in _FILLED.get(name, ()) if part not in text]
        if missing:
            table.wrong(name, f"expected a text with {missing[0]} in it", "where that stands")
        elif name == "months" and text.count(",") != _MONTHS - 1:
            table.wrong(name, "expected twelve names with commas between", 'write "Januar, …"')
        else:
            said.append((name, text))
    table.finish()
    return tuple(said)
