"""Texts for people in a table of study.toml: one for all languages, or one for each."""

from typing import Any

from generator.addresses import RULE, refused_in
from generator.model import Phrase
from generator.study.mistakes import did_you_mean, listed, shown, tidy
from generator.study.table import Table


class Phrases(Table):
    """The keys of a table that hold words of the study's languages."""

    __slots__ = ()

    def phrase(self, key: str, *, required: bool = False) -> Phrase:
        """A text, or one text for each language; white space is tidied, letters are NFC."""
        value = self._get(key)
        if value is None:
            if required:
                self.wrong(None, f"{key} is missing", f'write {key} = "…"')
            return Phrase()
        return self._phrase(key, value)

    def _phrase(self, key: str, value: Any) -> Phrase:
        if isinstance(value, str):
            text = tidy(self._printable(key, value))
            if not text:
                self.wrong(key, "found an empty text", "leave the key out instead")
                return Phrase()
            return Phrase((("*", text),))
        if not isinstance(value, dict) or not value:
            hint = f'write {key} = "…"'
            if len(self.languages) > 1:
                shape = ", ".join(f'{language} = "…"' for language in self.languages)
                hint += f", or {key} = {{ {shape} }}"
            self.wrong(key, f"found {shown(value)}, expected a text", hint)
            return Phrase()
        texts = []
        for language, text in value.items():
            if self.languages and language not in self.languages:
                self.wrong(
                    key,
                    f"found the language '{language}', expected one of {listed(self.languages)}",
                    did_you_mean(language, self.languages)
                    or "add it to languages, or take this text out",
                )
            elif not isinstance(text, str) or not tidy(text):
                self.wrong(
                    key,
                    f"found {shown(text)} for '{language}', expected a text",
                    f'write {language} = "…", or leave it out',
                )
            else:
                texts.append((language, tidy(self._printable(key, text))))
        return Phrase(tuple(texts))

    def phrases(self, key: str) -> tuple[Phrase, ...]:
        """A list of texts, or one list of texts for each language, equally long."""
        return tuple(self._phrase(key, item) for item in self._rows(key))

    def _rows(self, key: str) -> list[Any]:
        """The items of a list, or of one list for each language: each what a phrase may be."""
        value = self._get(key)
        if value is None:
            return []
        if isinstance(value, dict):
            columns = list(value.items())
            if all(isinstance(texts, list) for _, texts in columns):
                if len({len(texts) for _, texts in columns}) > 1:
                    lengths = ", ".join(f"{name}: {len(texts)}" for name, texts in columns)
                    self.wrong(
                        key,
                        f"found lists of different lengths ({lengths})",
                        "give every language as many texts",
                    )
                    return []
                rows = zip(*(texts for _, texts in columns), strict=True)
                names = [name for name, _ in columns]
                value = [dict(zip(names, row, strict=True)) for row in rows]
        if not isinstance(value, list):
            self.wrong(
                key, f"found {shown(value)}, expected a list of texts", f'{key} = ["…", "…"]'
            )
            return []
        return list(value)

    def paragraphs(self, key: str) -> tuple[Phrase, ...]:
        """A list of pieces of Markdown, each a text or one for each language, lines as they are."""
        found = []
        for value in self.listing(key):
            texts = value if isinstance(value, dict) else {"*": value}
            pieces = [(language, text) for language, text in texts.items() if isinstance(text, str)]
            if len(pieces) < len(texts) or not pieces:
                self.wrong(key, f"found {shown(value)}, expected a text", "write it in quotes")
            else:
                found.append(
                    Phrase(tuple((a, self._printable(key, b).strip("\n")) for a, b in pieces))
                )
        return tuple(found)

    def markdown(self, key: str) -> tuple[Phrase, ...]:
        """Pieces of Markdown, their lines as they are: a text or a list of texts, for all
        languages or one for each."""
        value = self.given(key)
        if isinstance(value, list) or (
            isinstance(value, dict) and any(isinstance(text, list) for text in value.values())
        ):
            pieces = self._rows(key)
        else:
            pieces = [] if self._get(key) is None else [value]
        return tuple(filter(None, (self._markdown(key, piece) for piece in pieces)))

    def _markdown(self, key: str, value: Any) -> Phrase:
        """`value` as `_phrase` reads it, with its line ends and without checking them twice."""
        found = len(self.mistakes)
        phrase = self._phrase(key, value)
        if len(self.mistakes) > found or not phrase:
            return phrase
        given = {"*": value} if isinstance(value, str) else value
        texts = tuple(
            (language, self.cleaned(key, given[language])) for language, _ in phrase.texts
        )
        for _, text in texts:
            if refused := refused_in(text):
                self.wrong(key, f"found the link {shown(refused[1])}", RULE)
        return Phrase(texts)

    def one_phrase(self, key: str, value: Any) -> Phrase:
        """`value`, which stands in a list at `key`, as a text or one text for each language."""
        return self._phrase(key, value)

    def listing(self, key: str) -> list[Any]:
        """A list of values yet to be looked at; empty if it is absent."""
        value = self._get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.wrong(key, f"found {shown(value)}, expected a list", f"write {key} = [ … ]")
            return []
        return list(value)
