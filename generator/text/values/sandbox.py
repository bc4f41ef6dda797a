"""Jinja, strict and fenced in: what an expression in a text may name, and what it gives.

Every problem is noted with its line and the rest of the text is still read: an expression that
fails leaves an empty place.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import TracebackType
from typing import Any

import jinja2
from jinja2 import meta, nodes
from jinja2.exceptions import SecurityError

from generator.machine.budget import Spending
from generator.machine.templates import FAILURES
from generator.text.markdown.lexer import Piece
from generator.text.markdown.marks import (
    IN_ATTRIBUTES,
    IN_MATHS,
    Expanded,
    Hidden,
    opaque,
    span,
    with_lines,
)
from generator.text.problems import Problems
from generator.text.values.exposed import Code, Names, Quoted
from generator.text.values.limits import (
    ROUNDS,
    SIZE,
    bounded,
    joined,
    refused_steps,
    too_deep,
    whole,
)
from generator.text.values.numerals import Form
from generator.text.values.quantities import Number
from generator.text.values.show import Place, Shower

# Delimiters that no author can type, so that only the pieces the lexer found are carried out.
_FENCE_HINT = "a text may quote results and calculate with them, nothing else"
_VARIABLE = ("\ue010", "\ue011")
_BLOCK = ("\ue012", "\ue013")
_COMMENT = ("\ue014", "\ue015")
_NAME = "<text>"
_STATEMENTS = ("for", "endfor", "if", "elif", "else", "endif", "set")
_BINDS = re.compile(r"(?:for|set)\s+([\w,\s]+?)\s*(?:\bin\b|=|$)")
FILTERS = (
    "abs", "first", "join", "last", "length", "list", "lower", "max", "min", "reverse", "round",
    "sort", "sum", "upper",
)  # fmt: skip
FORMS: tuple[Form, ...] = ("digits", "significant", "percent", "sci")
_TESTS = ("defined", "even", "in", "number", "odd")


class _Environment(Spending):
    """The sandbox of texts: no attribute with an underscore, no text multiplied by a number."""

    intercepted_binops = frozenset(["*", "**", "+", "%"])

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic is for numbers: "x" * 10**9 would fill the memory."""
        if not all(isinstance(side, Number | int | float) for side in (left, right)):
            raise SecurityError(f"{operator} is for numbers")
        if operator == "**" and abs(float(right)) > 1000:
            raise SecurityError("powers stay below 1000")
        return bounded(super().call_binop(context, operator, left, right))

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Names before attributes: a value may be called `items`."""
        if isinstance(obj, Names):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)


def _form_filter(form: Form) -> Callable[..., Any]:
    def write(number: Any, digits: int = 0) -> Any:
        if isinstance(number, jinja2.Undefined):
            return number
        if not isinstance(number, Number):
            raise TypeError(f"| {form} is for numbers of the results")
        if isinstance(digits, bool) or not isinstance(digits, int) or not 0 <= digits <= 15:
            raise TypeError(f"| {form}(…) takes a whole number from 0 to 15")
        return Number(number.quantity, form, digits)

    return write


def _code_filter(text: Any) -> Any:
    if isinstance(text, jinja2.Undefined):
        return text
    if not isinstance(text, Quoted):
        raise TypeError("| code is for strings of the results")
    return Code(str(text))


def _environment() -> _Environment:
    environment = _Environment(
        variable_start_string=_VARIABLE[0],
        variable_end_string=_VARIABLE[1],
        block_start_string=_BLOCK[0],
        block_end_string=_BLOCK[1],
        comment_start_string=_COMMENT[0],
        comment_end_string=_COMMENT[1],
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        cache_size=0,
    )
    environment.globals = {"range": environment.globals["range"]}
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    environment.filters.update({form: _form_filter(form) for form in FORMS})
    environment.filters["code"] = _code_filter
    environment.filters["join"] = joined
    environment.charge_filters()
    environment.tests = {name: environment.tests[name] for name in _TESTS}
    return environment


@dataclass(slots=True)
class _Source:
    """The template of a text. places: for each of its lines the piece (by number) and its line.

    Every expression and statement starts a template line of its own, inside its delimiters
    where white space prints nothing, so that an error's line names one piece.
    """

    parts: list[str] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=lambda: [(-1, 1)])

    def text(self, content: str, line: int, piece: int) -> None:
        """Add what is printed as it is; it starts at `line`."""
        self.parts.append(content)
        self.places += [(piece, line + n) for n in range(1, content.count("\n") + 1)]

    def own_line(self, around: tuple[str, str], content: str, line: int, piece: int) -> None:
        """Add an expression or statement."""
        self.parts.append(f"{around[0]}\n{content}{around[1]}")
        self.places.append((piece, line))


def run_template(pieces: Sequence[Piece], names: Mapping[str, Names], shower: Shower) -> str:
    """The text of `pieces` with its expressions carried out; marks and line marks are in it.

    What can't be carried out is noted and left out, and the rest is tried again; every round
    finds a new problem, so it ends.
    """
    environment = _environment()
    problems, expanded = shower.problems, shower.expanded

    def show(line: int, place: Place, result: Any) -> str:
        if isinstance(result, jinja2.Undefined):
            _report_undefined(result, line, problems)
            return shower.nothing(line, place)
        return shower.show(line, place, result)

    left_out: set[int] = set()
    if not _check_statements(pieces, problems):
        left_out = _without_statements(pieces)
    for number, piece in enumerate(pieces):
        if any(map(too_deep, _code_in(piece))):
            problems.add(piece.line, "too many brackets or steps in one expression", _FENCE_HINT)
            left_out |= {number} if piece.kind != "statement" else _without_statements(pieces)
    while True:
        expanded.hidden.clear()
        source = _template(pieces, expanded, left_out)
        try:
            tree = environment.parse("".join(source.parts), _NAME)
            wrong = _check_names(tree, source, names, problems)
            if not wrong:
                code = environment.charged_code(tree, _NAME)
                environment.begin(ROUNDS, SIZE)
                template = jinja2.Template.from_code(environment, code, dict(environment.globals))
                return whole(template.generate(**names, show=show))
        except jinja2.TemplateSyntaxError as error:
            wrong = {_report(error, error.lineno, source, problems)}
        except (*FAILURES, MemoryError) as error:
            wrong = {_report(error, _template_line(error.__traceback__), source, problems)}
        if any(number < 0 or pieces[number].kind == "statement" for number in wrong):
            wrong |= _without_statements(pieces)
        if wrong <= left_out:
            raise AssertionError("a template fails with nothing left in it")
        left_out |= wrong


def _code_in(piece: Piece) -> list[str]:
    """What Jinja reads of a piece."""
    if piece.kind in ("expression", "statement"):
        return [piece.content]
    if piece.kind in ("prose", "fence", "code"):
        return []
    pattern = IN_ATTRIBUTES if piece.kind == "attributes" else IN_MATHS
    return [match[1] for match in pattern.finditer(piece.content)]


def _without_statements(pieces: Sequence[Piece]) -> set[int]:
    """The statements, and the expressions that mean nothing without them, by number."""
    bound = {"loop"}
    for piece in pieces:
        if piece.kind == "statement":
            match = _BINDS.match(piece.content)
            bound |= set(re.findall(r"\w+", match[1])) if match else set()
    using = re.compile(rf"\b(?:{'|'.join(sorted(bound))})\b")
    return {
        number
        for number, piece in enumerate(pieces)
        if piece.kind == "statement" or (piece.kind == "expression" and using.search(piece.content))
    }


def _check_statements(pieces: Sequence[Piece], problems: Problems) -> bool:
    good = True
    for piece in pieces:
        if piece.kind == "statement" and piece.content.split(" ")[0] not in _STATEMENTS:
            good = False
            problems.add(
                piece.line,
                f"'{piece.content.split(' ')[0]}' is no statement of a text",
                f"there are: {', '.join(_STATEMENTS)}",
            )
    return good


def _template(pieces: Sequence[Piece], expanded: Expanded, left_out: set[int]) -> _Source:
    source = _Source()
    fresh = True  # the next character starts a line
    for number, piece in enumerate(pieces):
        gone = number in left_out
        if piece.kind == "prose":
            text = piece.text
            if number and pieces[number - 1].kind == "statement":
                # A statement takes its whole line, spaces before and line end behind.
                text, fresh = re.sub(r"\A[ \t]*\n", "", text), True
            line = piece.line + piece.text.count("\n") - text.count("\n")
            following = pieces[number + 1].kind if number + 1 < len(pieces) else ""
            source.text(with_lines(text, line, at_start=fresh), line, number)
            if following == "statement":
                source.parts[-1] = source.parts[-1].rstrip(" \t")
        elif piece.kind == "statement":
            if not gone:
                source.own_line(_BLOCK, piece.content, piece.line, number)
        elif piece.kind == "expression":
            if gone and piece.alone:
                source.parts.append(expanded.mark(Hidden("gone", piece.line, piece.line)))
            elif gone:  # its place stays: spaces behind it must not indent the line
                source.parts.append(expanded.mark(Hidden("value", piece.line, piece.line)))
            else:
                place: Place = "alone" if piece.alone else "prose"
                source.own_line(
                    _VARIABLE, _call(piece.content, piece.line, place), piece.line, number
                )
        elif piece.kind in ("fence", "code"):
            source.parts.append(opaque(piece, expanded))
        else:
            _add_span(source, piece, number, gone=gone)
        fresh = False
    return source


def _call(expression: str, line: int, place: Place) -> str:
    return f"show({line}, '{place}', ({' '.join(expression.split())}))"


def _add_span(source: _Source, piece: Piece, number: int, *, gone: bool) -> None:
    """A formula or attribute list with the expressions in it."""
    place: Place = "attribute" if piece.kind == "attributes" else "maths"
    pattern = IN_ATTRIBUTES if piece.kind == "attributes" else IN_MATHS
    opening, body, closing = span(piece.kind, piece.line, piece.content)
    source.parts.append(opening)
    done = 0
    for match in pattern.finditer(body):
        source.parts.append(body[done : match.start()])
        done = match.end()
        if not gone:
            source.own_line(_VARIABLE, _call(match[1], piece.line, place), piece.line, number)
    source.parts.append(body[done:] + closing)


def _check_names(
    tree: nodes.Template, source: _Source, names: Mapping[str, Names], problems: Problems
) -> set[int]:
    """Note every name that doesn't exist, also where no run would meet it; the pieces at fault."""
    wrong = set()
    for node in tree.find_all((nodes.Getattr, nodes.Getitem)):
        kind, name = _named(node)
        known = names.get(kind)
        if known and name is not None and name not in known:
            piece, line = source.places[node.lineno - 1]
            problems.add(line, f"{known.kind}.{name} is not defined", _suggestion(name, names))
            wrong.add(piece)
    for template_line, step in refused_steps(tree):
        piece, line = source.places[template_line - 1]
        problems.add(line, f"not allowed in a text: {step}", _FENCE_HINT)
        wrong.add(piece)
    undeclared = meta.find_undeclared_variables(tree) - set(names) - {"show", "range"}
    for node in tree.find_all(nodes.Name):
        if node.name in undeclared:
            piece, line = source.places[node.lineno - 1]
            problems.add(line, f"'{node.name}' is not defined", _suggestion(node.name, names))
            wrong.add(piece)
    return wrong


