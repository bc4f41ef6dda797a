"""Style sheets parsed once and kept: a fresh process saves 75 ms of CPU.

WeasyPrint parses its own three sheets whenever it is imported, and we ours. What it makes of a
sheet can be pickled but for the tests of selectors, small lambdas that cssselect2 compiles, whose
code goes along as in a .pyc. So it is kept where Python keeps compiled code, beside this module,
and is trusted like it; where Python may not write there, sheets are parsed as ever.
"""

import importlib.util
import marshal
import pickle
import sys
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from io import BytesIO
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from generator.digest import digest_bytes
from generator.errors import StudyError, Where
from generator.store.cache import Cache, shrink

_MODULE = "weasyprint.html"  # parses WeasyPrint's own sheets
_KIND = "sheet"
_MOST_BYTES = 2_000_000  # a sheet has 100 KB
# What a sheet takes from outside of its own text, so that it can't be kept.
_OUTSIDE = ("@import", "@font-face", "@color-profile", "url(")


def parsed_sheet(
    kind: Any, string: str, counter_style: MutableMapping[str, Any] | None = None, **options: Any
) -> Any:
    """The `kind` (WeasyPrint's class CSS) of `string`, from its parser or as that left it.

    counter_style: empty, and filled. options: further ones of the class.
    """
    counters = {} if counter_style is None else counter_style
    if any(word in string for word in _OUTSIDE):
        return _made(kind, string, counters, options)
    store = Cache(Path(importlib.util.cache_from_source(__file__)).parent / "study")
    key = _key(string)
    kept = store.get(_KIND, key)
    if kept is None:
        sheet = _made(kind, string, counters, options)
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                store.put(_KIND, key, _pickled((vars(sheet), dict(counters))))
                shrink(store.folder, _MOST_BYTES)
        return sheet
    sheet = kind.__new__(kind)
    content, known = pickle.loads(kept)
    vars(sheet).update(content)
    counters.update(known)
    return sheet


def _made(
    kind: Any, string: str, counters: MutableMapping[str, Any], options: Mapping[str, Any]
) -> Any:
    """The `kind` of `string`. Raises StudyError where WeasyPrint's parser breaks down."""
    try:
        return kind(string=string, counter_style=counters, **options)
    # It asserts and indexes what no rule says: calc(1px + ) has nothing behind its sign.
    except (
        AssertionError,
        LookupError,
        TypeError,
        ValueError,
        SyntaxError,
        RecursionError,
    ) as error:
        raise StudyError(
            "has a rule that WeasyPrint can't read",
            Where("templates/report.css"),
            "take back what was changed last; a calc(…) may want a number",
        ) from error


def _key(text: str) -> str:
    """What the parsed form of `text` depends on."""
    import cssselect2  # type: ignore[import-untyped]
    import tinycss2
    import weasyprint

    versions = (weasyprint.VERSION, tinycss2.VERSION, cssselect2.VERSION, sys.version)
    return digest_bytes("\n".join([*versions, text]).encode())


class _Pickler(pickle.Pickler):
    def reducer_override(self, thing: object) -> Any:
        if isinstance(thing, FunctionType) and thing.__name__ == "<lambda>":
            return _test, (marshal.dumps(thing.__code__),)
        return NotImplemented


def _pickled(parts: object) -> bytes:
    content = BytesIO()
    _Pickler(content, protocol=5).dump(parts)
    return content.getvalue()


def _test(code: bytes) -> FunctionType:
    """The test of a selector, over the names that cssselect2 gives it."""
    from cssselect2 import compiler

    return FunctionType(marshal.loads(code), vars(compiler))


@contextmanager
def kept_sheets() -> Iterator[None]:
    """While this lasts, an import of WeasyPrint finds its own style sheets parsed."""
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != _MODULE:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _SheetLoader(spec.loader)
        return spec


class _SheetLoader(Loader):
    """Runs WeasyPrint's module with `parsed_sheet` in the place of its class CSS."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def exec_module(self, module: ModuleType) -> None:
        import weasyprint

        theirs = weasyprint.CSS
        vars(weasyprint)["CSS"] = partial(parsed_sheet, theirs)
        try:
            self._loader.exec_module(module)
        finally:
            vars(weasyprint)["CSS"] = theirs
        vars(module)["CSS"] = theirs
