"""Reading code: what a code object loads and imports, and which lines it was made from."""

import ast
import dis
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType

from generator.errors import StudyError

_ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD")


@dataclass(frozen=True, slots=True)
class Instruction:
    """A global that is loaded with the attributes taken from it, or a module that is imported."""

    name: str
    attributes: tuple[str, ...] = ()
    imported: bool = False


def instructions(code: CodeType) -> Iterator[Instruction]:
    """What `code` and the functions inside it load by name and import."""
    steps = list(dis.get_instructions(code))
    module = ""
    for number, step in enumerate(steps):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            attributes = []
            for after in steps[number + 1 :]:
                if after.opname not in _ATTRIBUTES:
                    break
                attributes.append(str(after.argval))
            yield Instruction(str(step.argval), tuple(attributes))
        elif step.opname == "IMPORT_NAME":
            module = str(step.argval)
            yield Instruction(module, imported=True)
        elif step.opname == "IMPORT_FROM":
            yield Instruction(f"{module}.{step.argval}", imported=True)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from instructions(constant)


def imported_names(text: str, module: str, package: str) -> Iterator[str]:
    """Every module that import statements in `text` may mean, in full; some do not exist.

    module, package: the __name__ and __package__ of the module whose source `text` is.
    """
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def source_of(code: CodeType, text: str) -> str:
    """The source of the function whose code this is, decorators included; of a lambda its lines.

    text: the source of the file that it stands in. Raises StudyError if it is not there.
    """
    last = _functions(text).get(code.co_firstlineno)
    if last is None:
        raise StudyError(
            f"a memo cannot find the source of {code.co_qualname}", None, "make it with def"
        )
    return "\n".join(text.splitlines()[code.co_firstlineno - 1 : last])


@lru_cache(maxsize=8)
def _functions(text: str) -> dict[int, int]:
    """First line → last line of each function, decorators included."""
    found: dict[int, int] = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
        elif isinstance(node, ast.Lambda):
            first = node.lineno
        else:
            continue
        found[first] = max(node.end_lineno or first, found.get(first, 0))
    return found
