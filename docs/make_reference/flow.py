"""What texts an expression of the compiler's code can stand for, found without running it.

A text is a string with "…" where the code puts something variable. The search follows local
names, module constants, conditional expressions, and what functions of ours return.
"""

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

GAP = "…"
DEEPEST = 5  # calls and names followed from one expression
FEW = 8  # alternatives that one place in a text may have before it is only a gap
MOST = 40  # texts of one expression; beyond, a product of alternatives is no list to read

Function = ast.FunctionDef | ast.AsyncFunctionDef
Search = Callable[[ast.expr, "Scope", int], list[tuple[ast.expr, "Scope"]]]


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """Where an expression stands: its module, and the function around it."""

    path: str
    function: Function | None = None
    owner: str = ""  # the class around the function


class Code:
    """Every module under a folder, with its functions by name and its constants."""

    def __init__(self, folder: Path) -> None:
        self.trees: dict[str, ast.Module] = {}
        self.functions: dict[str, list[tuple[Scope, Function]]] = {}
        self.constants: dict[tuple[str, str], ast.expr] = {}
        self.imported: dict[tuple[str, str], str] = {}
        self._scopes: dict[str, list[Scope]] = {}
        self._found: dict[tuple[str, int, Scope], list[tuple[ast.expr, Scope]]] = {}
        for file in sorted(folder.rglob("*.py")):
            path = file.relative_to(folder.parent).as_posix()
            tree = ast.parse(file.read_text("utf-8"), path)
            self.trees[path] = tree
            self._read(path, tree)

    def _read(self, path: str, tree: ast.Module) -> None:
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.constants[path, node.targets[0].id] = node.value
            elif (
                isinstance(node, ast.AnnAssign)
                and isinstance(node.target, ast.Name)
                and node.value is not None
            ):
                self.constants[path, node.target.id] = node.value
        for each in ast.walk(tree):
            if isinstance(each, ast.ImportFrom) and each.module:
                file = each.module.replace(".", "/") + ".py"
                for name in each.names:
                    self.imported[path, name.asname or name.name] = file
        for scope in self.scopes(path):
            if scope.function is not None:
                self.functions.setdefault(scope.function.name, []).append((scope, scope.function))

    def scopes(self, path: str) -> list[Scope]:
        """The module itself and every function in it, the same objects each time."""
        if path not in self._scopes:
            self._scopes[path] = list(self._walk(path))
        return self._scopes[path]

    def _walk(self, path: str) -> Iterator[Scope]:
        yield Scope(path)
        stack: list[tuple[ast.AST, str]] = [(self.trees[path], "")]
        while stack:
            node, owner = stack.pop()
            for child in ast.iter_child_nodes(node):
                inside = child.name if isinstance(child, ast.ClassDef) else owner
                if isinstance(child, Function):
                    yield Scope(path, child, owner)
                stack.append((child, inside))

    def called(self, call: ast.Call, scope: Scope) -> list[tuple[Scope, Function]]:
        """The functions of ours that `call` may mean: this module's first, else what it imports."""
        name = name_of(call.func)
        known = self.functions.get(name, [])
        here = [pair for pair in known if pair[0].path == scope.path]
        if isinstance(call.func, ast.Name):
            source = self.imported.get((scope.path, name))
            return here or [pair for pair in known if pair[0].path == source]
        if isinstance(call.func, ast.Attribute) and name_of(call.func.value) in ("self", "cls"):
            return here
        return known

    # ------------------------------------------------------------ texts

    def texts(self, node: ast.expr | None, scope: Scope, depth: int = 0) -> list[str]:
        """Each text that `node` can be; GAP alone where that cannot be told."""
        if node is None:
            return [""]
        if depth > DEEPEST:
            return [GAP]
        found = self._texts(node, scope, depth)
        return list(dict.fromkeys(found))[:MOST]

    def _texts(self, node: ast.expr, scope: Scope, depth: int) -> list[str]:
        match node:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.JoinedStr():
                parts = [self._part(value, scope, depth) for value in node.values]
                return ["".join(each) for each in product(*parts)]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                pairs = product(self.texts(left, scope, depth), self.texts(right, scope, depth))
                return [one + two for one, two in pairs]
            case ast.BinOp(left=left, op=ast.Mult()):
                return ["", *self.texts(left, scope, depth)]
            case ast.IfExp(body=body, orelse=orelse):
                return [*self.texts(body, scope, depth), *self.texts(orelse, scope, depth)]
            case ast.BoolOp(values=values):
                return [text for value in values for text in self.texts(value, scope, depth)]
            case ast.Call(func=ast.Attribute(attr="format", value=form)):
                return [re.sub(r"\{[^{}]*\}", GAP, text) for text in self.texts(form, scope, depth)]
            case ast.Call(func=ast.Attribute(attr="join"), args=[items]):
                held = self.values(items, scope, depth + 1)
                return [t for one, where in held for t in self.texts(one, where, depth + 1)] or [
                    GAP
                ]
            case ast.Name() | ast.Call() | ast.Subscript():
                alternatives = self.alternatives(node, scope, depth)
                texts = [
                    text
                    for one, where in alternatives
                    for text in self.texts(one, where, depth + 1)
                ]
                return texts or [GAP]
        return [GAP]

    def _part(self, node: ast.expr, scope: Scope, depth: int) -> list[str]:
        """A piece of an f-string. What it holds is followed where that gives words of ours."""
        if not isinstance(node, ast.FormattedValue):
            return self.texts(node, scope, depth)
        if isinstance(node.value, ast.IfExp | ast.Name | ast.Call):
            found = self.texts(node.value, scope, depth + 1)
            least = 1 if isinstance(node.value, ast.IfExp) else 2
            if isinstance(node.value, ast.Name):
                if takes(scope, node.value.id):
                    return [GAP]
                least = 2 if looped(scope, node.value.id) else 1
            if len(found) <= FEW and all(words_in(text) >= least for text in found if text):
                return found
        return [GAP]

    def constant(self, name: str, path: str) -> ast.expr | None:
        """What a module's constant stands for, here or where it is imported from."""
        source = self.imported.get((path, name), path)
        return self.constants.get((path, name)) or self.constants.get((source, name))

    # ------------------------------------------------------------ what a name or a call stands for

    def alternatives(
        self, node: ast.expr, scope: Scope, depth: int
    ) -> list[tuple[ast.expr, Scope]]:
        """The expressions that `node`, a name, a call or a subscript, may stand for."""
        return self._once("alternatives", self._alternatives, node, scope, depth)

    def _once(
        self, what: str, search: Search, node: ast.expr, scope: Scope, depth: int
    ) -> list[tuple[ast.expr, Scope]]:
        """What `search` finds, looked for once; nothing where it leads back to itself."""
        key = (what, id(node), scope)
        if key not in self._found:
            self._found[key] = []
            self._found[key] = search(node, scope, depth)[:MOST]
        return self._found[key]

    def _alternatives(
        self, node: ast.expr, scope: Scope, depth: int
    ) -> list[tuple[ast.expr, Scope]]:
        if depth > DEEPEST:
            return []
        if isinstance(node, ast.Name):
            local = list(self._assigned(node.id, scope, depth))
            constant = None if local else self.constant(node.id, scope.path)
            return local or ([(constant, scope)] if constant is not None else [])
        if isinstance(node, ast.Call):
            if name_of(node.func) == "sorted" and node.args:
                return [(node.args[0], scope)]
            found = []
            for where, function in self.called(node, scope):
                found += [(value, where) for value in returned(function)]
            return found
        if isinstance(node, ast.Subscript):
            if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int):
                return self.element(node.value, node.slice.value, scope, depth + 1)
            return self.values(node.value, scope, depth + 1)
        return []

    def values(self, node: ast.expr, scope: Scope, depth: int) -> list[tuple[ast.expr, Scope]]:
        """The expressions that a dict, a list or a comprehension holds."""
        return self._once("values", self._values, node, scope, depth)

    def _values(self, node: ast.expr, scope: Scope, depth: int) -> list[tuple[ast.expr, Scope]]:
        if isinstance(node, ast.Dict):
            return [(value, scope) for value in node.values]
        if isinstance(node, ast.List | ast.Tuple):
            return [(value, scope) for value in node.elts]
        if isinstance(node, ast.ListComp | ast.GeneratorExp):
            return [(node.elt, scope)]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            both = (node.left, node.right)
            return [pair for side in both for pair in self.values(side, scope, depth)]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "get" and len(node.args) == 2:
                return [*self.values(node.func.value, scope, depth + 1), (node.args[1], scope)]
            if node.func.attr in ("items", "values"):
                return self.values(node.func.value, scope, depth + 1)
        found = []
        for one, where in self.alternatives(node, scope, depth):
            found += self.values(one, where, depth + 1)
        if isinstance(node, ast.Name):
            found += list(self._appended(node.id, scope))
        return found

    def element(
        self, node: ast.expr, index: int, scope: Scope, depth: int
    ) -> list[tuple[ast.expr, Scope]]:
        """Element `index` of the tuples that `node` may be."""
        if isinstance(node, ast.Tuple):
            return [(node.elts[index], scope)] if index < len(node.elts) else []
        if isinstance(node, ast.IfExp):
            sides = (node.body, node.orelse)
            return [pair for side in sides for pair in self.element(side, index, scope, depth)]
        if depth > DEEPEST:
            return []
        found = []
        for one, where in self.alternatives(node, scope, depth):
            found += self.element(one, index, where, depth + 1)
        if not found and isinstance(node, ast.Subscript | ast.Call):
            for one, where in self.values(node, scope, depth + 1):
                found += self.element(one, index, where, depth + 1)
        return found

    def _assigned(self, name: str, scope: Scope, depth: int) -> Iterator[tuple[ast.expr, Scope]]:
        """What the function around gives to the local `name`."""
        if scope.function is None:
            return
        for node in ast.walk(scope.function):
            match node:
                case ast.Assign(targets=[target], value=value):
                    yield from self._bound(target, value, name, scope, depth)
                case ast.AnnAssign(target=target, value=ast.expr() as value):
                    yield from self._bound(target, value, name, scope, depth)
                case ast.NamedExpr(target=target, value=value):
                    yield from self._bound(target, value, name, scope, depth)
                case ast.AugAssign(target=ast.Name(id=known), value=value) if known == name:
                    yield value, scope
                case (
                    ast.For(target=target, iter=items)
                    | ast.comprehension(target=target, iter=items)
                ):
                    held = self.values(items, scope, depth + 1)
                    for value, where in held:
                        yield from self._bound(target, value, name, where, depth)

    def _bound(
        self, target: ast.expr, value: ast.expr, name: str, scope: Scope, depth: int
    ) -> Iterator[tuple[ast.expr, Scope]]:
        if isinstance(target, ast.Name) and target.id == name:
            yield value, scope
        elif isinstance(target, ast.Tuple):
            for index, part in enumerate(target.elts):
                if isinstance(part, ast.Name) and part.id == name:
                    yield from self.element(value, index, scope, depth + 1)

    def _appended(self, name: str, scope: Scope) -> Iterator[tuple[ast.expr, Scope]]:
        """What the function around appends to the local list `name`."""
        if scope.function is None:
            return
        for node in ast.walk(scope.function):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "append"
                and name_of(node.func.value) == name
            ):
                yield node.args[0], scope


