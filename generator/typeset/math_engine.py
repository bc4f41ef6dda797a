"""MathJax in an embedded JavaScript engine: TeX in, trees of drawing elements out."""

import hashlib
import json
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import quickjs

# The bundle that this file was written against; its minified names are found by the patterns
# below, so another bundle has to be looked at before it may draw.
BUNDLE_SHA256 = "d6b5e1be06c3621dc73acec72fadb21d684dff91f4820985517bfe319ea83078"
MAX_SECONDS = 20  # for one batch; a formula takes about 4 ms

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

_DRIVER = r"""
(({adaptor, TeX, SVG, mathjax}, packages) => {
  const output = new SVG({fontCache: "none", linebreaks: {inline: false}});
  const page = mathjax.document("", {OutputJax: output});
  output.font.loadDynamicFilesSync();

  // Widths of characters that the mathematical font lacks, in em, from the fonts of the page.
  let widths = {};
  adaptor.nodeSize = (node) => {
    let width = 0;
    for (const char of adaptor.textContent(node)) width += widths[char] ?? 1;
    return [width, 0.9, 0.2];
  };

  const tree = (node) => node.kind === "#text" ? node.value
    : [node.kind, node.attributes, node.children.map(tree)];

  globalThis.typeset = (batch) => {
    const {formulas, advances} = JSON.parse(batch);
    widths = advances;
    return JSON.stringify(formulas.map(([tex, display]) => {
      // A fresh reader for each formula: what one defines must not reach the next.
      const input = new TeX({packages, formatError: (_, error) => { throw error; }});
      page.inputJax[0] = input;
      input.setAdaptor(adaptor);
      input.setMmlFactory(page.mmlFactory);
      try {
        return {tree: tree(page.convert(tex, {display, containerWidth: 1e7}))};
      } catch (error) {
        if (!error.id) throw error;
        return {error: error.message};
      }
    }));
  };
})(globalThis.kit, PACKAGES)
"""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the engine says of one formula: its tree [kind, attributes, children], or an error."""

    tree: list[Any] | None
    error: str = ""


_engines = threading.local()


def typeset(formulas: Sequence[tuple[str, bool]], advances: Mapping[str, float]) -> list[Reply]:
    """The tree of SVG elements of each formula (TeX, display), or why it is none.

    advances: width in em of each character that may have to come from the fonts of the text.
    """
    request = json.dumps({"formulas": list(formulas), "advances": dict(advances)})
    replies = json.loads(_engine().get("typeset")(request))
    return [Reply(reply.get("tree"), reply.get("error", "")) for reply in replies]


def _engine() -> quickjs.Context:
    """This thread's engine. Started once (0.2 s); a runtime must not be shared by threads."""
    engine: quickjs.Context | None = getattr(_engines, "context", None)
    if engine is None:
        engine = _engines.context = _start()
    return engine


def _start() -> quickjs.Context:
    bundle = resources.files("quickjax").joinpath("js", "mathjax_bundle.js").read_bytes()
    if hashlib.sha256(bundle).hexdigest() != BUNDLE_SHA256:
        raise RuntimeError("quickjax ships another MathJax than the one this was tested with")
    source = bundle.decode()
    tail = _TAIL.search(source, len(source) - 20_000)
    if tail is None:
        raise RuntimeError("quickjax's bundle does not end as expected")
    # The bundle ends by making the adaptor, a reader and a page of its own; keep the first.
    adaptor = tail.group()[: tail.group().index(";var ")]
    kit = ",".join(f"{name}:{short}" for name, short in tail.groupdict().items())
    context = quickjs.Context()
    context.set_max_stack_size(4 * 1024 * 1024)
    context.set_memory_limit(256 * 1024 * 1024)
    context.eval(f"{source[: tail.start()]}{adaptor};globalThis.kit={{{kit}}};}})();")
    context.eval(_DRIVER.replace("PACKAGES", json.dumps(PACKAGES)))
    return context
