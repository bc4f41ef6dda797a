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
| one long | two long | three long | four long | five | six | seven | eight | nine | ten | eleven | twelve |

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
    for theme, width in (("light", 1440), ("dark", 1440), ("light", 375), ("dark", 375)):
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
