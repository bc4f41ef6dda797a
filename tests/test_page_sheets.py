"""Style sheets and hyphenation as their libraries read them, kept for the next process."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cssselect2  # type: ignore[import-untyped]
import pyphen  # type: ignore[import-untyped]
import pytest
import weasyprint
from weasyprint.css.counters import CounterStyle

from generator.machine.shipped import template_text
from generator.store.cache import Cache
from generator.weasy.hyphens import read_patterns
from generator.weasy.sheets import parsed_sheet

ROOT = Path(__file__).parent.parent
PAGE = """<html lang="en"><body><main><h2 id="a" class="x">A</h2><p>word <code>f</code>
<a href="http://b">c</a></p><table><thead><tr><th>1</th></tr></thead></table>
<div class="admonition note"><ul><li dir="rtl">d</li></ul></div></main></body></html>"""


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Python keeps compiled code now."""
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")


def matches(sheet: Any) -> list[str]:
    """What the sheet says of each element of PAGE."""
    root = cssselect2.ElementWrapper.from_html_root(ElementTree.fromstring(PAGE))
    return [plain(found) for element in root.iter_subtree() for found in said(sheet, element)]


def plain(thing: object) -> str:
    """`thing` in letters, without where it lies in memory."""
    return re.sub(" at 0x[0-9a-f]+", "", repr(thing))


def said(sheet: Any, element: Any) -> list[Any]:
    return [(*rest, declarations) for *rest, (declarations, _) in sheet.matcher.match(element)]


def test_a_kept_sheet_says_what_the_parser_said(kept: Path) -> None:
    css = template_text(ROOT, "report.css") + "@counter-style x { system: cyclic; symbols: a b }"
    first, second = CounterStyle(), CounterStyle()
    theirs = weasyprint.CSS(string=css, counter_style=CounterStyle())
    fresh = parsed_sheet(weasyprint.CSS, css, first)
    assert len(files(kept)) == 1
    again = parsed_sheet(weasyprint.CSS, css, second)
    assert isinstance(again, weasyprint.CSS)
    assert vars(again).keys() == vars(theirs).keys()
    assert matches(fresh) == matches(theirs) == matches(again) != []
    assert plain(again.page_rules) == plain(theirs.page_rules) != "[]"
    assert first == second
    assert "x" in second


def test_a_damaged_sheet_is_parsed_again(kept: Path) -> None:
    css = "p { color: red }"
    parsed_sheet(weasyprint.CSS, css)
    (path,) = files(kept)
    path.write_bytes(path.read_bytes()[:-9])
    assert matches(parsed_sheet(weasyprint.CSS, css)) == matches(weasyprint.CSS(string=css))


@pytest.mark.parametrize("css", ["@import 'a.css';", "p { background: url(template:x.png) }"])
def test_what_depends_on_other_files_is_not_kept(kept: Path, css: str) -> None:
    class Nothing:
        def __init__(self, string: str, counter_style: object) -> None:
            self.string = string

    assert parsed_sheet(Nothing, css).string == css
    assert files(kept) == []


def test_where_python_writes_no_code_nothing_is_written(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    parsed_sheet(weasyprint.CSS, "p { color: red }")
    assert files(kept) == []


def test_only_few_sheets_are_kept(kept: Path) -> None:
    long = "".join(f"p.c{number} {{ color: red }}\n" for number in range(4000))
    for number in range(4):
        parsed_sheet(weasyprint.CSS, f"{long} p {{ top: {number}px }}")
    assert sum(path.stat().st_size for path in files(kept)) <= 2_000_000


def test_weasyprint_finds_its_own_sheets_as_if_it_had_parsed_them(kept: Path) -> None:
    script = """
import sys
if sys.argv[1] == "kept":
    from generator.typeset.page import imported_quietly
    with imported_quietly(None):
        import weasyprint.html
import weasyprint
from weasyprint import html
assert html.CSS is weasyprint.CSS and type(html.UA_STYLESHEET) is weasyprint.CSS
sheets = (html.UA_STYLESHEET, html.UA_FORM_STYLESHEET, html.PH_STYLESHEET)
counts = [len(sheet.matcher.lower_local_name_selectors) for sheet in sheets]
print(counts, [sheet.matcher.order for sheet in sheets], sorted(html.UA_COUNTER_STYLE))
"""
    printed = {
        subprocess.run(
            [sys.executable, "-W", "ignore", "-X", f"pycache_prefix={kept}", "-c", script, how],
            cwd=ROOT,
            check=True,
            capture_output=True,
        ).stdout
        for how in ("plain", "kept", "kept")
    }
    assert len(printed) == 1


def test_kept_patterns_hyphenate_as_the_library_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["approximation", "distribution", "representation", "table", "Hyphenation", "a"]
    theirs = [pyphen.Pyphen(lang="en_US", cache=False).positions(word) for word in words]
    for _ in range(2):
        monkeypatch.setattr(pyphen, "hdcache", {})
        read_patterns(["en", "ko"], Cache(tmp_path))
        assert len(pyphen.hdcache) == 1
        assert [pyphen.Pyphen(lang="en_US").positions(word) for word in words] == theirs
    assert len(files(tmp_path)) == 1
