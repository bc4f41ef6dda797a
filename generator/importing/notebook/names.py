"""What the names of a notebook's cells say: imports, how it plots, what the author must see to."""

import ast
import builtins
import importlib.util
import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from symtable import SymbolTable, symtable

from generator.importing.notebook.cells import Cell

PYPLOT = ("matplotlib.pyplot", "pylab", "matplotlib.pylab")
_DRAWING = ("matplotlib", "seaborn", "pylab")
_NETWORK = ("requests", "urllib", "httpx", "aiohttp", "gdown", "wget", "huggingface_hub")
_DYNAMIC = ("exec", "eval", "globals", "locals", "vars")
_FILE = re.compile(
    r"[^\n<>|\"?*:]{1,120}\.(?:csv|tsv|txt|jsonl?|npy|npz|png|jpe?g|gif|svg|pdf|pt|pth|bin|pkl|pickle"
    r"|xlsx?|parquet|h5|wav|mp3|zip|gz|ipynb|md|ya?ml)",
    re.IGNORECASE,
)
_WRITES = re.compile(r"^(?:savefig|imsave|save|save_\w+|to_\w+|dump|savez?|savetxt|write\w*)$")
# IPython's own names, as things that a script has: what they would show is shown as text.
STUBS = ("HTML", "Markdown", "Image", "Latex", "Math", "Video", "Audio", "SVG", "JSON", "IFrame")
NOTHING = ("clear_output", "set_matplotlib_formats")


@dataclass(slots=True)
class Names:
    """What the names of a notebook say: imports to stand first, how it plots, what is taken.

    star: whether pyplot's functions are called by their bare names. stubs: names of IPython.
    """

    imports: list[str] = field(default_factory=list)
    modules: set[str] = field(default_factory=set)
    stay: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    globals: list[str] = field(default_factory=list)
    stubs: list[str] = field(default_factory=list)
    figure_classes: set[str] = field(default_factory=set)
    pyplot: str = ""
    star: bool = False
    plots: bool = False
    prints: bool = False
    run: str = "run"
    wants: list[str] = field(default_factory=list)

    def free(self, name: str) -> str:
        """`name`, or a name like it that the notebook does not use."""
        while name in self.used:
            name += "_"
        return name

    def to_do(self, folder: Path) -> Iterator[str]:
        """What the author must see to: packages that are not there, questions to the keyboard."""
        for module in sorted(self.modules):
            if module in sys.stdlib_module_names or module == "google":
                continue
            if (folder / f"{module}.py").exists() or (folder / module).is_dir():
                yield f"imports {module} beside it: move it to reports/common, import it from there"
            elif not _installed(module):
                yield f"imports {module}, which is not installed here"
        if "google" in self.modules:
            yield "uses Google Colab: take out what only works there"
        if "input" in self.used:
            yield "asks for input(): write the answer into the script"
        for name in sorted(self.used & set(_DYNAMIC)):
            yield f"uses {name}(): names live inside compute() now, see that it still finds them"
        for module in sorted(self.modules & set(_NETWORK)):
            yield f"imports {module}: a script has no network; keep what it fetched in data/"
        if "multiprocessing" in self.modules:
            yield "uses multiprocessing, which cannot reach functions inside compute()"
        yield from self.wants


def _installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def names_in(cells: Sequence[Cell], folder: Path) -> Names:
    """What all cells together import, define and use. folder: where the notebook lies."""
    names = Names()
    assigned: set[str] = set()
    found: list[ast.Import | ast.ImportFrom] = []
    for cell in cells:
        for node in ast.walk(cell.tree):
            if isinstance(node, ast.Name):
                names.used.add(node.id)
            elif isinstance(node, ast.arg):
                names.used.add(node.arg)
            elif isinstance(node, ast.Global) and node not in cell.tree.body:
                names.globals += [name for name in node.names if name not in names.globals]
            elif isinstance(node, ast.Import):
                names.modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.modules.add(node.module.split(".")[0])
        for statement in cell.tree.body:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                found.append(statement)
            else:
                assigned |= set(_bound(statement))
    assigned |= set(names.globals)
    names.used |= assigned
    for statement in found:
        _take_import(statement, assigned, names)
    names.plots = bool(names.modules & set(_DRAWING)) or any(
        re.search(r"\.(?:plot|hist|boxplot)\b", cell.code) and "pandas" in names.modules
        for cell in cells
    )
    names.prints = bool({"print", "display", "pprint"} & names.used) or any(
        shows_last(cell) for cell in cells
    )
    names.run = "run" if "run" not in names.used else names.free("study_run")
    names.wants += [*_unknown_names(cells), *_files_named(cells, folder)]
    return names


