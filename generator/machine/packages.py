"""What to type for a package that is missing.

Requirements, not an extra of ours: `pip install 'studypress[plots]'` would look for us on an
index that does not have us, and the folder we were installed from may be gone.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache

DISTRIBUTION = "studypress"
LARGE = "torch"


def pip_install(names: Iterable[str], locked: Mapping[str, str] | None = None) -> str:
    """The command that installs the distributions `names`.

    locked: versions that a study pins; any other name gets the range that we ask for.
    """
    wanted = []
    for name in names:
        pinned = (locked or {}).get(name)
        wanted.append(f'"{name}=={pinned}"' if pinned else f'"{name}{_ranges().get(name, "")}"')
    return f"pip install {' '.join(wanted)}"


def large(names: Iterable[str]) -> str:
    """A warning, to stand behind the command, if something among `names` is large; else ''."""
    if LARGE not in names:
        return ""
    return " (PyTorch; on Linux several GB, its CPU index has far less: see docs/tutorial.md)"


@cache
def _ranges() -> Mapping[str, str]:
    """The versions of each distribution that ours asks for, its extras included."""
    from importlib.metadata import PackageNotFoundError, requires  # 13 ms that most builds save

    try:
        asked = requires(DISTRIBUTION) or []
    except PackageNotFoundError:  # run from its source, without being installed
        return {}
    found = (re.match(r"([\w.-]+)\s*([^;\[ ]*)", line) for line in asked)
    return {match[1]: match[2] for match in found if match}
