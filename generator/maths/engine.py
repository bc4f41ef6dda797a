"""MathJax in an embedded JavaScript engine: TeX in, trees of drawing elements out."""

import difflib
import json
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import quickjs

from generator.maths.bundle import bundle
from generator.maths.fallback import advance

# Left out on purpose: "noundefined" and "noerrors" draw mistakes in red instead of reporting them;
# "physics" gives \div and others another meaning; "html", "action", "require" want a browser.
PACKAGES = ["base", "ams", "newcommand", "boldsymbol", "braket", "cancel", "color", "enclose"]
PACKAGES += ["extpfeil", "mhchem", "mathtools", "amscd", "bbox", "textmacros", "textcomp"]

_TAIL = re.compile(
    r"var (?P<adaptor>\w+)=\w+\(\);\w+\((?P=adaptor)\);var \w+=\[\"base\".*?"
    r"new (?P<TeX>\w+)\(\{packages:\w+\}\),\w+=new (?P<SVG>\w+)\(\{fontCache.*?"
    r"\w+=(?P<mathjax>\w+)\.document\(.*\}\)\(\);",
    re.DOTALL,
)

# Three quarters of the bundle are letters that few formulas use: `_.dynamicSetup("","arrows",{…});`
_PIECE = re.compile(r"\.dynamicSetup\(\"\",\"([\w-]+)\",")
# In which direction a letter stretches is said by a variable of the bundle: {dir:A,sizes:[…]}.
_DIRECTION = re.compile(r"dir:([A-Za-z_$][\w$]*)")

