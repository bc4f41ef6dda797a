"""Where MathJax is: one JavaScript file, version 4.0.0-beta.7 with the fonts MathJax Modern."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

from generator.errors import StudyError

# The file that `engine` was written and tested against. Its minified names are found by a
# pattern, so another one has to be looked at before it may draw.
BUNDLE_SHA256 = "d6b5e1be06c3621dc73acec72fadb21d684dff91f4820985517bfe319ea83078"


def bundle() -> str:
    """The source of MathJax. Raises StudyError if it is not installed or another one is."""
    for path in _places():
        if path.is_file():
            content = path.read_bytes()
            if hashlib.sha256(content).hexdigest() != BUNDLE_SHA256:
                raise StudyError(
                    f"the MathJax of {path.parts[-3]} is not the one that was tested",
                    hint="pip install --no-deps quickjax==0.1.0",
                )
            return content.decode()
    raise StudyError(
        "MathJax is not installed: no formula can be drawn",
        hint="pip install --no-deps quickjax==0.1.0",
    )


def _places() -> list[Path]:
    """Inside of the wheel, or in the package quickjax (found without importing it: its own
    Python half asks for another build of the engine)."""
    places = [Path(__file__).with_name("mathjax_bundle.js")]
    found = find_spec("quickjax")
    if found and found.origin:
        places.append(Path(found.origin).parent / "js" / "mathjax_bundle.js")
    return places
