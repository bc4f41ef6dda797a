"""Every error that the compiler can report: message, mend, and the room that says it."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

from docs.make_reference.flow import GAP, Code, Function, Scope, name_of, parameters


@dataclass(frozen=True, slots=True)
class Sink:
    """A call that reports: which of its arguments are message and hint, by place or by name."""

    message: int
    hint: int | None
    message_name: str = "message"
    hint_name: str = "hint"
    fixed: str = ""  # the mend, where the function itself says it


@dataclass(frozen=True, order=True, slots=True)
class Reported:
    """One error. path: the module that reports it. rule: of `study check`, "" elsewhere."""

    path: str
    rule: str
    message: str
    hint: str


# What ends as an error in front of the author, whoever calls it.
CLASSES: Mapping[str, Sink] = {
    "StudyError": Sink(0, 2),
    "ScriptError": Sink(0, 2),
    "PageError": Sink(0, 2),
    "UncertainPost": Sink(0, 2),
    "DiscordRefusal": Sink(0, 2),
    "Finding": Sink(1, 3),
    "Mistake": Sink(1, 2),
    "Refused": Sink(0, 1),
    "BadParameter": Sink(0, None),
    "UsageError": Sink(0, None),
    "_Mistake": Sink(0, 1),
}
# Exceptions that are caught in the room, and what their text becomes there.
PARTS: Sequence[tuple[str, str, str]] = (
    ("generator/text/", "TypeError", "can't be worked out: {}"),
    ("generator/text/", "ArithmeticError", "can't be worked out: {}"),
    ("generator/text/", "SecurityError", "not allowed in a text: {}"),
    ("generator/weasy/files.py", "ValueError", "…: {}"),
    ("generator/maths/drawing.py", "SvgError", "formula “…”: {} cannot be drawn"),
    ("generator/publish/discord/client.py", "Broken", "{}"),
    ("generator/maths/formulas.py", "_Mistake", "formula “…”: {}"),
)
# Reports whose words are not ours, or are read where they come from: each with its reason.
ELSEWHERE: Mapping[str, str] = {
    "Finding('stale', what,": "sentences of damaged_outputs(), read in pipeline.py",
    "StudyError(message, where, mistake.hint)": "the Mistakes of the readers of study.toml",
    "found.message": "the mistakes in formulas, read where they are made",
    "problems.add(*found)": "foreign constructs; docs/coming-from.md lists each with its words",
}
# Words of other programs, which come through as they are: source of the call → its entry.
FOREIGN: Mapping[str, Reported] = {
    "_Mistake(reply.error, reply.hint)": Reported(
        "generator/maths/formulas.py",
        "",
        "formula “…”: …",
        "MathJax's words on the TeX; an unknown command's nearest name is in the hint",
    ),
    "PageError(loss, where, _LOSS)": Reported(
        "generator/weasy/engine.py",
        "",
        "… is not on the pages",
        "the layout's fault: move or shorten it; a longer note is better in the text",
    ),
    "_style_error(text)": Reported(
        "generator/weasy/engine.py",
        "",
        "…, of templates/report.css",
        "WeasyPrint's words on the style sheet: mend the rule, or delete your copy of the file",
    ),
    "_page_error(text, where)": Reported(
        "generator/weasy/engine.py",
        "",
        "…, of the page",
        "a warning of WeasyPrint, in its words: something would be lost on the page",
    ),
    "PageError(f'{_shown(url)}: {problem}', self._place(url))": Reported(
        "generator/weasy/files.py",
        "",
        "…: there is no such file",
        "",
    ),
    "_add(problems, place, message, 'a field is name = {text}": Reported(
        "generator/text/works/bibliography.py",
        "",
        "…, of references.bib",
        "pybtex's words on an entry: a field is name = {text}, and commas stand between",
    ),
    "StudyError(f'{error.message}', Where(name, error.lineno))": Reported(
        "generator/publish/discord/template.py",
        "",
        "…, of templates/discord.md.j2",
        "Jinja's words on the template: mend the line",
    ),
    "StudyError(result.why, None, 'nothing was sent')": Reported(
        "generator/publish/discord/client.py",
        "",
        "the server's certificate is not valid: …",
        "nothing was sent; look at the machine's clock and certificates, or at a proxy between",
    ),
    "Broken(shown(why, webhook), sent, hopeless=True)": Reported(
        "generator/publish/discord/client.py",
        "",
        "the server's certificate is not valid: …",
        "nothing was sent; look at the machine's clock and certificates, or at a proxy between",
    ),
    "StudyError(said, Where(path.name))": Reported(
        "generator/importing/single.py",
        "",
        "…, of a notebook",
        "what could not be read of it, in a sentence each",
    ),
}


class Errors:
    """Follows messages from the calls that report them back to their words."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.sinks: dict[str, list[tuple[Scope, Function, Sink]]] = {}
        self.unresolved: list[str] = []
        self._learn()

    def _learn(self) -> None:
        """Functions that hand a parameter on as the message report, too."""
        grew = True
        while grew:
            grew = False
            for call, scope, sink in self._reports():
                function = scope.function
                message = argument(call, sink.message, sink.message_name)
                if function is None or not isinstance(message, ast.Name):
                    continue
                names = parameters(function, method=bool(scope.owner))
                known = self.sinks.setdefault(function.name, [])
                if message.id not in names or any(one is function for _, one, _ in known):
                    continue
                hint = argument(call, sink.hint, sink.hint_name)
                place = None
                if isinstance(hint, ast.Name) and hint.id in names:
                    place = names.index(hint.id)
                known.append(
                    (
                        scope,
                        function,
                        Sink(
                            names.index(message.id),
                            place,
                            message.id,
                            "" if place is None else names[place],
                            best_of(self.code.texts(hint, scope)) if place is None else "",
                        ),
                    )
                )
                grew = True

    def _reports(self) -> Iterator[tuple[ast.Call, Scope, Sink]]:
        """Every call that reports, where it stands, and how to read it."""
        for path in self.code.trees:
            for scope in self.code.scopes(path):
                for call in own_calls(scope, self.code.trees[path]):
                    for sink in self._sink_of(call, scope):
                        yield call, scope, sink

    def _sink_of(self, call: ast.Call, scope: Scope) -> list[Sink]:
        name = name_of(call.func)
        if name not in CLASSES and form_of(name, scope.path):
            return [Sink(0, None, "", "")]
        if name in CLASSES:
            return [CLASSES[name]]
        if name not in self.sinks:
            return []
        if name == "add" and not name_of(call.func.value).endswith("problems"):  # type: ignore[attr-defined]
            return []
        meant = [id(function) for _, function in self.code.called(call, scope)]
        return [sink for _, function, sink in self.sinks[name] if id(function) in meant][:1]

    def all(self) -> list[Reported]:
        """Every error, each once, in the order of modules and words."""
        found = set()
        for call, scope, sink in self._reports():
            found |= set(self._read(call, scope, sink))
        return sorted(found)

    def _read(self, call: ast.Call, scope: Scope, sink: Sink) -> Iterator[Reported]:
        message = argument(call, sink.message, sink.message_name)
        hint = argument(call, sink.hint, sink.hint_name)
        if message is None:
            pairs = self._starred(call, scope, sink)
        elif self._handed_on(message, scope):
            return
        else:
            pairs = self._pairs(message, hint, scope)
        rule = ""
        if name_of(call.func) == "Finding" and isinstance(call.args[0], ast.Constant):
            rule = str(call.args[0].value)
        form = form_of(name_of(call.func), scope.path) or "{}"
        source = ast.unparse(call)
        if any(words in source for words in ELSEWHERE):
            return
        resolved = False
        for text, mend in pairs:
            text = form.replace("{}", text) if text.strip(GAP + " :") else text
            if text.strip(GAP + " :"):
                resolved = True
                yield Reported(scope.path, rule, tidy(text), tidy(mend or sink.fixed))
        if not resolved:
            known = [said for words, said in FOREIGN.items() if words in source]
            yield from known
        if not resolved and not known:
            self.unresolved.append(f"{scope.path}:{call.lineno}: {ast.unparse(call)[:100]}")

    def _handed_on(self, message: ast.expr, scope: Scope) -> bool:
        """Whether the message is another error's, or the caller's, and so is read elsewhere."""
        if isinstance(message, ast.Attribute):
            return message.attr == "message"
        function = scope.function
        if isinstance(message, ast.Name) and function is not None:
            return message.id in parameters(function, method=bool(scope.owner))
        return False

    def _pairs(
        self, message: ast.expr, hint: ast.expr | None, scope: Scope
    ) -> list[tuple[str, str]]:
        """Message and mend. Where both come out of one tuple, each message keeps its own mend."""
        if isinstance(message, ast.Name) and isinstance(hint, ast.Name):
            for value, where in self._unpacked(message.id, hint.id, scope):
                return self._tuples(value, where, 0)
        if (
            isinstance(message, ast.Subscript)
            and isinstance(hint, ast.Subscript)
            and ast.dump(message.value) == ast.dump(hint.value)
        ):
            return self._tuples(message.value, scope, 0)
        if isinstance(hint, ast.Name):
            together = list(self._together(message, hint.id, scope))
            if together:
                return together
        best = best_of(self.code.texts(hint, scope))
        return [(text, best) for text in self.code.texts(message, scope)]

    def _together(self, message: ast.expr, hint: str, scope: Scope) -> Iterator[tuple[str, str]]:
        """Message and mend where a loop takes the mend and a part of the message from pairs."""
        names = {node.id for node in ast.walk(message) if isinstance(node, ast.Name)}
        for node in ast.walk(scope.function or ast.Module([], [])):
            if not isinstance(node, ast.For | ast.comprehension):
                continue
            bound = [name_of(part) for part in getattr(node.target, "elts", [])]
            if len(bound) != 2 or bound[1] != hint or bound[0] not in names:
                continue
            for pair, where in self.code.values(node.iter, scope, 1):
                for text, mend in self._tuples(pair, where, 1):
                    words = Filled(bound[0], text).visit(deepcopy(message))
                    yield from ((each, mend) for each in self.code.texts(words, scope))

    def _unpacked(self, one: str, two: str, scope: Scope) -> Iterator[tuple[ast.expr, Scope]]:
        if scope.function is None:
            return
        for node in ast.walk(scope.function):
            if not isinstance(node, ast.Assign):
                continue
            names = [name_of(part) for part in getattr(node.targets[0], "elts", [])]
            if names == [one, two]:
                yield node.value, scope

    def _starred(self, call: ast.Call, scope: Scope, sink: Sink) -> list[tuple[str, str]]:
        """The pairs behind f(line, *problem)."""
        for each in call.args:
            if isinstance(each, ast.Starred):
                return self._tuples(each.value, scope, 0)
        return []

    def _tuples(self, node: ast.expr, scope: Scope, depth: int) -> list[tuple[str, str]]:
        """Every (message, mend) that `node` may be."""
        if isinstance(node, ast.Tuple) and len(node.elts) >= 2:
            mend = best_of(self.code.texts(node.elts[1], scope))
            return [(text, mend) for text in self.code.texts(node.elts[0], scope)]
        if isinstance(node, ast.IfExp):
            sides = (node.body, node.orelse)
            return [pair for side in sides for pair in self._tuples(side, scope, depth)]
        if depth > 5:
            return []
        found = []
        for one, where in self.code.alternatives(node, scope, depth):
            found += self._tuples(one, where, depth + 1)
        if not found:
            for one, where in self.code.values(node, scope, depth):
                found += self._tuples(one, where, depth + 1)
        return found


