"""Files that come with the compiler: templates, which a study may override one by one."""

import re
from pathlib import Path

from generator.errors import StudyError, Where
from generator.store.files import read_study_file

_PACKAGE = Path(__file__).parents[1]
_MOST_BYTES = 2_000_000
_DEEPEST = 24
# Comments and strings, whose brackets are none, and brackets.
_APART = re.compile(r"/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|url\([^)]*\)", re.DOTALL)
_NESTING = re.compile(r"/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|[{}()\[\]]", re.DOTALL)
# A number outside of words and colours, behind which a unit may stand.
_NUMBER = re.compile(r"(?<![\w#.+-])[-+]?((?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)[a-z%]*", re.I)
_LARGEST = 1e6  # a number of a style sheet; layout engines count in whole numbers of 32 bits
_BROUGHT = re.compile(r"""["'(]\s*template:([^"')\s]+)""")


def template_file(root: Path, name: str) -> Path:
    """The template `name`: the study's own under templates/ if there is one, else ours.

    Raises FileNotFoundError if neither has it, which is our own bug for the names we use.
    """
    for folder in (root / "templates", shipped_folder()):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"no template {name}")


def shipped_folder() -> Path:
    """Where our own templates are: in the wheel inside the package, in a clone at the top."""
    inside = _PACKAGE / "templates"
    return inside if inside.is_dir() else _PACKAGE.parent / "templates"


def brought_files(root: Path, *names: str) -> list[str]:
    """The names of fonts and pictures that the templates `names` take from templates/."""
    texts = [template_text(root, name) for name in names]
    return sorted({name for text in texts for name in _BROUGHT.findall(text)})


def template_text(root: Path, name: str) -> str:
    """The source of the template `name`, the study's own or ours. Raises StudyError."""
    path = template_file(root, name)
    own = path == root / "templates" / name
    content = read_study_file(root, f"templates/{name}") if own else path.read_bytes()
    if len(content) > _MOST_BYTES:
        raise StudyError(
            f"has {len(content) / 1e6:.1f} MB, expected less than {_MOST_BYTES / 1e6:.0f}",
            Where(f"templates/{name}"),
            "fonts and pictures are files of their own beside it",
        )
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise StudyError(
            f"is not UTF-8: byte 0x{content[error.start]:02x} can't stand here",
            Where(f"templates/{name}", line),
            "save the file as UTF-8",
        ) from error
    if name.endswith(".css"):
        _check_nesting(text, f"templates/{name}")
        if own:
            _check_numbers(text, f"templates/{name}")
    return text


def _check_nesting(css: str, path: str) -> None:
    """Raise StudyError where `css` nests deeper than its parsers, which call themselves, can go."""
    depth = 0
    for match in _NESTING.finditer(css):
        if match[0] in "{([":
            depth += 1
        elif match[0] in "})]":
            depth = max(0, depth - 1)
        if depth > _DEEPEST:
            raise StudyError(
                f"nests brackets more than {_DEEPEST} deep",
                Where(path, css.count("\n", 0, match.start()) + 1),
                "a closing bracket may be missing; rules nest two or three deep",
            )


def _check_numbers(css: str, path: str) -> None:
    """Raise StudyError at a number that no page has room for: a font of 1e9pt."""
    plain = _APART.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), css)
    for match in _NUMBER.finditer(plain):
        if float(match[1]) > _LARGEST:
            raise StudyError(
                f"has the number {match[0][:30]}, expected less than a million",
                Where(path, plain.count("\n", 0, match.start()) + 1),
                "a page is 210 mm broad",
            )
