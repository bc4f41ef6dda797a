"""The lines of an iCalendar file: texts escaped, lines folded, and read again."""


def escaped(text: str) -> str:
    """`text` as an iCalendar TEXT value."""
    for letter in "\\;,":
        text = text.replace(letter, f"\\{letter}")
    return text.replace("\n", "\\n")


def folded(line: str) -> str:
    """`line` in pieces of at most 75 bytes, none of which cuts a character."""
    pieces = [""]
    size = 0
    for letter in line:
        width = len(letter.encode())
        if size + width > 75:
            pieces.append("")
            size = 1  # the space that a continued line begins with
        pieces[-1] += letter
        size += width
    return "\r\n ".join(pieces)


def unfolded(content: bytes) -> list[str]:
    """The lines of the file `content` as they were before they were folded."""
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    return text.replace("\n ", "").replace("\n\t", "").split("\n")