def _take_import(statement: ast.Import | ast.ImportFrom, assigned: set[str], names: Names) -> None:
    """Note what an import binds: for the top of the script, or for where it stands."""
    ours = isinstance(statement, ast.ImportFrom) and (statement.module or "").startswith("IPython")
    if ours:
        known = {*STUBS, *NOTHING}
        bound = {alias.name: alias.asname or alias.name for alias in statement.names}
        names.stubs += [
            f"{name} = {'str' if original in STUBS else '_nothing'}"
            for original, name in bound.items() if original in known
        ]  # fmt: skip
        for original in bound:
            if original in STUBS:
                names.wants.append(f"shows {original}(…) of IPython, which is text here")
            elif original not in (*known, "display", "get_ipython"):
                names.wants.append(f"uses {original} of IPython: take it out")
        names.modules.discard("IPython")
        return
    bound_names = {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
    text = ast.unparse(statement)
    if bound_names & assigned:
        names.stay.add(text)
    elif text not in names.imports:
        names.imports.append(text)
    for alias in statement.names:
        full = alias.name
        if isinstance(statement, ast.ImportFrom):
            full = f"{statement.module}.{alias.name}"
            if full in ("matplotlib.figure.Figure", "matplotlib.pyplot.Figure"):
                names.figure_classes.add(alias.asname or alias.name)
            if statement.module in PYPLOT:
                names.star = True
        if full in PYPLOT and (alias.asname or "." not in full):
            names.pyplot = alias.asname or alias.name


def _bound(statement: ast.AST) -> Iterator[str]:
    """The names that a statement binds in the cell itself, not inside functions."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
        return
    if isinstance(statement, ast.Lambda):
        return
    if isinstance(statement, ast.Name) and isinstance(statement.ctx, ast.Store | ast.Del):
        yield statement.id
    for child in ast.iter_child_nodes(statement):
        yield from _bound(child)


def shows_last(cell: Cell) -> bool:
    """Whether the cell's last line is a bare expression that the notebook showed."""
    last = cell.tree.body[-1] if cell.tree.body else None
    if not isinstance(last, ast.Expr) or isinstance(last.value, ast.Constant | ast.Await):
        return False
    if cell.code.rstrip().endswith(";"):
        return False
    return cell.shown_last or not isinstance(last.value, ast.Call)


# ---------------------------------------------------------------- what would fail


def _unknown_names(cells: Sequence[Cell]) -> Iterator[str]:
    """Names that no cell gives, and names that only a later cell gives."""
    tables = []
    for cell in cells:
        try:
            with warnings.catch_warnings(action="ignore"):
                tables.append((cell, symtable(cell.code, "cell", "exec")))
        except SyntaxError:
            continue  # listed already: it waits at its top
    if any("import *" in cell.code for cell in cells):
        return
    always = {*dir(builtins), "__name__", "__file__", "__doc__", "display", "get_ipython"}
    given: dict[str, int] = {}
    for cell, table in tables:
        for name in _given(table):
            given.setdefault(name, cell.number)
    told: set[str] = set()
    for cell, table in tables:
        for name in sorted(_wanted(table) - always - set(given) - told):
            told.add(name)
            yield f"cell {cell.number}: uses {name}, which no cell defines"
        for symbol in table.get_symbols():
            name = symbol.get_name()
            if symbol.is_referenced() and given.get(name, 0) > cell.number and name not in told:
                told.add(name)
                yield (
                    f"cell {cell.number}: uses {name}, which only cell {given[name]} defines: "
                    "put the cells in the order in which they run"
                )


def _given(table: SymbolTable) -> Iterator[str]:
    """The names that a cell defines, also those that a function of it declares global."""
    for symbol in table.get_symbols():
        here = table.get_type() == "module" or symbol.is_declared_global()
        if here and (symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _given(child)


def _wanted(table: SymbolTable) -> set[str]:
    """The names that a cell, or a function of it, takes from the notebook."""
    found = {
        symbol.get_name() for symbol in table.get_symbols()
        if symbol.is_referenced() and (symbol.is_global() or table.get_type() == "module")
    }  # fmt: skip
    return found.union(*map(_wanted, table.get_children()))


def _files_named(cells: Sequence[Cell], folder: Path) -> Iterator[str]:
    """Files that the cells name and may read; those that they only write are left out."""
    told: set[str] = set()
    for cell in cells:
        for node in ast.walk(cell.tree):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            name = node.func.id if isinstance(node.func, ast.Name) else name
            said = [
                argument.value for argument in (*node.args, *(k.value for k in node.keywords))
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            ]  # fmt: skip
            if _WRITES.match(name) or any(re.fullmatch(r"[wxa]b?\+?", word) for word in said):
                told |= set(said)
                continue
            if name == "from_pretrained":
                yield f"cell {cell.number}: loads a model from the network: see models.toml"
            for word in said:
                if word.startswith(("http://", "https://")) and name not in ("print", "HTML"):
                    yield f"cell {cell.number}: names {word}: a script has no network"
                elif word not in told and _FILE.fullmatch(word) and name not in ("print", "Image"):
                    told.add(word)
                    there = "lies beside it" if (folder / word).is_file() else "is not beside it"
                    yield (
                        f"cell {cell.number}: names the file {word}, which {there}: put it into "
                        "the report's data/ and open run.file('data/…')"
                    )
