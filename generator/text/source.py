"""A text as its author saved it: UTF-8, line ends as LF, every odd character reported."""

import re
import unicodedata
from pathlib import Path

from generator.errors import StudyError, Where, raise_all, unreadable
from generator.store.files import read_study_file

# Control characters never belong in a text. Private-use characters have no agreed glyph, and the
# text room marks its own places with them; U+FFFE and U+FFFF are no characters at all.
_REFUSED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ue000-\uf8ff\ufffe\uffff\u2028\u2029]")


def read_text(root: Path, path: str) -> str:
    """The text at `path` with LF line ends, without a byte order mark, in NFC.

    Raises StudyError, several in a group: no file, not UTF-8, a character no text can hold, empty.
    """
    try:
        content = read_study_file(root, path)
    except FileNotFoundError as error:
        raise StudyError("no such file", Where(path)) from error
    except OSError as error:
        raise unreadable(error, Where(path)) from error
    return decoded(content, path)


def decoded(content: bytes, path: str) -> str:
    """`content` as text; see `read_text`."""
    content = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        raise StudyError(
            f"is not UTF-8: byte 0x{byte:02x} can't stand here",
            Where(path, line),
            "save the file as UTF-8",
        ) from error
    problems = []
    for match in _REFUSED.finditer(text):
        problems.append(
            StudyError(
                f"holds the character U+{ord(match[0]):04X}, which no text can show",
                Where(path, text.count("\n", 0, match.start()) + 1),
                "a lone carriage return: use LF or CRLF" if match[0] == "\r" else "delete it",
            )
        )
    if not text.strip():
        problems.append(StudyError("is empty: a report has at least a sentence", Where(path)))
    raise_all(problems, path)
    return unicodedata.normalize("NFC", text)
