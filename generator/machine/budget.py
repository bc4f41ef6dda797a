"""What a template may spend, so that no expression runs for hours or fills the memory.

One budget counts the items and letters of all that the filters, operators and loops of one
template touch. Every step is charged before or right after it is made, none can be larger than the
budget itself, and so their sum ends soon.
"""

import math
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from typing import Any

from jinja2 import nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment
from jinja2.visitor import NodeTransformer

_LARGEST = 10_000  # of a number that says how wide or how often
_WIDE = re.compile(r"\d{5}|\*")  # "%99999999d": a width that fills the memory
_FORMATS = frozenset(("format", "format_map", "%"))
# Of these the result may be as long as two arguments multiplied.
_PRODUCTS = frozenset(("join", "replace", "indent", "wordwrap", "batch", "slice", "expandtabs"))
_LONGEST = 2 * 10**8


class Budget:
    """Counts what one template spends. rounds: of all its loops. size: items and letters."""

    __slots__ = ("_rounds", "_size", "rounds", "size")

    def __init__(self, rounds: int, size: int) -> None:
        self.rounds, self.size = rounds, size
        self._rounds = self._size = 0

    def counted(self, items: Iterable[Any]) -> list[Any]:
        """`items`, which a loop is going to run over. Raises SecurityError on too many."""
        found = []
        for item in items:
            found.append(item)
            self._rounds += 1
            if self._rounds > self.rounds:
                raise SecurityError(f"loops of more than {self.rounds} rounds in all")
        return found

    def charged(self, value: Any) -> Any:
        """`value`, its letters and items counted, those of lists in lists too."""
        self._charge(value)
        return value

    def _charge(self, value: Any) -> None:
        if isinstance(value, str | bytes):
            self._add(len(value))
        elif isinstance(value, list | tuple | set | frozenset):
            self._add(len(value) + 1)
            for item in value:
                self._charge(item)
        elif isinstance(value, Mapping):
            self._add(len(value) + 1)
            for key in value:
                self._charge(key)
                self._charge(value[key])
        elif isinstance(value, range):
            self._add(len(value))

    def _add(self, size: int) -> None:
        self._size += size
        if self._size > self.size:
            raise SecurityError(f"more than {self.size / 1e6:.0f} million letters and items in all")

    def filter(self, name: str, made: Callable[..., Any]) -> Callable[..., Any]:
        """The filter `made`, charged for what it gets and gives."""

        first = 1 if hasattr(made, "jinja_pass_arg") else 0  # behind what Jinja itself gives it

        def charged(*arguments: Any, **named: Any) -> Any:
            self.check(name, [*arguments[first:], *named.values()])
            result = made(*arguments, **named)
            # A filter may give its items one by one.
            return self._one_by_one(result) if isinstance(result, Iterator) else self._got(result)

        return charged

    def _got(self, value: Any) -> Any:
        self._charge(value)
        return value

    def _one_by_one(self, items: Iterator[Any]) -> Iterator[Any]:
        for item in items:
            self._add(1)
            yield self._got(item)

    def check(self, name: str, arguments: Sequence[Any]) -> None:
        """Charge the arguments of the filter or method `name`. Raises SecurityError."""
        if name == "sum" and any(isinstance(a, list | tuple) for a in arguments[1:]):
            raise SecurityError("sum is for numbers")
        if name == "translate":
            raise SecurityError("translate")
        if name in _PRODUCTS:
            sizes = [a if isinstance(a, int) else len(a) for a in arguments if _has_size(a)]
            if math.prod(sorted(sizes)[-2:]) > _LONGEST:
                raise SecurityError(f"{name} of texts as long as these")
        for argument in arguments:
            if isinstance(argument, int) and abs(argument) > _LARGEST:
                raise SecurityError(f"{name} with the number {argument:.3g}")
            self._charge(argument)
        if name in _FORMATS and any(isinstance(a, str) and _WIDE.search(a) for a in arguments):
            raise SecurityError(f"{name} with a width of more than four digits, or *")


def _has_size(value: Any) -> bool:
    return isinstance(value, int | Sized)


class Spending(SandboxedEnvironment):
    """A sandbox whose filters, loops and lists ask the budget of what this thread renders."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._spent = threading.local()

    def begin(self, rounds: int, size: int) -> None:
        """A new budget for what this thread renders next."""
        self._spent.budget = Budget(rounds, size)

    @property
    def budget(self) -> Budget:
        """The budget of this thread; an empty one while constants are folded."""
        found = getattr(self._spent, "budget", None)
        return found if isinstance(found, Budget) else Budget(0, 0)

    def counted(self, items: Iterable[Any]) -> list[Any]:
        """See Budget."""
        return self.budget.counted(items)

    def charged(self, value: Any) -> Any:
        """See Budget."""
        return self.budget.charged(value)

    def charge_filters(self) -> None:
        """Send every filter through the budget."""
        self.filters = {name: self._charging(name, made) for name, made in self.filters.items()}

    def _charging(self, name: str, made: Callable[..., Any]) -> Callable[..., Any]:
        def charged(*arguments: Any, **named: Any) -> Any:
            return self.budget.filter(name, made)(*arguments, **named)

        for mark in ("jinja_pass_arg", "jinja_async_variant"):  # what Jinja wants to know of it
            if hasattr(made, mark):
                setattr(charged, mark, getattr(made, mark))
        return charged

    def compiled(self, source: str, name: str) -> Any:
        """The template `source` as code, every step of it charged."""
        return self.charged_code(self.parse(source, name), name)

    def charged_code(self, tree: nodes.Template, name: str) -> Any:
        """The code of `tree`, every loop, list and ~ of it charged."""
        _Counting().visit(tree)
        return self.compile(tree, name, name)


class _Counting(NodeTransformer):
    """Sends every loop, every list and every ~ through the budget."""

    def visit_For(self, node: nodes.For) -> nodes.Node:
        self.generic_visit(node)
        node.iter = _call("counted", node.iter)
        return node

    def visit_List(self, node: nodes.List) -> nodes.Node:
        self.generic_visit(node)
        return _call("charged", node)

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:
        self.generic_visit(node)
        return _call("charged", node)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:
        self.generic_visit(node)
        return _call("charged", node) if node.ctx == "load" else node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        return _call("charged", node)


def _call(name: str, node: Any) -> nodes.Call:
    # Not by a name, which a template could give to something else.
    method = nodes.EnvironmentAttribute(name, lineno=node.lineno)
    return nodes.Call(method, [node], [], None, None, lineno=node.lineno)