def _report_undefined(result: jinja2.Undefined, line: int, problems: Problems) -> None:
    """Note a name that only a run could tell is not there, or one that the sandbox keeps."""
    name = result._undefined_name
    if issubclass(result._undefined_exception, SecurityError):
        problems.add(line, f"not allowed in a text: '{name}'", _FENCE_HINT)
    else:
        problems.add(line, f"'{name}' is not defined")


def _named(node: nodes.Expr) -> tuple[str, str | None]:
    """("value", "name") of value.name and value["name"]; None for what only a run can tell."""
    if not isinstance(node, nodes.Getattr | nodes.Getitem) or not isinstance(node.node, nodes.Name):
        return "", None
    if isinstance(node, nodes.Getattr):
        return node.node.name, node.attr
    if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
        return node.node.name, node.arg.value
    return "", None


def _suggestion(name: str, names: Mapping[str, Names]) -> str:
    every = [f"{kind}.{item}" for kind, items in names.items() for item in items]
    for kind, items in names.items():
        if name in items:
            return f"did you mean {kind}.{name}?"
    close = get_close_matches(name, [item.partition(".")[2] for item in every], 1, 0.6)
    found = [item for item in every if close and item.endswith(f".{close[0]}")]
    if found:
        return f"did you mean {found[0]}?"
    if not every:
        return "this report has no results yet: does its compute.py give this value?"
    return f"there are: {', '.join(every[:8])}{', …' if len(every) > 8 else ''}"


