"""The compiler's modules as syntax trees: functions with where they stand, and constants."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """A function, the module that it stands in, and the class around it ("" if none)."""

    path: str
    function: Function
    owner: str = ""


class Code:
    """Every module under a folder."""

    def __init__(self, folder: Path) -> None:
        self.trees: dict[str, ast.Module] = {}
        for file in sorted(folder.rglob("*.py")):
            path = file.relative_to(folder.parent).as_posix()
            self.trees[path] = ast.parse(file.read_text("utf-8"), path)

    def functions(self, path: str) -> Iterator[Scope]:
        """The functions of a module, those inside of others too."""
        stack: list[tuple[ast.AST, str]] = [(self.trees[path], "")]
        while stack:
            node, owner = stack.pop()
            for child in ast.iter_child_nodes(node):
                if isinstance(child, Function):
                    yield Scope(path, child, owner)
                stack.append((child, child.name if isinstance(child, ast.ClassDef) else owner))

    def constant(self, name: str, path: str) -> ast.expr | None:
        """What the constant `name` is in the module at `path`, or where that imports it from."""
        for node in self.trees[path].body:
            match node:
                case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                    return value
                case ast.AnnAssign(target=ast.Name(id=found), value=value) if found == name:
                    return value
                case ast.ImportFrom(module=str(module), names=names):
                    source = module.replace(".", "/") + ".py"
                    if source in self.trees and any(n.name == name for n in names):
                        return self.constant(name, source)
        return None

    def words(self) -> str:
        """Every text in the code, a line each: what a message can be made of."""
        return "\n".join(
            node.value
            for tree in self.trees.values()
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )


def name_of(node: ast.expr) -> str:
    """The last name of `a.b.name` or `name`, "" for anything else."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