class Filled(ast.NodeTransformer):
    """Puts a text in place of a name."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.expr:
        """The text, if it is the name that stands here."""
        return ast.Constant(self.text) if name_of(node.value) == self.name else node


def form_of(name: str, path: str) -> str:
    """What the text of the exception `name`, raised in `path`, becomes; "" if it is no part."""
    for folder, exception, form in PARTS:
        if name == exception and path.startswith(folder):
            return form
    return ""


def argument(call: ast.Call, place: int | None, name: str) -> ast.expr | None:
    """The argument of `call` at `place`, or by its name; None behind a star or if not given."""
    for keyword in call.keywords:
        if name and keyword.arg == name:
            return keyword.value
    if place is None or place >= len(call.args):
        return None
    if any(isinstance(each, ast.Starred) for each in call.args[: place + 1]):
        return None
    return call.args[place]


def own_calls(scope: Scope, tree: ast.Module) -> Iterator[ast.Call]:
    """The calls in a function itself, or in the module outside of every function."""
    stack: list[ast.AST] = list(scope.function.body if scope.function else tree.body)
    while stack:
        node = stack.pop()
        if isinstance(node, Function):
            continue
        if isinstance(node, ast.Call):
            yield node
        stack += list(ast.iter_child_nodes(node))


def best_of(mends: list[str]) -> str:
    """The mend that says most: several may stand for one error, depending on the case."""
    known = [mend for mend in mends if mend.strip(GAP + " ")]
    return " / ".join(known[:3])


def tidy(text: str) -> str:
    """`text` on one line, neighbouring gaps as one."""
    text = " ".join(text.split())
    while GAP + GAP in text:
        text = text.replace(GAP + GAP, GAP)
    return text
