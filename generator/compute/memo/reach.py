"""What a function depends on, told from its code: sources, shared modules, globals, versions."""

import enum
import sys
from collections.abc import Iterator
from pathlib import PurePath
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from generator.compute.child.imports import MARK
from generator.compute.child.trace import Trace
from generator.compute.memo.contents import NotPlain, packed
from generator.compute.memo.sources import Instruction, imported_names, instructions, source_of
from generator.compute.script import Run
from generator.digest import digest_bytes
from generator.errors import StudyError
from generator.plan.parts import function_source

SCRIPT = "compute"  # the name of the script's own module
_CODE = (FunctionType, type, ModuleType)
_TYPING = ("types", "typing")


class Reach:
    """All that functions of the script depend on, as label → digest; grows with `add`.

    Exact inside the script, where only the functions that are reached count; of a shared
    module the whole file counts, with all that it imports and all that it read on import.
    """

    def __init__(self, trace: Trace) -> None:
        self.labels: dict[str, str] = {}
        self._trace = trace
        self._seen: set[int] = set()

    def add(self, name: str, thing: Any) -> None:
        """Count `thing`, which the code knows as `name`.

        Raises StudyError if it can be changed and has no contents to compare.
        """
        if isinstance(thing, _CODE):
            if id(thing) not in self._seen:
                self._seen.add(id(thing))
                self._add_code(thing)
        elif isinstance(thing, MethodType):
            self.add(name, thing.__func__)
            self.add(f"{name}.__self__", thing.__self__)
        elif isinstance(getattr(thing, "__wrapped__", None), _CODE):  # functools.cache and the like
            self.add(name, thing.__wrapped__)
        elif _of_library(thing):
            self._add_library(_top(thing))
        elif isinstance(thing, PurePath):
            self._add_path(name, thing)
        elif not isinstance(thing, Run):
            self._add_data(name, thing)

    # ------------------------------------------------------------ code

    def _add_code(self, thing: Any) -> None:
        home = thing if isinstance(thing, ModuleType) else sys.modules.get(thing.__module__)
        if home is None or MARK not in vars(home):
            self._add_library(_top(thing))
        elif isinstance(thing, ModuleType):
            self._add_module(thing)
        elif home.__name__ != SCRIPT:
            self.add(home.__name__, home)
        elif isinstance(thing, FunctionType):
            self._add_function(thing)
        else:
            self._add_class(thing)

    def _add_module(self, module: ModuleType) -> None:
        """A shared module: all that its import read, the packages above it, what it imports."""
        for label in self._trace.read_by_module.get(module.__name__, ()):
            if label in self._trace.labels:
                self.labels[label] = self._trace.labels[label]
        text = self._trace.sources.get(module.__file__ or "", "")
        above = module.__name__.rpartition(".")[0]
        for name in (above, *imported_names(text, module.__name__, module.__package__ or "")):
            self._add_imported(name)

    def _add_imported(self, name: str) -> None:
        module = sys.modules.get(name)
        if module is not None and MARK in vars(module):
            self.add(name, module)

    def _add_function(self, function: FunctionType) -> None:
        code = function.__code__
        if code.co_filename not in self._trace.sources:
            self._add_wrapper(function)
            return
        source = source_of(code, self._trace.sources[code.co_filename])
        self.labels[f"::{function.__qualname__}"] = digest_bytes(source.encode())
        for number, value in enumerate(function.__defaults__ or (), 1):
            self.add(f"default {number} of {function.__qualname__}()", value)
        for name, value in (function.__kwdefaults__ or {}).items():
            self.add(f"default {name} of {function.__qualname__}()", value)
        for name, value in _enclosed(function):
            self.add(name, value)
        for step in instructions(code):
            self._add_step(step, function.__globals__)
        wrapped = getattr(function, "__wrapped__", None)
        if isinstance(wrapped, _CODE):
            self.add(function.__qualname__, wrapped)

    def _add_wrapper(self, function: FunctionType) -> None:
        """A library's wrapper around a function of the script, as @torch.no_grad() makes one."""
        self._add_library(function.__globals__.get("__name__", "").partition(".")[0])
        inner = [value for _, value in _enclosed(function)]
        for value in (getattr(function, "__wrapped__", None), *inner):
            if isinstance(value, _CODE):
                self.add(function.__qualname__, value)

    def _add_step(self, step: Instruction, known: dict[str, Any]) -> None:
        if step.imported:
            self._add_imported(step.name)
        if step.imported or step.name not in known:
            return
        value = known[step.name]
        # common.model.encode: follow the names to the module that is meant.
        path = step.name
        for attribute in step.attributes:
            below = vars(value).get(attribute) if isinstance(value, ModuleType) else None
            if not (isinstance(below, ModuleType) and MARK in vars(below)):
                break
            value, path = below, f"{path}.{attribute}"
        self.add(path, value)
        if value is known[step.name] and isinstance(value, ModuleType) and MARK in vars(value):
            for name in [name for name in sys.modules if name.startswith(f"{value.__name__}.")]:
                self._add_imported(name)  # which of them is meant cannot be told

    def _add_class(self, kind: type) -> None:
        path = getattr(sys.modules[kind.__module__], "__file__", None) or ""
        source = function_source(self._trace.sources.get(path, ""), kind.__qualname__)
        if source is None:
            raise StudyError(f"a memo cannot find the source of the class {kind.__qualname__}")
        self.labels[f"::{kind.__qualname__}"] = digest_bytes(source.encode())
        for base in kind.__mro__[1:]:
            self.add(base.__qualname__, base)
        if issubclass(kind, enum.Enum):
            return
        for name, value in vars(kind).items():
            function = getattr(value, "__func__", getattr(value, "fget", value))
            if isinstance(function, FunctionType):
                if function.__code__.co_filename in self._trace.sources:
                    self.add(f"{kind.__qualname__}.{name}", function)
            elif not name.startswith("__") and isinstance(value, (int, float, str, tuple, list)):
                self.add(f"{kind.__qualname__}.{name}", value)

    # ------------------------------------------------------------ data

    def _add_data(self, name: str, thing: Any) -> None:
        if type(thing) in (list, tuple, set, frozenset, dict):
            parts = list(thing.values() if isinstance(thing, dict) else thing)
            if any(isinstance(part, (*_CODE, PurePath, Run)) for part in parts):
                for number, part in enumerate(parts):
                    self.add(f"{name}[{number}]", part)
                self._add_data(f"keys of {name}", list(thing) if isinstance(thing, dict) else [])
                return
        if type(thing).__module__ in _TYPING:
            self.labels[f"={name}"] = repr(thing)
            return
        try:
            self.labels[f"={name}"] = digest_bytes(packed(thing))
        except NotPlain as error:
            raise StudyError(
                f"a memo cannot compare {name} by content: it is or holds {error}",
                None,
                "give plain data, arrays, tensors or dataclasses, or make it inside the function",
            ) from None

    def _add_path(self, name: str, path: PurePath) -> None:
        """A path stands for the content of its file, wherever that lies on this machine."""
        model = self._trace.models.get(str(path))
        label = self._trace.read(path)
        if model is not None:
            self.labels[f"={name}"] = f"model:{model} {self._trace.labels[f'model:{model}']}"
        elif label is not None:
            self.labels[f"={name}"] = f"{label} {self._trace.labels.get(label)}"
        else:
            self.labels[f"={name}"] = self._trace.label_of(path) or str(path)

    def _add_library(self, package: str) -> None:
        version = self._trace.version_of(package)
        if version is not None:
            label, found = version
            self.labels[label] = found


def _enclosed(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """The names of the functions around it that `function` uses, with their values."""
    names = function.__code__.co_freevars
    for name, cell in zip(names, function.__closure__ or (), strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:
            continue  # a name that its function has not set yet


def _top(thing: Any) -> str:
    """The top-level package that `thing` comes from."""
    if isinstance(thing, ModuleType):
        return thing.__name__.partition(".")[0]
    module = getattr(thing, "__module__", None) or type(thing).__module__
    return str(module).partition(".")[0]


def _of_library(thing: Any) -> bool:
    """Whether `thing` is a function that a library offers by name: math.sin, numpy.exp, torch.cat.

    An object that is merely callable, a model for instance, has contents that may change.
    """
    if isinstance(thing, BuiltinFunctionType):
        return thing.__self__ is None or isinstance(thing.__self__, (ModuleType, type))
    name = getattr(thing, "__name__", None)
    package = sys.modules.get(getattr(thing, "__module__", None) or _top(thing))
    return callable(thing) and isinstance(name, str) and getattr(package, name, None) is thing
