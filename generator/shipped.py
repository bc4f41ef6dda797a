"""Files that come with the compiler: templates, which a study may override one by one."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def template_file(root: Path, name: str) -> Path:
    """The template `name`: the study's own under templates/ if there is one, else ours.

    Raises FileNotFoundError if neither has it, which is our own bug for the names we use.
    """
    # In the wheel the templates lie inside the package; in a clone they are the top-level folder.
    for folder in (root / "templates", _PACKAGE / "templates", _PACKAGE.parent / "templates"):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"no template {name}")
