"""WeasyPrint's C declarations, parsed once and kept: a fresh process saves 0.3 s of CPU.

WeasyPrint 70 lets cffi parse 500 lines of C whenever it is imported, and the names of types
whenever they are first used. cffi can write its tables down ("out-of-line ABI mode"); they are kept
as data, and handed to WeasyPrint in the place of a fresh FFI. Where anything is not as expected,
WeasyPrint is imported as it is.
"""

import ast
import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from generator.digest import digest_bytes
from generator.store.cache import Cache

# What we call beyond WeasyPrint's own declarations.
DECLARATIONS = """
    typedef ... FcCharSet;
    FcBool FcCharSetHasChar (const FcCharSet *fcs, uint32_t ucs4);
    FcResult FcPatternGetCharSet (FcPattern *p, const char *object, int n, FcCharSet **c);
    PangoAttribute * pango_attr_allow_breaks_new (gboolean allow_breaks);
    PangoAttribute * pango_attribute_copy (const PangoAttribute *attribute);
    void pango_attribute_destroy (PangoAttribute *attribute);
"""
_CDEF = re.compile(r"^ffi\.cdef\('''(.*?)'''\)", re.DOTALL | re.MULTILINE)
_KIND = "cffi"


class _KeptFFI:
    """cffi's FFI for WeasyPrint, over tables that are there already."""

    def __init__(self, tables: Any) -> None:
        for name in dir(tables):
            if not name.startswith("_"):
                setattr(self, name, getattr(tables, name))

    def cdef(self, declarations: str) -> None:
        """Nothing to do: the tables hold WeasyPrint's declarations and ours."""


@contextmanager
def kept_declarations(store: Cache | None) -> Iterator[None]:
    """While this lasts, an import of WeasyPrint finds its declarations parsed."""
    if store is None or "weasyprint" in sys.modules or "cffi" in sys.modules:
        yield
        return
    tables = _tables(store)
    if tables is None:
        yield
        return
    stand_in = ModuleType("cffi")
    stand_in.FFI = lambda: _KeptFFI(tables)  # type: ignore[attr-defined]
    sys.modules["cffi"] = stand_in
    try:
        yield
    finally:
        del sys.modules["cffi"]


def _tables(store: Cache) -> Any | None:
    """The FFI object of cffi's backend, from the store or made now; None if WeasyPrint changed."""
    import _cffi_backend  # type: ignore[import-untyped]

    found = find_spec("weasyprint")
    if found is None or found.origin is None:
        return None
    source = (Path(found.origin).parent / "text" / "ffi.py").read_text(encoding="utf-8")
    cdefs = _CDEF.findall(source)
    if len(cdefs) != 1 or source.count("cffi") != 2:
        return None
    declarations = cdefs[0] + DECLARATIONS
    key = digest_bytes(f"{_cffi_backend.__version__}\n{declarations}".encode())
    written = store.get(_KIND, key)
    if written is None:
        written = _written(declarations)
        store.put(_KIND, key, written)
    call = ast.parse(written.decode()).body[-1]
    assert isinstance(call, ast.Assign)
    assert isinstance(call.value, ast.Call)
    words = call.value.keywords
    arguments = {str(word.arg): ast.literal_eval(word.value) for word in words}
    return _cffi_backend.FFI("weasyprint", **arguments)


def _written(declarations: str) -> bytes:
    """`declarations` as cffi writes them: Python, of which only the literals are used."""
    from cffi import FFI, recompiler  # type: ignore[import-untyped]

    ffi = FFI()
    ffi.cdef(declarations)
    ffi.set_source("weasyprint", None)
    text = io.StringIO()
    recompiler.make_py_source(ffi, "weasyprint", text, verbose=False)
    for name in [name for name in sys.modules if name.split(".")[0] == "cffi"]:
        del sys.modules[name]
    return text.getvalue().encode()
