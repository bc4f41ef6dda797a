"""A tiny study for the text room: one report to break, one to refer to, and results to quote."""

import shutil
from pathlib import Path

from generator.errors import problems_in
from generator.model import (
    Document,
    Figure,
    Phrase,
    Publishing,
    Quantity,
    Report,
    Results,
    Study,
    Table,
    Week,
)
from generator.text.report import render_report

CASES = Path(__file__).parent / "studies_text"

RESULTS = Results(
    values={
        "height": Quantity(1.23456),
        "count": Quantity(123456),
        "tiny": Quantity(0.0000571, digits=3),
        "drop": Quantity(-0.5, digits=2),
        "length": Quantity(0.5684, unit="m", error=0.0123),
        "share": Quantity(0.8123),
        "items": Quantity(7),
    },
    strings={"greeting": "a *plain* <b>greeting</b> & $5"},
    tables={
        "heights": Table(
            ("plant", "$h$ in cm"),
            (("oak | elm", Quantity(12.5, digits=1)), ("moss", Quantity(-0.25, digits=2))),
        )
    },
    figures={
        "growth": Figure((("*", "growth.svg"),), 150, 60),
        "soil": Figure((("en", "soil.en.svg"), ("ko", "soil.ko.svg")), 150, 60),
    },
)

BIBLIOGRAPHY = r"""@article{darwin1859,
  author  = {Darwin, Charles},
  title   = {On the {Origin} of Species},
  journal = {Nature},
  year    = 1859,
  doi     = {10.1000/origin},
}

@article{kim2020,
  author  = {김, 철수 and 이영희 and 박 민수},
  title   = {나무의 키},
  journal = {식물학회지},
  volume  = 12,
  number  = 3,
  pages   = {1--10},
  year    = {2020},
}

@book{mueller1999,
  author    = {M{\"u}ller, Jan-Erik and de la Cruz, Ana},
  title     = {Trees \& Shrubs},
  publisher = {Field Press},
  year      = {1999},
  url       = {https://example.org/trees?a=1&b=2},
}
"""

SCRIPT = '''"""Grow."""


def compute(run):
    """Nothing to see."""


def growth(day):
    """Height on `day`."""
    return {"day": day}["day"] ** 0.5
'''

OTHER = """## Soil {#sec-soil}

$$
p = mg
$$ {#eq-weight}

$$
q = mc
$$ {#eq-heat}
"""


def _phrase(text: str) -> Phrase:
    return Phrase((("*", text),))


def write_study(root: Path, text: str | bytes, *, language: str = "en") -> tuple[Study, Report]:
    """A study at `root` whose report week-07 has `text`, and that report."""
    folder = root / "reports" / "week-07"
    (folder / "images").mkdir(parents=True, exist_ok=True)
    (folder / "images" / "leaf.png").write_bytes(b"picture")
    (folder / "compute.py").write_text(SCRIPT, "utf-8")
    name = "report.md" if language == "en" else f"report.{language}.md"
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    (root / "reports" / "references.bib").write_text(BIBLIOGRAPHY, "utf-8")
    other = root / "reports" / "week-05"
    other.mkdir(exist_ok=True)
    (other / "report.md").write_text(OTHER, "utf-8")
    report = _report("week-07", ((language, f"reports/week-07/{name}"),))
    weeks = (
        Week(
            5,
            _phrase("Soil"),
            reports=(_report("week-05", (("en", "reports/week-05/report.md"),)),),
        ),
        Week(7, _phrase("Growth"), reports=(report,)),
    )
    study = Study(
        _phrase("Plants"),
        _phrase("A study of plants"),
        ("en", "ko"),
        Phrase((("en", "Week"), ("ko", "{n}주차"))),
        weeks,
        publishing=Publishing(),
    )
    return study, report


def _report(name: str, texts: tuple[tuple[str, str], ...]) -> Report:
    return Report(name, _phrase(name), _phrase(""), folder=f"reports/{name}", texts=texts)


def rendered(root: Path, text: str | bytes, *, language: str = "en") -> Document:
    """The Document of `text`, in a study at `root`."""
    study, report = write_study(root, text, language=language)
    return render_report(root, study, study.weeks[1], report, language, RESULTS)


def body(root: Path, text: str, *, language: str = "en") -> str:
    """The HTML of `text`."""
    return rendered(root, text, language=language).body


def complaints(root: Path, text: str | bytes) -> list[str]:
    """What is wrong with `text`, each with its place; empty if nothing is."""
    study, report = write_study(root, text)
    return complaints_of(root, study, report)


def complaints_of(root: Path, study: Study, report: Report) -> list[str]:
    """What is wrong with the text of `report` that lies at `root`."""
    try:
        render_report(root, study, study.weeks[1], report, "en", RESULTS)
    except Exception as error:  # problems_in raises what is not for the author
        return [str(problem).removeprefix("reports/week-07/") for problem in problems_in(error)]
    return []


def case_study(root: Path, case: Path) -> tuple[Study, Report]:
    """The study at `root` with the files of a broken case in its report's folder."""
    study, report = write_study(root, "")
    for path in case.iterdir():
        if path.name == "references.bib":
            shutil.copy(path, root / "reports" / path.name)
        elif path.name != "expected.txt":
            shutil.copy(path, root / "reports" / "week-07" / path.name)
    return study, report
