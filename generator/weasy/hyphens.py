"""Hyphenation patterns, read once and kept: a fresh process saves 50 ms of CPU.

Pyphen parses its dictionary of a language line by line when it first hyphenates a word, and keeps
what it has read in `hdcache`, by path; this fills it.
"""

import json
from collections.abc import Iterable

import pyphen  # type: ignore[import-untyped]

from generator.digest import digest_bytes
from generator.store.cache import Cache

_KIND = "hyphens"


def read_patterns(languages: Iterable[str], store: Cache) -> None:
    """Let Pyphen know how to hyphenate those of `languages` that it has patterns for."""
    for language in languages:
        known = pyphen.language_fallback(language)
        if known and (path := pyphen.LANGUAGES[known]) not in pyphen.hdcache:
            key = digest_bytes(f"{pyphen.VERSION} ".encode() + path.read_bytes())
            kept = store.get(_KIND, key)
            if kept is None:
                patterns = pyphen.Pyphen(lang=known).hd.patterns
                if all(type(value) is int for _, values in patterns.values() for value in values):
                    store.put(_KIND, key, json.dumps(patterns, separators=(",", ":")).encode())
            else:
                pyphen.hdcache[path] = _dictionary(json.loads(kept))


def _dictionary(patterns: dict[str, tuple[int, list[int]]]) -> pyphen.HyphDict:
    """What Pyphen makes of a file with these patterns. It only reads them, so lists will do."""
    made = pyphen.HyphDict.__new__(pyphen.HyphDict)
    made.patterns = patterns
    made.cache = {}
    made.maxlen = max(map(len, patterns))
    return made
