"""`study notebook`: a report as a notebook whose code runs and gives the report's numbers."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import main
from generator.compute.notebook import run_for
from generator.errors import StudyError

# What a notebook runs, cell after cell, and what its run then holds.
RUN = """
import json, sys
cells = json.load(open(sys.argv[1]))["cells"]
names = {}
for cell in cells:
    if cell["cell_type"] == "code":
        exec(compile("".join(cell["source"]), cell["id"], "exec"), names)
run = names["run"]
shown = {name: bool(s._repr_svg_() or s._repr_html_()) for name, s in run._shown.items()}
print(json.dumps({"values": run.values, "shown": shown}))
"""


@pytest.fixture
def tiny(study_copy: Callable[[str], Path]) -> Path:
    root = study_copy("tiny")
    result = CliRunner(env={"NO_COLOR": "1"}).invoke(main, ["-C", str(root), "build"])
    assert result.exit_code == 0, result.stderr
    return root


def invoke(root: Path, *arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["-C", str(root), "notebook", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_its_code_gives_the_values_of_the_report(tiny: Path) -> None:
    path = tiny / "reports" / "week-01.ipynb"
    assert invoke(tiny, "1", "-o", str(path)) == (0, f"{path}\n", "")
    made = subprocess.run(
        [sys.executable, "-c", RUN, str(path)],
        cwd=path.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    given = json.loads(made.stdout)
    results = json.loads((tiny / "figures" / "week-01" / "results.json").read_text("utf-8"))
    assert given["values"] == {name: item["value"] for name, item in results["values"].items()}
    assert given["values"]
    assert set(given["shown"]) == {*results["figures"], *results["tables"]}
    assert all(given["shown"].values())


def test_it_is_plain_nbformat_and_always_the_same(tiny: Path) -> None:
    path = tiny / "once.ipynb"
    invoke(tiny, "week-01", "-o", str(path))
    once = path.read_bytes()
    invoke(tiny, "week-01", "-o", str(path))
    assert path.read_bytes() == once
    data = json.loads(once)
    assert (data["nbformat"], data["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in data["cells"]}) == len(data["cells"])
    for cell in data["cells"]:
        assert set(cell) == {"cell_type", "id", "metadata", "source"} | (
            {"execution_count", "outputs"} if cell["cell_type"] == "code" else set()
        )


TEXT = """
By [@kidd2002; @kidd2002, p. 3] and @kidd2002, @eq-a holds. The end.[^1]

[^1]: A note.

$$
a = b
$$ {#eq-a}

!!! exercise "Light" {#exr-light}
    Why?

    Because `@eq-a` is code.

See @exr-light, [0.5]{.const}.

```python
@decorated
```
"""


def test_the_text_is_markdown_that_any_reader_knows(tiny: Path) -> None:
    report = tiny / "reports" / "week-01" / "report.md"
    report.write_text(report.read_text("utf-8") + "\n## More\n" + TEXT, "utf-8")
    path = tiny / "a.ipynb"
    assert invoke(tiny, "1", "-o", str(path))[0] == 0
    cells = json.loads(path.read_text("utf-8"))["cells"]
    text = "".join(cells[-1]["source"])
    assert "## More" in text
    assert "Kidd" in text
    assert "@kidd" not in text
    assert "\\tag{" in text
    assert "> **Exercise 1. Light**\n>\n> Why?\n>\n> Because `" in text
    assert "See Exercise 1, 0.5." in text
    assert "```python\n@decorated\n```" in text
    assert "{#" not in text
    whole = "".join("".join(cell["source"]) for cell in cells)
    assert "{{" not in whole
    assert "figure:" not in whole
    for letter in map(chr, range(0xE000, 0xE010)):
        assert letter not in whole, "no mark of ours is left"


def test_without_script_or_text_it_says_so(tiny: Path) -> None:
    code, _, said = invoke(tiny, "1", "--language", "xx")
    assert (code, "has no text in 'xx'" in said) == (1, True)
    (tiny / "reports" / "week-01" / "compute.py").unlink()
    code, _, said = invoke(tiny, "1")
    assert (code, "has no script" in said) == (1, True)
    with pytest.raises(StudyError, match="no report 'week-01' with a script"):
        run_for("week-01", tiny)