_DRIVER = r"""
(({adaptor, TeX, SVG, mathjax, font, directions}, packages) => {
  const output = new SVG({fontCache: "none", linebreaks: {inline: false}});
  const page = mathjax.document("", {OutputJax: output});

  // A piece of the font is read when its first letter is wanted. The caller of this function
  // throws, as if it had to wait for a server, and the formula starts again.
  output.font.loadDynamicFile = function (file) {
    const names = Object.keys(directions);
    new Function("_", ...names, globalThis.piece(file.file))(font, ...Object.values(directions));
    file.setup(this);
    return true;
  };

  // Characters that the mathematical font lacks are as wide as in the fonts of the page.
  adaptor.nodeSize = (node) => {
    let width = 0;
    for (const char of adaptor.textContent(node)) width += globalThis.advance(char);
    return [width, 0.9, 0.2];
  };

  const reader = () => {
    const input = new TeX({packages, formatError: (_, error) => { throw error; }});
    input.setAdaptor(adaptor);
    input.setMmlFactory(page.mmlFactory);
    return input;
  };
  const shared = reader();
  // What one formula defines must not reach the next: it gets a reader of its own.
  const defines =
    /\\(def|let|(re)?new|Declare|define|provide|mathtoolsset|usetag)/;

  // Real formulas have 30 levels; Python's own stack ends at about 300.
  const tree = (node, depth) => {
    if (node.kind === "#text") return node.value;
    if (depth > 120) throw Object.assign(new Error(), {id: "Depth", message: tooDeep});
    return [node.kind, node.attributes, node.children.map((child) => tree(child, depth + 1))];
  };
  const tooDeep = "it is nested too deeply";

  // The meaning, for its sentence and its MathML: [kind, class of atom, attributes, children].
  const meaning = (node) => {
    if (node.kind === "text") return node.getText();
    const attributes = {};
    for (const [name, value] of Object.entries(node.attributes.getAllAttributes())) {
      if (!name.startsWith("data-")) attributes[name] = value;
    }
    const children = node.childNodes.filter(Boolean).map(meaning);
    return [node.kind, node.texClass ?? 0, attributes, children];
  };

  const commands = () => {
    const names = [];
    for (const {item: table} of shared.parseOptions.handlers.get("macro")._configuration) {
      if (table.map) names.push(...table.map.keys());
    }
    return names;
  };

  const reply = ([tex, display]) => {
    const input = defines.test(tex) ? reader() : shared;
    page.inputJax[0] = input;
    const item = new page.options.MathItem(tex, input, display);
    item.start.node = adaptor.body(page.document);
    item.setMetrics(16, 8, 1e7, 1);
    try {
      item.convert(page);
      return {tree: tree(item.typesetRoot, 0), meaning: meaning(item.root)};
    } catch (error) {
      if (error.retry) return reply([tex, display]);
      if (error instanceof InternalError || error instanceof RangeError) return {error: tooDeep};
      if (!error.id) throw error;
      const unknown = error.id === "UndefinedControlSequence";
      return {error: error.message, commands: unknown ? commands() : []};
    }
  };

  globalThis.typeset = (batch) => JSON.stringify(JSON.parse(batch).map(reply));
})(globalThis.kit, PACKAGES)
"""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the engine says of one formula: its drawing and its meaning, or an error and a hint.

    tree: SVG elements [kind, attributes, children].
    meaning: MathML as [kind, TeX's class of atom, attributes, children].
    """

    tree: Any = None
    meaning: Any = None
    error: str = ""
    hint: str = ""


_engines = threading.local()


def typeset(formulas: Sequence[tuple[str, bool]]) -> list[Reply]:
    """The engine's reply to each formula: its TeX and whether it is displayed.

    Raises StudyError if MathJax is not installed.
    """
    replies = json.loads(engine().get("typeset")(json.dumps(list(formulas))))
    return [_reply(**reply) for reply in replies]


def _reply(
    tree: Any = None, meaning: Any = None, error: str = "", commands: Sequence[str] = ()
) -> Reply:
    hint = ""
    if commands and (name := re.search(r"\\([A-Za-z]+)$", error)):
        close = difflib.get_close_matches(name[1], sorted(set(commands)), n=1, cutoff=0.75)
        known = _INSTEAD.get(name[1])
        hint = f"write {known}" if known else ""
        hint = hint or (
            f"did you mean \\{close[0]}?" if close else "use \\operatorname{…} or \\text{…}"
        )
    return Reply(tree, meaning, error, hint)


# What packages of LaTeX bring that MathJax has under another name.
_INSTEAD = {
    "bm": r"\boldsymbol{…}",
    "mathds": r"\mathbb{…}",
    "mathbbm": r"\mathbb{…}",
    "DeclareMathOperator": r"it in reports/macros.tex, or \operatorname{…} where it is used",
    "intertext": r"the words as a paragraph between two align environments of their own",
    "coloneqq": r"\mathrel{:=}",
    "SI": r"the number, \, and \mathrm{…} for the unit",
    "qty": r"the number, \, and \mathrm{…} for the unit",
    "si": r"\mathrm{…}",
}


def known_commands() -> frozenset[str]:
    """The commands that a formula may use without defining them."""
    replies = engine().get("typeset")(json.dumps([[r"\nobodyknowsthis", False]]))
    return frozenset(json.loads(replies)[0]["commands"])


def engine() -> quickjs.Context:
    """This thread's engine. Started once (0.2 s); a runtime must not be shared by threads."""
    engine: quickjs.Context | None = getattr(_engines, "context", None)
    if engine is None:
        engine = _engines.context = _start()
    return engine


# What MathJax notes as the TeX of a number begins behind its first digit: 76 for 576.
_NOTED = r'C==="\\"&&(s="\\"+s),'
_NOTED_WHOLE = _NOTED + "/[0-9.,]/.test(C)&&L!==this.i&&this.string[L-1]===C&&(s=C+s),"


def _start() -> quickjs.Context:
    source = bundle()
    if source.count(_NOTED) != 1:
        raise RuntimeError("MathJax's bundle does not note TeX as expected")
    source = source.replace(_NOTED, _NOTED_WHOLE)
    tail = _TAIL.search(source, len(source) - 20_000)
    if tail is None:
        raise RuntimeError("MathJax's bundle does not end as expected")
    pieces = list(_PIECE.finditer(source, 0, tail.start()))
    font = re.split(r"\W", source[pieces[0].start() - 20 : pieces[0].start()])[-1]
    starts = [piece.start() - len(font) for piece in pieces]
    letters = {
        piece[1]: source[start:end]
        for piece, start, end in zip(pieces, starts, [*starts[1:], tail.start()], strict=True)
    }
    # The bundle ends by making the adaptor, a reader and a page of its own; keep the first.
    adaptor = tail.group()[: tail.group().index(";var ")]
    names = tail.groupdict() | {"font": font}
    directions = sorted(set(_DIRECTION.findall(source, starts[0], tail.start())))
    kit = ",".join(f"{name}:{short}" for name, short in names.items())
    kit += f",directions:{{{','.join(directions)}}}"
    context = quickjs.Context()
    context.set_max_stack_size(4 * 1024 * 1024)
    context.set_memory_limit(256 * 1024 * 1024)
    context.add_callable("advance", advance)
    context.add_callable("piece", letters.__getitem__)
    context.eval(f"{source[: starts[0]]}{adaptor};globalThis.kit={{{kit}}};}})();")
    context.eval(_DRIVER.replace("PACKAGES", json.dumps(PACKAGES)))
    return context