def _report(error: Exception, template_line: int, source: _Source, problems: Problems) -> int:
    """Note a failed expression; the piece at fault."""
    piece, line = source.places[min(template_line, len(source.places)) - 1]
    message = str(error.args[0]) if error.args else type(error).__name__
    if isinstance(error, ZeroDivisionError):
        message = "division by zero"
    if isinstance(error, SecurityError):
        problems.add(line, f"not allowed in a text: {message}", _FENCE_HINT)
    elif isinstance(error, jinja2.TemplateSyntaxError):
        problems.add(line, *_syntax_words(message))
    else:
        problems.add(line, f"can't be worked out: {message}")
    return piece


def _syntax_words(message: str) -> tuple[str, str]:
    """Jinja's message about its syntax in words for a text, and a hint."""
    if found := re.search(r"block that needs to be closed is '(\w+)'", message):
        return f"{{% {found[1]} … %}} is never closed", f"write {{% end{found[1]} %}} below it"
    if found := re.match(r"Encountered unknown tag '(\w+)'", message):
        return f"{{% {found[1]} %}} closes nothing", "it stands below {% for … %} or {% if … %}"
    if found := re.match(r"No filter named '(\w+)'", message):
        return f"there is no filter '{found[1]}'", f"there are: {', '.join((*FORMS, *FILTERS))}"
    if message == "unexpected ')'":  # maybe the one that we wrote behind it
        message = "it ends too early, or a bracket is too many"
    hint = "write {{ value.name }} or {{ value.name | digits(3) }}"
    return f"can't be read as an expression: {message}", hint


def _template_line(traceback: TracebackType | None) -> int:
    """The line of the template in which an error arose, which Jinja writes into tracebacks."""
    line = 1
    while traceback:
        if traceback.tb_frame.f_code.co_filename == _NAME:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
