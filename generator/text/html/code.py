"""Code blocks: highlighted, captioned, or taken from a script so that they can't drift from it."""

import html
import re
import textwrap
from pathlib import Path

from generator.errors import StudyError
from generator.plan.parts import function_source
from generator.text.html.context import Desk
from generator.text.html.highlight import code_html
from generator.text.markdown.marks import Hidden
from generator.text.markdown.outline import fence_info
from generator.text.named_files import file_problem, name_on_disk
from generator.text.source import read_text

_BOX = "!!! note, and indent its text by four"
_DIAGRAM = 'a picture: save it as SVG, ![Caption.](images/name.svg){#fig-name fig-alt="…"}'
_DIRECTIVES = {
    **dict.fromkeys(
        ("note", "tip", "important", "warning", "caution", "hint", "danger", "attention"), _BOX
    ),
    **dict.fromkeys(("admonition", "seealso", "dropdown", "margin", "sidebar", "error"), _BOX),
    **dict.fromkeys(("figure", "image", "subfigure"), "![Caption.](images/name.png)"),
    **dict.fromkeys(("mermaid", "dot", "plantuml", "graphviz"), _DIAGRAM),
    **dict.fromkeys(("math", "equation"), "$$ … $$ {#eq-name} between blank lines"),
    **dict.fromkeys(("table", "list-table", "csv-table"), "| a | b |, or run.table in compute.py"),
    **dict.fromkeys(
        ("tableofcontents", "contents", "toctree"), "nothing: a long report has its contents"
    ),
    **dict.fromkeys(("bibliography", "footbibliography"), "nothing: what is cited is listed"),
    **dict.fromkeys(("include", "literalinclude"), "```python {include=function}"),
    **dict.fromkeys(("code", "code-block", "sourcecode"), "```python, without braces"),
}


def listing_html(desk: Desk, hidden: Hidden) -> str:
    """The code block `hidden`, as a figure if it has a label or a caption."""
    language, attributes = fence_info(hidden.info)
    directive = re.match(r"\{([\w:-]+)\}|(math|mermaid|dot|plantuml|graphviz)\b", language)
    known = directive and _DIRECTIVES.get(directive[1] or directive[2])
    if directive and known:
        desk.problems.add(hidden.line, f"'{directive[0]}' is no code block here", f"write {known}")
        return ""
    if language.startswith("{"):
        desk.problems.add(
            hidden.line,
            f"code in a text does not run: {language}",
            "put it into compute.py and quote what it finds; or write ```python to show it",
        )
        return ""
    unknown = [*attributes.classes, *sorted(set(attributes.values) - {"include", "caption"})]
    if unknown or "{" in language:
        desk.problems.add(
            hidden.line,
            f"'{unknown[0] if unknown else language}' is no attribute of a code block",
            'there are #lst-name, caption="…" and include=function',
        )
        return ""
    if "{{" in attributes.values.get("caption", ""):
        desk.problems.add(
            hidden.line, "the caption of a code block quotes no results", "say it in the text"
        )
    code = hidden.content
    target = attributes.values.get("include")
    if target:
        if code.strip():
            desk.problems.add(
                hidden.line,
                "a code block includes a function and holds code, too",
                "leave it empty: the function's source is put there",
            )
        code = _included(desk, target, hidden.line)
    block = code_html(code, language.lower(), desk.store)
    if block is None:
        desk.problems.add(
            hidden.line,
            f"'{language}' is no language that code is highlighted in",
            "write one that Pygments knows, or text",
        )
        return ""
    return _captioned(desk, block, attributes.label, attributes.values.get("caption", ""))


def _included(desk: Desk, target: str, line: int) -> str:
    try:
        code, label = included(desk.root, desk.report.folder, target)
    except StudyError as error:
        desk.problems.add(line, error.message, error.hint)
        return ""
    desk.inputs.add(label)
    return code


def _captioned(desk: Desk, block: str, name: str, caption: str) -> str:
    label = desk.outline.labels.get(name)
    if label is None and not caption:
        return block + "\n"
    number = ""
    if label:
        word = desk.words.kinds["lst"][0]
        number = f'<span class="caption-number">{word}\u00a0{label.number}.</span> '
    anchor = f' id="{label.name}"' if label else ""
    text = html.escape(caption, quote=False)
    return (
        f'<figure class="listing"{anchor}><figcaption>{number}{text}</figcaption>{block}</figure>\n'
    )


def included(root: Path, folder: str, target: str) -> tuple[str, str]:
    """Source and input label of `target`.

    target: `function` or `Class.method` of the report's own compute.py, or
    `path.py::function` with a path from the report's folder or from reports/.
    Raises StudyError, without a place, if there is no such file or function.
    """
    path, _, name = target.rpartition("::")
    path = path or "compute.py"
    place = folder
    problem = file_problem(root, folder, path)
    if problem and not file_problem(root, "reports", path):
        place, problem = "reports", None
    if problem:
        raise StudyError(problem[0], None, problem[1])
    path = name_on_disk(root, place, path)
    source = function_source(read_text(root, f"{place}/{path}"), name)
    if source is None:
        raise StudyError(
            f"{place}/{path} has no function '{name}'", None, "write its name as in def name(…)"
        )
    return textwrap.dedent(source), f"{place}/{path}::{name}"
