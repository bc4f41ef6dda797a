"""The site in a real browser: for everyone, by keys alone, on a phone, in the dark."""

import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from generator.cli import main
from tests.browser import CHROMIUM, Browser, address_of, browser

ROOT = Path(__file__).parent.parent
_AXE = find_spec("axe_playwright_python")
AXE = Path(_AXE.origin).with_name("axe.min.js") if _AXE and _AXE.origin else None

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium: apt-get install chromium"),
    pytest.mark.skipif(AXE is None, reason="no axe-core: pip install -r locks/dev.txt"),
]

EVERYTHING = """
A text with all that a page may hold[^one], in `code`, *aloud*, **loud**, and [H]{.kbd}.

[^one]: The note, with `code` and a [link](https://example.org/).

## A section {#sec-a}

- [x] done
- [ ] to do

1. one
2. two

> Said by somebody.

Term
:   What it means.

### Below it

!!! note
    A remark.

!!! tip
    A tip.

!!! important
    Important.

!!! question
    A question?

!!! warning
    Take care.

!!! caution
    Do not.

!!! example
    For instance $x = 1$.

!!! theorem {#thm-a}
    It holds that $a = a$.

!!! proof
    Clear.

!!! exercise {#exr-a}
    Show @thm-a.

!!! solution {of=exr-a}
    See @sec-a.

```python
def f(x: float) -> float:
    \"\"\"A line that is so long that it can't fit on any phone, not even on one that lies.\"\"\"
    return x**2 + 1  # a comment
```

$$ \\sum_{i=1}^{n} x_i = x_1 + x_2 + x_3 + x_4 + x_5 + x_6 + x_7 + x_8 + x_9 + x_{10} $$ {#eq-long}

| a | b | c | d | e | f | g | h | i | j | k | l |
|---|---|---|---|---|---|---|---|---|---|---|---|
| one long | two long | three long | four long | five | six | seven | 8 | 9 | ten | eleven | 12 |

: A table wider than a phone. {#tbl-wide}

As @tbl-wide and @eq-long say.
"""


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the site of this study, and one of a text that holds everything."""
    import shutil

    folder = tmp_path_factory.mktemp("sites")
    invoke = CliRunner(env={"NO_COLOR": "1"}).invoke
    result = invoke(main, ["-C", str(ROOT), "site", "--out", str(folder / "real")])
    assert result.exit_code == 0, result.stderr
    tiny = folder / "tiny"
    shutil.copytree(ROOT / "tests/studies/tiny", tiny)
    text = tiny / "reports/week-01/report.md"
    text.write_text(text.read_text("utf-8") + EVERYTHING, "utf-8")
    for command in (["build"], ["site", "--out", str(folder / "all")]):
        result = invoke(main, ["-C", str(tiny), *command])
        assert result.exit_code == 0, result.stderr
    return folder


@pytest.fixture(scope="module")
def page() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


KINDS = [
    "real/index.html",
    "real/index.ko.html",
    "real/week-07.html",
    "real/week-07.ko.html",
    "real/week-04.html",
    "real/reading.html",
    "real/glossary.ko.html",
    "real/sources.html",
    "all/week-01.html",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.parametrize("name", KINDS)
def test_axe_finds_nothing_in_light_or_dark_wide_or_on_a_phone(
    sites: Path, page: Browser, name: str
) -> None:
    assert AXE is not None
    for theme, width in (("light", 1440), ("dark", 375)):
        page.size(width, phone=width < 500)
        page.media(prefers_color_scheme=theme)
        page.open(address_of(sites / name))
        page.run(AXE.read_text("utf-8") + ";1")
        found = page.run(
            f"axe.run(document, {{runOnly: {json.dumps(RULES)}}}).then((found) => "
            "found.violations.map((v) => [v.id, v.help, v.nodes.slice(0, 3).map((n) => "
            "[n.html.slice(0, 200), n.failureSummary])]))"
        )
        assert found == [], (theme, width)


@pytest.mark.parametrize("width", [320, 375, 768, 1440])
def test_no_page_scrolls_sideways(sites: Path, page: Browser, width: int) -> None:
    page.size(width, phone=width < 700)
    for name in KINDS:
        page.open(address_of(sites / name))
        wide = page.run("document.documentElement.scrollWidth")
        assert wide <= width, name


def test_the_tabulator_reaches_everything_in_the_order_of_the_page(
    sites: Path, page: Browser
) -> None:
    page.size(1440)
    page.open(address_of(sites / "all/week-01.html"))
    wanted = page.run(
        "window.all = [...document.querySelectorAll('a[href], button, input, summary, [tabindex]')]"
        ".filter((e) => e.tabIndex >= 0 && !e.disabled && e.checkVisibility()); all.length"
    )
    assert wanted > 30
    reached = []
    for _ in range(wanted):
        page.press("Tab", 9)
        reached.append(page.run("all.indexOf(document.activeElement)"))
    assert reached == list(range(wanted))
    page.open(address_of(sites / "all/week-01.html"))
    page.press("Tab", 9)
    assert page.run("document.activeElement.className") == "skip"
    assert page.run("document.activeElement.getBoundingClientRect().left >= 0")


def test_who_listens_hears_the_text_in_its_order(sites: Path, page: Browser) -> None:
    page.size(1440)
    page.open(address_of(sites / "all/week-01.html"))
    nodes = page.send("Accessibility.getFullAXTree")["nodes"]
    known = {node["nodeId"]: node for node in nodes}
    heard: list[str] = []

    def walk(node: dict[str, Any]) -> None:
        role = node.get("role", {}).get("value", "")
        if role == "heading":
            heard.append(f"# {node['name']['value']}")
        if role in ("StaticText", "image", "img", "MathMLMath"):
            heard.append(node["name"]["value"])
            return
        for child in node.get("childIds", ()):
            if child in known:
                walk(known[child])

    walk(nodes[0])
    text = " ".join(" ".join(heard).split())
    order = [
        "# How long does a swing take?", "# 1 The exact period", "T, over T sub 0", "Figure 1.",
        "that a page may hold 1 , in code", "The note, with code", "# 3 A section", "A remark.",
        "For instance x equals 1", "the sum from i equals 1 to n",
        "Table 2.", "# References",
    ]  # fmt: skip
    places = [text.find(words) for words in order]
    assert -1 not in places, list(zip(order, places, strict=True))
    assert places == sorted(places)


def test_the_first_page_is_light_and_nothing_on_it_moves(sites: Path, page: Browser) -> None:
    page.size(1440)
    for name in ("real/index.html", "real/index.ko.html"):
        page.run("1")
        page.open(address_of(sites / name))
        loaded = [event["params"]["response"]["url"] for event in page.events
                  if event.get("method") == "Network.responseReceived"]  # fmt: skip
        assert all(url.startswith("file://") for url in loaded)
        paths = {Path(url.removeprefix("file://")) for url in loaded}
        assert len(paths) > 4
        total = sum(path.stat().st_size for path in paths)
        assert total < 200_000, (name, total)
        moved = page.run(
            "new Promise((done) => { new PerformanceObserver((list) => done("
            "list.getEntries().reduce((sum, e) => sum + e.value, 0)))"
            ".observe({type: 'layout-shift', buffered: true});"
            " setTimeout(() => done(0), 500) })"
        )
        assert moved < 0.03, name  # 0.1 is good; letters of another width come first


def test_a_page_can_be_read_without_its_script(sites: Path, page: Browser) -> None:
    page.send("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.size(1440)
        page.open_without_script(address_of(sites / "all/week-01.html"))
        nodes = page.send("Accessibility.getFullAXTree")["nodes"]
        said = " ".join(node.get("name", {}).get("value", "") for node in nodes)
        assert "The note, with" in said
        assert "T, over T sub 0" in said
    finally:
        page.send("Emulation.setScriptExecutionDisabled", value=False)


def place(page: Browser) -> str:
    """Where `page` is; "" between two pages."""
    try:
        return str(page.run("location.href"))
    except RuntimeError as error:
        if "navigated" not in str(error):
            raise
        return ""


def test_what_the_script_adds_works(sites: Path, page: Browser) -> None:
    page.size(1440)
    page.media(prefers_color_scheme="light")
    page.open(address_of(sites / "real/week-07.html"))
    page.run("document.querySelector('.citation').focus()")
    page.press("Tab", 9)
    page.press("Tab", 9, shift=True)
    assert "Vaswani" in page.run("document.querySelector('.preview').textContent")
    page.press("Escape", 27)
    assert page.run("document.querySelector('.preview')") is None
    page.run("document.getElementById('sec-masks').scrollIntoView()")
    page.run("document.querySelector('.languages a').click()")
    for _ in range(50):
        if place(page).endswith("week-07.ko.html#sec-masks"):
            break
    assert page.run("location.href").endswith("week-07.ko.html#sec-masks")
    page.open(address_of(sites / "real/index.html"))
    page.press("/", 191)
    assert page.run("document.querySelector('dialog').open")
    page.run(
        "const f = document.querySelector('dialog input'); f.value = 'softmax mask';"
        "new Promise((done) => setTimeout(() => { f.dispatchEvent(new Event('input')); done(1) },"
        " 500))"
    )
    found = page.run(
        "[...document.querySelectorAll('dialog li a')].map((a) => a.getAttribute('href'))"
    )
    assert any(address.startswith("week-07.html#") for address in found)
    assert all((sites / "real" / address.partition("#")[0]).is_file() for address in found)
    page.open(address_of(sites / "real/reading.html"))
    page.run("document.querySelector('.path input').click()")
    page.open(address_of(sites / "real/reading.html"))
    assert page.run("document.querySelector('.path input').checked")
    assert re.match(
        r"1 of \d+ ticked", page.run("document.querySelector('[data-ticked]').textContent")
    )
    page.run("[...document.querySelectorAll('.tools button')].at(-1).click()")
    page.open(address_of(sites / "real/index.html"))
    assert page.run("document.documentElement.dataset.theme") == "dark"
    page.run("localStorage.clear()")
