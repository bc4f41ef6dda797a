"""Typed numbers: what a text says in figures without quoting it from results."""

import html
import re
from collections.abc import Iterable, Sequence

from generator.errors import StudyError, Where
from generator.text.markdown.lexer import Piece, pieces_of
from generator.text.problems import Problems

_GONE = "\ufffc"  # stands where something was that may hold numbers

# A decimal, a per cent sign, ± or an exponent makes a number a measured one.
# Bounded, so that a long list of numbers is not tried from each of them to its end.
_DIGITS = r"\d{1,20}(?:[\u202f\u2009,]\d{1,20}){0,6}"
_DECIMAL = rf"(?:(?:{_DIGITS})?[.．]\d+|0,\d+)"
_NUMBER = re.compile(
    rf"""
    (?<![A-Za-z0-9_.．])(?:
        (?P<exponent>(?:{_DECIMAL}|\d+)(?:[eE][+\-−]?\d+(?![A-Za-z0-9])|\s?[×x·*]\s?10(?:\^|[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+|<sup>)|
                     \^[+\-−]?\d+)|10[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)
      | (?P<percent>(?:{_DECIMAL}|{_DIGITS})\s?(?:[%％‰]|-?per\s?cent(?![a-z])|퍼센트
                                                    |프로(?![가-힣])))
      | (?P<spread>(?:{_DECIMAL}|{_DIGITS})\s?(?:±|\+/[-−])\s?\d+(?:[.．]\d+)?)
      | (?P<decimal>{_DECIMAL})
    )
    | (?:±|\+/[-−])\s?\d+(?:[.．]\d+)?
    """,
    re.VERBOSE,
)
# Names behind which a decimal is a version.
_VERSIONED = (
    "Python|PyTorch|NumPy|SciPy|Matplotlib|TensorFlow|JAX|CUDA|cuDNN|ROCm|Java|JavaScript|Rust|PHP|"
    "GCC|LLVM|glibc|CMake|Git|Docker|Node(?:\\.js)?|pip|SQLite|WeasyPrint|MathJax|Ubuntu|Debian|"
    "Fedora|macOS|Windows|Linux|Android|iOS|Unicode|HTML|CSS|XML|PDF|HTTP|TLS|USB|Bluetooth|PCIe|"
    "OpenGL|Apache(?:\\sLicen[cs]e)?|L?GPL|MPL|CC(?:[\\s-](?:BY|SA|NC|ND))*"
)
# What may stand there all the same: versions, dates, sections, identifiers, addresses, marks.
_ALLOWED = re.compile(
    rf"""
    \[[^\[\]]*\]\{{[^{{}}]*\.(?:const|quoted)\b[^{{}}]*\}}
    | (?<!!)\[[^\[\]]*\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)
    | (?<=\])\([^()\n]*\)
    | <[a-z]+:[^<>\s]*>
    | \b(?:https?://|www\.)[^\s<>]+
    | \barXiv[:\s]\s?\d{{4}}\.\d{{4,5}}(?:v\d+)?
    | \b10\.\d{{4,9}}/[^\s]+
    | \b\d+(?:\.\d+){{2,}}\b
    | \b[vV](?:er\.?\s?|ersions?\s)?\d+(?:\.\d+)+
    | \b(?:[Vv]ersions?|[Rr]elease|버전|판|파이썬)\s?\d+(?:\.\d+)+
    | \b(?:{_VERSIONED})[\s/-]?\d+(?:\.\d+)+
    | \b[A-Za-z][A-Za-z0-9]*-[1-9]\d*(?:\.\d+)+
    | \b[A-Z][A-Za-z]*\d[A-Za-z0-9.]*-\d+(?:\.\d+)+[A-Z]?
    | \b(?:19|20)\d\d\.(?:0[1-9]|1[0-2])\b
    | (?:§+\s?|\b(?:[Ss]ections?|[Ss]ecs?\.|[Cc]hapters?|[Cc]h\.|[Aa]ppendix|[Tt]heorem|[Ll]emma
        |[Pp]roposition|[Cc]orollary|[Dd]efinition|[Ee]xample|[Ee]xercise|[Aa]lgorithm|[Tt]able
        |[Pp]art|[Rr]emark|[Ll]isting|[Ff]igure|[Ff]ig\.|[Ee]quation|[Ee]q\.|그림|표|식|정리|정의)\s)\(?\d+(?:\.\d+)+
    | \b\d+(?:\.\d+)+\s?(?:절|장|항)
    | </?[A-Za-z][^<>]*>
    """,
    re.VERBOSE,
)
_WIDTH = re.compile(r"(?<=[\s{])width=\"?[\d.]+(?:mm|cm|in|pt|%)\"?(?=[\s}])")  # of a picture
HINT = (
    "quote it from the results: {{ value.name }}; what is fixed by definition is [0.5]{.const}, "
    "what a source says [0.5]{.quoted cite=key}"
)


def typed_numbers(text: str, path: str, line: int = 1) -> list[StudyError]:
    """Every typed number in `text`, which starts at `line` of the file at `path`."""
    return typed_numbers_in(pieces_of(text, Problems(path), line), path)


def holds_typed_number(words: str) -> bool:
    """Whether `words`, in which nothing is quoted, hold a typed number."""
    return bool(_NUMBER.search(_ALLOWED.sub(_masked, words)))


def typed_numbers_in(pieces: Sequence[Piece], path: str) -> list[StudyError]:
    """Every typed number in the words among `pieces`."""
    line = pieces[0].line if pieces else 1
    found: list[StudyError] = []
    for paragraph in re.split(r"(\n[ \t]*\n)", "".join(_words(pieces))):
        # Looking for what is allowed takes ten times as long as looking for a number.
        if _NUMBER.search(paragraph):
            words = _ALLOWED.sub(_masked, paragraph)
            for match in _NUMBER.finditer(words):
                number = " ".join(match[0].split())
                where = Where(path, line + words.count("\n", 0, match.start()))
                hint = "" if found else HINT  # once is enough
                found.append(StudyError(f"the number {number} is typed", where, hint))
        line += paragraph.count("\n")
    return found


def _words(pieces: Sequence[Piece]) -> Iterable[str]:
    """The text of `pieces` with what may hold numbers taken out, line ends kept."""
    for piece in pieces:
        if piece.kind in ("prose", "attributes"):
            text = piece.text if piece.kind == "prose" else _WIDTH.sub("width", piece.text)
            yield _as_printed(text)
        elif piece.kind == "fence":
            yield _GONE + piece.info + "\n" * piece.text.count("\n")  # a caption is words, too
        else:
            yield _GONE + "\n" * piece.text.count("\n")


def _as_printed(text: str) -> str:
    """`text` with the signs that an author may have escaped: 50\\%, 50&percnt;."""
    if "\\%" in text or "\\." in text:
        text = re.sub(r"(?<=\d)([ \u202f]?)\\([%.])", r"\1\2", text)
    if "&" in text:
        text = re.sub(r"&#?\w+;", lambda sign: html.unescape(sign[0]).replace("\n", " "), text)
    return text


def _masked(match: re.Match[str]) -> str:
    return _GONE + "\n" * match[0].count("\n")
