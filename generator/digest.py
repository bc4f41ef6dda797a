"""SHA-256 of contents and of canonical JSON; JSON read."""

import hashlib
import json
from pathlib import Path
from typing import Any


def digest_bytes(content: bytes) -> str:
    """SHA-256 of `content`, 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def digest_source(content: bytes) -> str:
    """SHA-256 of `content`; of text (no NUL byte) with LF line ends and no byte order mark.

    A checkout with CRLF is the same source, and so is what an editor saved with a mark; a
    picture or a model is taken as it is.
    """
    if b"\0" not in content:
        content = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    return digest_bytes(content)


def digest_file(path: Path) -> str:
    """`digest_source` of the file's content. Raises OSError."""
    return digest_source(path.read_bytes())


def read_json(content: bytes | str) -> Any:
    """The value that JSON writes. Raises ValueError, also where it nests too deeply to be read."""
    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("nests too deeply") from None


def canonical_json(value: Any) -> bytes:
    """`value` as JSON, keys sorted, two-space indent, final newline: same value, same bytes.

    Raises ValueError on NaN and infinities, which JSON has no word for.
    """
    text = json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()
