"""Imports go down the floors, in one direction and without circles; one room knows WeasyPrint."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GENERATOR = ROOT / "generator"

# Room → floor. A room is a folder of generator/ or a module that stands there alone; it may import
# from lower floors and from itself.
FLOORS = {
    "errors": 0,
    "model": 1,
    "addresses": 0,
    "digest": 1,
    "drawing": 2,
    "store": 2,
    "study": 3,
    "machine": 3,
    "plan": 4,
    "compute": 5,
    "text": 5,
    "maths": 5,
    "publish": 5,
    "weasy": 6,
    "typeset": 7,
    "web": 8,
    "site": 9,
    "build": 10,
    "importing": 10,
    "check": 11,
    "proof": 11,
    "cli": 12,
}
LAYOUT = {"weasyprint", "pydyf", "cffi", "pyphen"}
SUBJECT = ("transformer", "attention", "softmax", "token", "llm", "embedding", "minilm", "smollm")


def named(path: Path) -> str:
    """The dotted name of a module: generator.text.words."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = sorted(GENERATOR.rglob("*.py"))
NAMES = {named(path) for path in MODULES}


def imported(text: str, package: str) -> set[str]:
    """Every module that `text` imports, as far as names tell: `from a import b` is a.b if there
    is such a module of ours, else a. `package` resolves relative imports."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: -node.level + 1 or None] if node.level else []
            source = ".".join([*above, *filter(None, [node.module])])
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                found.add(inner if inner in NAMES else source)
    return found


def imports(path: Path) -> set[str]:
    package = named(path) if path.name == "__init__.py" else named(path).rpartition(".")[0]
    return imported(path.read_text("utf-8"), package)


def room(module: str) -> str:
    """The room of one of our modules; "" for the package itself, which holds the version."""
    return [*module.split("."), ""][1]


def test_imports_are_seen_in_every_form() -> None:
    text = (
        "import generator.cli.post\nfrom generator import build, __version__\n"
        "from generator.store import cache\nfrom .words import words_of\nfrom .. import model\n"
        "def f():\n    from generator.weasy.engine import pdf_bytes\n"
    )
    assert imported(text, "generator.text") == {
        "generator.cli.post",
        "generator.build",
        "generator",
        "generator.store.cache",
        "generator.text.words",
        "generator.model",
        "generator.weasy.engine",
    }


def test_every_room_has_a_floor_and_every_floor_a_room() -> None:
    assert {room(name) for name in NAMES} - {""} == set(FLOORS)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(GENERATOR).as_posix())
def test_a_module_imports_only_from_below_and_from_its_own_room(path: Path) -> None:
    here = room(named(path))
    for name in imports(path):
        there = room(name) if name.split(".")[0] == "generator" else ""
        assert not there or there == here or FLOORS[there] < FLOORS[here], f"{here} imports {name}"


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {named(path): imports(path) & (NAMES - {"generator"}) for path in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(GENERATOR).as_posix())
def test_only_one_room_knows_the_layout_engine(path: Path) -> None:
    if room(named(path)) != "weasy":
        assert not LAYOUT & {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize(
    "folder",
    sorted({path.parent for path in MODULES}),
    ids=lambda p: p.relative_to(ROOT).as_posix(),
)
def test_names_neither_share_a_prefix_nor_repeat_their_room(folder: Path) -> None:
    here = [path.stem for path in folder.glob("*.py") if path.stem not in ("__init__", "__main__")]
    assert folder.name not in here
    heads = [name.split("_")[0] for name in here if "_" in name]
    assert [head for head in {*heads} if heads.count(head) > 1] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(GENERATOR).as_posix())
def test_a_module_has_under_400_lines_and_no_word_of_the_subject(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 400
    words = set(text.lower().replace("_", " ").replace(".", " ").split())
    assert not words & set(SUBJECT) - {"token"}  # a webhook and a lexer have tokens too


@pytest.mark.parametrize("path", sorted((ROOT / "reports").rglob("*.py")), ids=lambda p: str(p))
def test_a_report_imports_nothing_of_the_compiler_but_the_script_contract(path: Path) -> None:
    ours = {name for name in imports(path) if name.split(".")[0] == "generator"}
    assert ours <= {"generator.compute.script"}
