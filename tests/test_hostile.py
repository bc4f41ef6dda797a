"""Inputs that would hang, fill the memory or break off: each ends in one clear message, soon."""

import base64
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from generator.digest import digest_source
from generator.drawing.safety import svg_problems
from generator.errors import StudyError, Where, problems_in
from generator.machine.limits import limited
from generator.machine.shipped import template_text
from generator.machine.templates import fill
from generator.model import Results
from generator.store.record import load_record, record_json
from generator.text.markdown.lexer import check_marks, pieces_of
from generator.text.problems import Problems
from generator.text.values.expand import expand
from generator.text.works.bibliography import read_bibliography
from tests.text_study import complaints_of, write_study

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" width="80mm" height="20mm" viewBox="0 0 80 20">'
USES = "".join(f'<g id="a{n}">' + f'<use href="#a{n - 1}"/>' * 10 + "</g>" for n in range(1, 9))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of one week, built."""
    root = tmp_path_factory.mktemp("built") / "study"
    for arguments in (["new", str(root)], ["-C", str(root), "build", "-q"]):
        assert study(*arguments).returncode == 0
    return root


def study(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What `study` says to `arguments`, with 4 GB of address space."""
    started = time.perf_counter()
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30));"
        "from generator.cli import main; main()"
    )
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert time.perf_counter() - started < 60  # a busy machine; alone they take one to four
    return done


JINJA = {
    "sum of lists": "{% set a = [[1, 2], [3, 4]] | sum(start=[]) %}",
    "lists in lists": "".join(
        f"{{% set a{n} = [a{n - 1}, a{n - 1}] %}}\n" if n else "{% set a0 = [1] %}\n"
        for n in range(40)
    )
    + "{{ a39 | length }}",
    "nested join": "{% for i in range(9999) %}{{ range(9999) | join('x') | upper }}{% endfor %}",
    "sorted ranges": "{% for i in range(9999) %}{{ range(99999) | sort | length }}{% endfor %}",
    "deep parentheses": "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "deep lists": "{{ " + "[" * 3000 + "1" + "]" * 3000 + " }}",
    "a chain of not": "{{ " + "not " * 5000 + "1 }}",
    "a long sum": "{{ " + "1 + " * 5000 + "1 }}",
}


@pytest.mark.parametrize("name", JINJA)
def test_expressions_of_a_text_end_soon(name: str) -> None:
    problems = Problems("report.md")
    started = time.process_time()
    expand(pieces_of(f"Text.\n\n{JINJA[name]}\n", problems), Results(), problems)
    assert time.process_time() - started < 8
    assert problems.found
    assert all(problem.where and problem.where.line for problem in problems.found)


