"""Imports go down the floors of design.md, and rooms of one floor do not import each other."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GENERATOR = ROOT / "generator"

# Module or room → floor. A module may import from lower floors, and from its own room.
FLOORS = {
    "errors": 0,
    "model": 1,
    "digest": 1,
    "fonts": 3,
    "shipped": 1,
    "install": 1,
    "origin": 2,
    "record": 2,
    "templating": 2,
    "streams": 2,
    "cache": 2,
    "lock": 2,
    "times": 3,
    "press": 2,
    "workshop": 3,
    "inputs": 3,
    "models": 3,
    "agree": 3,
    "study": 3,
    "plan": 4,
    "compute": 5,
    "text": 5,
    "typeset": 5,
    "publish": 5,
    "pipeline": 6,
    "explain": 6,
    "check": 7,
    "watch": 7,
    "doctor": 6,
    "starter": 6,
    "importing": 6,
    "book": 6,
    "talk": 7,
    "post": 7,
    "cli": 8,
}
SUBJECT = ("transformer", "attention", "softmax", "token", "llm", "embedding", "minilm", "smollm")


def room(module: str) -> str:
    name = module.removeprefix("generator.").split(".")[0]
    return name.split("_")[0] if name not in FLOORS else name


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.startswith("generator.")}


MODULES = sorted(path for path in GENERATOR.rglob("*.py") if path.name != "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(GENERATOR).as_posix())
def test_a_module_imports_only_from_below_and_from_its_own_room(path: Path) -> None:
    here = room(".".join(path.relative_to(GENERATOR).with_suffix("").parts))
    for name in imports(path):
        there = room(name)
        assert there == here or FLOORS[there] < FLOORS[here], f"{here} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(GENERATOR).as_posix())
def test_a_module_has_under_400_lines_and_no_word_of_the_subject(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 400
    words = set(text.lower().replace("_", " ").replace(".", " ").split())
    assert not words & set(SUBJECT) - {"token"}  # a webhook and a lexer have tokens too


@pytest.mark.parametrize("path", sorted((ROOT / "reports").rglob("*.py")), ids=lambda p: str(p))
def test_a_report_imports_nothing_of_the_compiler_but_the_script_contract(path: Path) -> None:
    assert imports(path) <= {"generator.compute.script"}
