"""How a script's imports are found and noted: `common.…` from source, libraries by version."""

import builtins
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from generator.compute.child.trace import Trace
from generator.errors import StudyError

# A name in the globals of the author's modules, by which an import statement of theirs is
# told from a library's without looking at paths: torch alone executes thousands.
MARK = "__study__"
SHARED = "common"
_ALLOWED = "generator.compute.script"


class StudyLoader(importlib.machinery.SourceFileLoader):
    """Loads a module from its source, never from a .pyc: those are trusted by time stamp."""

    def __init__(self, name: str, path: str, trace: Trace) -> None:
        super().__init__(name, path)
        self._trace = trace

    def get_code(self, fullname: str) -> CodeType:
        source = Path(self.path).read_bytes()
        self._trace.compiled(self.path, source)
        return compiled(source, self.path)

    def exec_module(self, module: ModuleType) -> None:
        setattr(module, MARK, True)
        with self._trace.scope(module.__name__):
            super().exec_module(module)


def compiled(source: bytes, path: str) -> CodeType:
    """The code of a module. Raises SyntaxError, also where Python would let bad bytes pass."""
    try:
        source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise SyntaxError(
            f"the byte 0x{source[error.start]:02x} is not UTF-8", (path, line, None, None)
        ) from None
    code: CodeType = compile(source, path, "exec", dont_inherit=True)
    return code


class StudyFinder(importlib.abc.MetaPathFinder):
    """Finds `common` and all below it in reports/common/, and nothing else."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._reports = trace.root / "reports"

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] != SHARED:
            return None
        stem = self._reports.joinpath(*fullname.split("."))
        package = stem / "__init__.py"
        if package.is_file():
            return self._spec(fullname, package, [str(stem)])
        module = stem.with_name(stem.name + ".py")
        if module.is_file():
            return self._spec(fullname, module, None)
        if stem.is_dir():
            spec = importlib.machinery.ModuleSpec(fullname, None, is_package=True)
            spec.submodule_search_locations = [str(stem)]
            return spec
        # `try: from common import fast` must run again once there is such a module.
        self._trace.read(module)
        return None

    def _spec(
        self, name: str, file: Path, inside: list[str] | None
    ) -> importlib.machinery.ModuleSpec | None:
        loader = StudyLoader(name, str(file), self._trace)
        return importlib.util.spec_from_file_location(
            name, file, loader=loader, submodule_search_locations=inside
        )


def note_imports(trace: Trace, settle: Callable[[], None]) -> None:
    """From now on find `common`, note what the author's code imports, and `settle` after it.

    Hooks on the import system cannot do it: in a warm process torch is loaded already, and a
    script that imports it would leave no trace.
    """
    sys.meta_path.insert(0, StudyFinder(trace))
    original = builtins.__import__
    by_name = importlib.import_module

    def traced(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        if level or globals is None or MARK not in globals:
            return original(name, globals, locals, fromlist or (), level)
        _refuse(name, fromlist or ())
        module = original(name, globals, locals, fromlist or (), level)
        trace.imported(name.partition(".")[0])
        settle()
        return module

    def traced_by_name(name: str, package: str | None = None) -> ModuleType:
        if MARK not in sys._getframe(1).f_globals:
            return by_name(name, package)
        _refuse(name, ())
        module = by_name(name, package)
        if not name.startswith("."):
            trace.imported(name.partition(".")[0])
        settle()
        return module

    builtins.__import__ = traced
    importlib.import_module = traced_by_name


def _refuse(name: str, fromlist: Sequence[str]) -> None:
    """Raise StudyError if the author's code imports more of the compiler than `script`."""
    if name.partition(".")[0] != "generator" or name == _ALLOWED:
        return
    if name == "generator.compute" and tuple(fromlist) == ("script",):
        return
    raise StudyError(
        f"imports {name}, of the compiler a script may import {_ALLOWED} alone",
        None,
        "write from generator.compute.script import Run; your own modules are in reports/common/",
    )
