"""What has to be true around WeasyPrint before it is imported: no fonts but ours."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Almost empty, and shipped as a file because fontconfig wants one. It names a folder for caches,
# or fontconfig would invent one under the home directory; with no font folders it writes none.
_CONFIGURATION = Path(__file__).with_name("fonts.conf")


@contextmanager
def private_fontconfig() -> Iterator[None]:
    """While this lasts, a fontconfig that starts knows no font of this machine.

    WeasyPrint starts one when it is imported, and one for each FontConfiguration.
    """
    before = os.environ.get("FONTCONFIG_FILE")
    os.environ["FONTCONFIG_FILE"] = str(_CONFIGURATION)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="No fonts configured in FontConfig")
            yield
    finally:
        if before is None:
            del os.environ["FONTCONFIG_FILE"]
        else:
            os.environ["FONTCONFIG_FILE"] = before
