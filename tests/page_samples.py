"""Reports made by hand, in English and Korean, with every form that templates/README.md names.

Their bodies are tests/pages/LANGUAGE.html, with formulas as $…$ and $$…$$ for the sake of readers.
"""

import datetime as dt
import re
from math import cos, exp, pi, sin
from pathlib import Path

from generator.errors import Where
from generator.model import Document, Formula, Heading, Phrase, Report, Study, Week

PAGES = Path(__file__).parent / "pages"
FIGURES = ("walks", "spread", "modes", "rates")
COLOPHON = {
    "Results": "sha256 6f1c09b7d2e4a93b",
    "Text": "sha256 02dedb10cc3f771c",
    "Made with": "Python 3.11.2, WeasyPrint 70.0, Source Serif 4.004",
    "Seed": "0",
    "Rebuild": "study build week-03",
}

_FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$<>]+)\$", re.DOTALL)
_HEADING = re.compile(
    r'<h([23]) id="([^"]+)">(?:<span class="heading-number">([^<]*)</span> )?([^<]+)</h'
)


def phrase(english: str, korean: str = "") -> Phrase:
    """A text in English and in Korean."""
    return Phrase((("en", english), ("ko", korean or english)))


def report() -> Report:
    """A report with a label, an objective and two authors."""
    return Report(
        "week-03",
        phrase("Random walks and diffusion", "무작위 걷기와 확산"),
        phrase(
            "Why the mean square distance of a walker grows in proportion to time, and what that "
            "says about heat.",
            "평균 제곱 거리가 왜 시간에 비례하는지, 그것이 열에 대해 무엇을 말하는지 살핀다.",
        ),
        label=phrase("Basic", "기초"),
        folder="reports/week-03",
        texts=(("en", "reports/week-03/report.md"), ("ko", "reports/week-03/report.ko.md")),
        authors=("A. Walker", "한걸음"),
    )


def study() -> tuple[Study, Week, Report]:
    """A study with one week and its one report."""
    only = report()
    week = Week(
        3,
        phrase("Random walks", "무작위 걷기"),
        unit=phrase("Week", "{n}주차"),
        date=dt.date(2025, 3, 19),
        reports=(only,),
        status="done",
    )
    whole = Study(
        title=phrase("Heat and Chance", "열과 우연"),
        description=phrase("A study of things that spread."),
        languages=("en", "ko"),
        unit=phrase("Week", "{n}주차"),
        weeks=(week,),
    )
    return whole, week, only


def document(body: str, language: str = "en") -> Document:
    """`body` as the text room would hand it over: formulas taken out, headings listed."""
    formulas: list[Formula] = []

    def formula(match: re.Match[str]) -> str:
        display, inline = match.groups()
        where = Where("reports/week-03/report.md", len(formulas) + 1)
        formulas.append(
            Formula(f"f{len(formulas)}", display or inline, bool(display), where),
        )
        return f'<img class="formula" src="formula:{formulas[-1].key}">'

    with_images = _FORMULA.sub(formula, body)
    headings = tuple(
        Heading(int(level), number, text, anchor)
        for level, anchor, number, text in _HEADING.findall(with_images)
    )
    return Document("week-03", language, with_images, tuple(formulas), headings)


def sample(language: str) -> Document:
    """The report in `language`: about six pages in English, three in Korean."""
    return document((PAGES / f"{language}.html").read_text(encoding="utf-8"), language)


def write_figures(root: Path) -> None:
    """The drawings of the sample under `root`/figures/week-03."""
    folder = root / "figures" / "week-03"
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(FIGURES):
        (folder / f"{name}.svg").write_text(drawing(number), encoding="utf-8")


def drawing(seed: int, height_mm: float = 62) -> str:
    """An SVG of 150 mm: two axes and two curves."""
    width, height = 425, height_mm * 72 / 25.4
    rising = [height - 25 - (height - 50) * (1 - exp(-i / (12 + 6 * seed))) for i in range(100)]
    swinging = [height / 2 + height / 3 * sin(i / 7 + seed) * cos(pi * i / 100) for i in range(100)]
    ticks = "".join(
        f'<path d="M{30 + 97.5 * i:.1f},{height - 20:.1f} v4" stroke="#333"/>' for i in range(5)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="150mm" height="{height_mm}mm" '
        f'viewBox="0 0 {width} {height:.2f}">'
        f'<path d="M30,10 V{height - 20:.1f} H420" fill="none" stroke="#333"/>{ticks}'
        f"{_curve(rising, '#0b5394')}{_curve(swinging, '#b45f06')}</svg>"
    )


def _curve(heights: list[float], colour: str) -> str:
    path = " ".join(
        f"{'L' if i else 'M'}{30 + 3.9 * i:.2f},{height:.2f}" for i, height in enumerate(heights)
    )
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.2"/>'