def words_in(text: str) -> int:
    """How many words a text of ours has."""
    return len(re.findall(r"(?:^|(?<=\s))\S?[A-Za-z]{2,}", text))


def takes(scope: Scope, name: str) -> bool:
    """Whether `name` is a parameter of the function around."""
    function = scope.function
    return function is not None and name in parameters(function, method=bool(scope.owner))


def looped(scope: Scope, name: str) -> bool:
    """Whether `name` runs through something in the function around."""
    loops = (
        node.target
        for node in ast.walk(scope.function or ast.Module([], []))
        if isinstance(node, ast.For | ast.comprehension)
    )
    return any(
        name_of(part) == name
        for target in loops
        for part in ast.walk(target)
        if isinstance(part, ast.Name)
    )


def name_of(node: ast.expr) -> str:
    """The last name of `a.b.c` or `c`; "" for other expressions."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def returned(function: Function) -> list[ast.expr]:
    """What `function` returns or yields, functions inside of it left out."""
    found: list[ast.expr] = []
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop(0)
        if isinstance(node, Function | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.Return | ast.Yield) and node.value is not None:
            found.append(node.value)
        stack += list(ast.iter_child_nodes(node))
    return found


def parameters(function: Function, *, method: bool) -> Sequence[str]:
    """The names of the positional and keyword parameters, `self` left out."""
    every = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    keyword = [each.arg for each in function.args.kwonlyargs]
    return (every[1:] if method and every[:1] in (["self"], ["cls"]) else every) + keyword
