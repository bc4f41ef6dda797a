"""What has to be true around WeasyPrint before it is imported: no fonts but ours, no ballast."""

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

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


# A third of WeasyPrint's import. It subsets with HarfBuzz, and our fonts have no axes to pin.
_NEEDLESS = ("fontTools.subset", "fontTools.varLib.instancer")


@contextmanager
def needless_imports_later() -> Iterator[None]:
    """While this lasts, modules that WeasyPrint imports but hardly ever uses are empty shells.

    What is called in a shell later is the module's own, imported then.
    """
    shells = {name: _shell(name) for name in _NEEDLESS if name not in sys.modules}
    sys.modules.update(shells)
    try:
        yield
    finally:
        for name, shell in shells.items():
            if sys.modules.get(name) is shell:
                del sys.modules[name]


def _shell(name: str) -> ModuleType:
    def attribute(wanted: str) -> Any:
        if wanted.startswith("__"):
            raise AttributeError(wanted)

        def later(*arguments: Any, **options: Any) -> Any:
            return getattr(import_module(name), wanted)(*arguments, **options)

        return later

    shell = ModuleType(name)
    shell.__getattr__ = attribute  # type: ignore[method-assign]
    return shell