TEMPLATES = {
    "center": "{{ ''|center(20000000000) }}",
    "ljust": "{{ ''.ljust(20000000000) }}",
    "zfill": "{{ '1'.zfill(20000000000) }}",
    "indent": "{{ ('a\n' * 9999) | indent(9999999) }}",
    "format": "{{ '%999999999d' | format(1) }}",
    "%": "{{ '%999999999d' % 1 }}",
    "str.format": "{{ '{:>9999999999}'.format(1) }}",
    "batch": "{{ [1] | batch(999999999, 'x') | list }}",
    "nested loops": "{% for a in 'x'*9999 %}{% for b in 'x'*9999 %}{% endfor %}{% endfor %}",
    "replace": "{% set a = 'x' * 99999 %}{{ a | replace('x', a) }}",
    "replace as a method": "{% set a = 'x' * 99999 %}{{ a.replace('x', a) }}",
    "join": "{% set a = 'x' * 99999 %}{{ a | join(a) }}",
    "join as a method": "{% set a = 'x' * 99999 %}{{ a.join(a) }}",
    "~": "{% set a0 = 'x' * 999 %}"
    + "".join(f"{{% set a{n + 1} = a{n} ~ a{n} %}}" for n in range(40)),
    "+": "{% set a0 = 'x' * 999 %}"
    + "".join(f"{{% set a{n + 1} = a{n} + a{n} %}}" for n in range(40)),
    "lists": "{% set a0 = [1, 2] %}"
    + "".join(f"{{% set a{n + 1} = a{n} + a{n} %}}" for n in range(40)),
    "a macro twice in itself": "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}"
    "{% endmacro %}{{ m(60) }}",
    "a macro without end": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "deep parentheses": "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "a name taken": "{% set counted = 1 %}{% for a in 'x'*9999 %}{% for b in 'x'*9999 %}"
    "{% endfor %}{% endfor %}",
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_end_soon(name: str) -> None:
    started = time.process_time()
    with pytest.raises(StudyError, match=r"template|more than 8 s"):
        fill(TEMPLATES[name], "templates/readme/x.j2", {"rows": []})
    assert time.process_time() - started < 15


def test_what_templates_do_is_allowed() -> None:
    rows = [{"cells": ["a", "b"]}] * 500
    source = (
        "|{{ ' --- |' * 3 }}\n{% for row in rows %}{{ row.cells | join(' | ') ~ '!' }}\n"
        "{{ row.cells[0].replace('a', 'c').center(9) }}{{ loop.index % 2 }}\n{% endfor %}"
    )
    assert fill(source, "x", {"rows": rows}).count("    c    ") == 500


def png(width: int, height: int) -> str:
    made = BytesIO()
    Image.new("1", (width, height)).save(made, "PNG")
    return base64.b64encode(made.getvalue()).decode()


DRAWINGS = {
    "bad base64": '<image href="data:image/svg+xml;base64,a" width="1"/><path d="M0 0"/>',
    "uses of uses": f'<g id="a0"><rect width="1" height="1"/></g>{USES}<use href="#a8"/>',
    "a use of itself": '<g id="a"><use href="#a"/><rect width="1" height="1"/></g>',
    "many addresses": f'<rect style="{"url(" * 25_000}" width="1" height="1"/>',
    "many pixels": f'<image href="data:image/png;base64,{png(13_000, 13_000)}" width="9"/>',
    "no pixels": '<image href="data:image/png;base64,AAAA" width="9"/>',
    "deep groups": "<g>" * 5000 + '<rect width="1" height="1"/>' + "</g>" * 5000,
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_drawings_that_would_take_hours_are_refused(name: str) -> None:
    started = time.process_time()
    found = svg_problems(f"{HEAD}{DRAWINGS[name]}</svg>".encode(), Where("images/x.svg"))
    assert found
    assert time.process_time() - started < 5


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-7"])
def test_a_drawing_in_another_encoding_hides_nothing(encoding: str) -> None:
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE svg [<!ENTITY a "b">]>{HEAD}</svg>'
    )
    (problem,) = svg_problems(text.encode(encoding), Where("images/x.svg"))
    assert "UTF-8" in str(problem)


def test_a_drawing_of_too_many_parts_is_refused() -> None:
    (problem,) = svg_problems(
        (HEAD + "<path d='M0 0'/>" * 100_001 + "</svg>").encode(), Where("x.svg")
    )
    assert problem.message == "the drawing has more than 100000 parts"


def test_a_drawing_with_some_uses_is_fine() -> None:
    dots = "".join(f'<use href="#dot" x="{n}"/>' for n in range(2000))
    svg = f'{HEAD}<defs><circle id="dot" r="1"/></defs>{dots}</svg>'
    assert not svg_problems(svg.encode(), Where("images/x.svg"))


def test_strings_of_a_bibliography_that_double_are_refused() -> None:
    strings = "".join(f"@string{{a{n + 1}=a{n}#a{n}}}\n" for n in range(40))
    text = f'@string{{a0="xx"}}\n{strings}@book{{k, title = a40, year = 1968}}\n'
    with pytest.raises(StudyError, match=r"references\.bib:\d+: its strings"):
        read_bibliography(text)
    assert read_bibliography('@string{a="T"}\n@book{k, title = a # a, year = 1968}')["k"]


@pytest.mark.parametrize("mark", ["[", "![", "[^", "<", "&", "*", "_a "])
def test_a_paragraph_of_marks_is_refused_with_its_line(mark: str) -> None:
    problems = Problems("report.md")
    started = time.process_time()
    assert check_marks(pieces_of(f"One.\n\n{mark * 20_000}\n", problems), problems)
    assert time.process_time() - started < 5
    assert problems.found[0].where == Where("report.md", 3)


def test_marks_in_a_fence_or_many_paragraphs_are_fine() -> None:
    problems = Problems("report.md")
    fence = f"```text\n{'[' * 20_000}\n```\n"
    assert not check_marks(
        pieces_of(fence + "A [b](https://c.org).\n\n" * 3000, problems), problems
    )


def test_limits_of_time_and_memory_name_the_file() -> None:
    def fill_memory() -> None:
        bytearray(20 << 30)

    def count() -> None:
        while True:
            pass

    for work, words in ((fill_memory, "memory"), (count, "takes more than 1 s")):
        if work is count or sys.platform == "linux":
            with pytest.raises(StudyError, match=words) as error, limited(Where("x.md"), 1):
                work()
            assert str(error.value).startswith("x.md: ")


def test_limits_hold_in_other_threads_too() -> None:
    def count(found: list[object], where: str, seconds: float, rounds: int) -> None:
        try:
            with limited(Where(where), seconds), limited(Where("inner"), seconds):
                for _ in range(rounds):
                    sum(range(10_000))
            found.append("ended")
        except StudyError as error:
            found.append(str(error))
        time.sleep(1)  # nothing comes late
        found.append("still here")

    for seconds, rounds, words in ((0.6, 10**9, "inner: takes more than 1 s"), (60, 10, "ended")):
        found: list[object] = []
        thread = threading.Thread(target=count, args=(found, "x.md", seconds, rounds))
        thread.start()
        thread.join(60)
        assert not thread.is_alive()
        assert str(found[0]).startswith(words)
        assert found[1] == "still here"


def test_a_style_sheet_nested_deeply_is_refused(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    for css in ("\n" + "a{" * 3000, "a { width: " + "calc(" * 3000 + "1px" + ")" * 3000 + "}"):
        (tmp_path / "templates/report.css").write_text(css)
        with pytest.raises(StudyError, match=r"report\.css:\d: nests"):
            template_text(tmp_path, "report.css")


@pytest.mark.parametrize(
    "rule", ["font-size: 1e9pt", "width: 99999999.5px", "margin: -2e7%", "letter-spacing:1e400pt"]
)
def test_a_number_without_measure_is_refused_with_its_line(tmp_path: Path, rule: str) -> None:
    (tmp_path / "templates").mkdir()
    css = "/* 1e9pt */\n#a1e9000 { content: '1e9pt'; color: #999999999;\n"
    (tmp_path / "templates/report.css").write_text(css + rule + " }")
    with pytest.raises(StudyError, match=r"report\.css:3: has the number"):
        template_text(tmp_path, "report.css")
    (tmp_path / "templates/report.css").write_text(css + "margin: -9999px; z-index: 999999 }")
    assert "999999" in template_text(tmp_path, "report.css")


FILES = {
    "reports/week-01/report.md": "\n$$\n" + "x + " * 3000 + "x\n$$ {#eq-long}\n\nSee @eq-long.\n",
    "reports/references.bib": "\n".join(
        ["\n@string{a0={xx}}", *(f"@string{{a{n + 1}=a{n}#a{n}}}" for n in range(40))]
    ),
    "templates/report.css": "a{" * 5000,
    "templates/readme/schedule.md.j2": "{{ ''|center(20000000000) }}",
}


@pytest.mark.parametrize("path", FILES)
def test_a_build_names_the_file_and_keeps_its_outputs(
    built: Path, tmp_path: Path, path: str
) -> None:
    root = tmp_path / "study"
    shutil.copytree(built, root)
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text((file.read_text() if file.is_file() else "") + FILES[path])
    before = (root / "README.md").read_bytes()
    done = study("-C", str(root), "build", "-q")
    assert done.returncode == 1, done.stderr
    assert f"error: {path}" in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    assert (root / "README.md").read_bytes() == before


def test_what_is_wrong_with_the_readme_is_told_before_anything_is_written(
    built: Path, tmp_path: Path
) -> None:
    root = tmp_path / "study"
    shutil.copytree(built, root)
    (root / "templates/readme").mkdir(parents=True)
    (root / "templates/readme/schedule.md.j2").write_text("{{ nothing.there }}")
    text = root / "reports/week-01/report.md"
    text.write_text(text.read_text() + "\nThe result is 0.123.\n")

    def committed() -> dict[str, bytes]:
        files = (p for p in root.rglob("*") if p.is_file() and ".study" not in p.parts)
        return {str(p): p.read_bytes() for p in files}

    before = committed()
    done = study("-C", str(root), "build", "-q")
    assert done.returncode == 1
    assert "error: templates/readme/schedule.md.j2:1: " in done.stderr
    assert "the number 0.123 is typed" in done.stderr
    assert committed() == before
    text.write_text(text.read_text().replace("0.123", "small"))
    before = committed()
    assert study("-C", str(root), "build", "-q").returncode == 1
    assert committed() == before
    shutil.rmtree(root / "templates")
    done = study("-C", str(root), "build", "-q")
    assert done.returncode == 0
    assert "week-01.pdf" in done.stdout


def test_groups_of_problems_stay_whole_under_a_limit() -> None:
    problems = [StudyError("one"), StudyError("two")]
    with pytest.raises(ExceptionGroup) as error, limited(Where("x"), 5):
        raise ExceptionGroup("x", problems)
    assert list(problems_in(error.value)) == problems


@pytest.mark.parametrize(
    "rule", ["font-size: calc(1e5pt * 1e5)", "letter-spacing: calc(9e5pt * 9e5)"]
)
def test_a_size_beyond_all_numbers_is_the_style_sheets_fault(
    built: Path, tmp_path: Path, rule: str
) -> None:
    root = tmp_path / "study"
    shutil.copytree(built, root)
    (root / "templates").mkdir(exist_ok=True)
    css = template_text(tmp_path, "report.css")
    (root / "templates/report.css").write_text(f"{css}\np {{ {rule} }}\n")
    done = study("-C", str(root), "build", "-q")
    assert done.returncode == 1
    assert "error: templates/report.css: asks for a size that no page has" in done.stderr
    assert "Traceback" not in done.stderr


DRAWN = (
    f"{HEAD}<rect width='9' height='9'/>{{}}</svg>",
    {
        "an entity": "<!-- <!ENTITY -->",
        "a style sheet": "<style>@import 'file:///etc/passwd';</style>",
        "a file": "<image href='file:///etc/passwd' width='9' height='9'/>",
        "an address": "<image href='http://localhost/x.png' width='9' height='9'/>",
        "uses": USES + "<use href='#a8'/>",
        "a script": "<script>1</script>",
    },
)


@pytest.mark.parametrize("kind", [*DRAWN[1], "utf-16", "utf-7", "not well-formed"])
def test_committed_drawings_are_looked_at_like_any_other(
    built: Path, tmp_path: Path, kind: str
) -> None:
    """Whoever makes the repository makes the record, too."""
    root = tmp_path / "study"
    shutil.copytree(built, root)
    drawing = DRAWN[0].format(DRAWN[1].get(kind, ""))
    content = drawing.encode("utf-16" if kind == "utf-16" else "utf-8")
    if kind == "utf-7":
        content = b"<?xml version='1.0' encoding='utf-7'?>" + content
    elif kind == "not well-formed":
        content = content[:-5]
    path = root / "figures/week-01/birthdays.svg"
    path.write_bytes(content)
    record = load_record(root, "week-01")
    outputs = dict(record.outputs) | {path.name: digest_source(content)}
    sealed = record_json(replace(record, outputs=outputs))
    (root / "figures/week-01/record.json").write_bytes(sealed)
    before = (root / "reports/week-01/week-01.pdf").read_bytes()
    done = study("-C", str(root), "build", "-q", "--no-scripts")
    assert done.returncode == 1
    assert "error: figures/week-01/birthdays.svg: the drawing" in done.stderr
    assert "Traceback" not in done.stderr
    assert (root / "reports/week-01/week-01.pdf").read_bytes() == before


DEEP = {"list": "[" * 100_000 + "]" * 100_000, "object": '{"a":' * 50_000 + "1" + "}" * 50_000}


@pytest.mark.parametrize("form", DEEP)
@pytest.mark.parametrize(
    "path", [".study/digests.json", ".study/times.json", "figures/week-01/record.json"]
)
def test_json_that_nests_without_end_is_made_again(
    built: Path, tmp_path: Path, path: str, form: str
) -> None:
    root = tmp_path / "study"
    shutil.copytree(built, root)
    whole = (root / path).read_bytes()
    (root / path).write_text(DEEP[form])
    why = study("-C", str(root), "why")
    assert why.returncode == 0
    if path.startswith("figures"):
        assert f"{path}: is damaged" in why.stdout
    done = study("-C", str(root), "build", "-q")
    assert done.returncode == 0, done.stderr
    if path.startswith("figures"):
        assert (root / path).read_bytes() == whole


@pytest.mark.parametrize("form", DEEP)
@pytest.mark.parametrize("command", ["check", "list", "post --dry-run"])
def test_a_damaged_state_of_posts_is_said_by_every_command(
    built: Path, tmp_path: Path, command: str, form: str
) -> None:
    root = tmp_path / "study"
    shutil.copytree(built, root)
    (root / "discord.json").write_text(DEEP[form])
    done = study("-C", str(root), *command.split())
    assert done.returncode == 1
    assert "discord.json: is damaged" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# One\n\n" + "## Two\n\nWords.\n\n" * 5000, "headings"),
        ("".join(f"Word[^{n}].\n\n[^{n}]: Note.\n\n" for n in range(5000)), "notes"),
        ("Word^[Note.].\n\n" * 5000, "notes"),
        ("word " * 400_000, "letters"),
    ],
)
def test_a_text_that_would_be_set_for_minutes_is_refused(
    tmp_path: Path, text: str, found: str
) -> None:
    whole, report = write_study(tmp_path, text)
    started = time.process_time()
    [complaint] = complaints_of(tmp_path, whole, report)
    assert f" {found}, expected at most " in complaint
    assert time.process_time() - started < 30  # a busy machine; alone they take one to three
