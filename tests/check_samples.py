"""A small study in two languages whose products are all fresh, for tests of `study check`.

Its figures and PDFs are stand-ins with true records: check compares digests, and never looks
inside a product.
"""

import shutil
import subprocess
from pathlib import Path

from generator.digest import digest_bytes, digest_source
from generator.model import Figure, PdfRecord, Quantity, Record, Results, Study, Table
from generator.plan.labels import Inputs
from generator.plan.staleness import pdf_path
from generator.publish.readme.change import readme_change
from generator.store.record import record_json, results_json
from generator.study.load import load_study

TINY = Path(__file__).parent / "studies" / "tiny"
DRAWING = b"<svg/>\n"
REPORT = "reports/week-01/report.md"
KOREAN = "reports/week-01/report.ko.md"
SCRIPT = "reports/week-01/compute.py"
RESULTS = Results(
    values={"period_90": Quantity(1.18, 4), "excess_10": Quantity(0.19, 2, "%")},
    tables={"periods": Table(("amplitude", "period"), ())},
    figures={"period": Figure((("*", "period.svg"),), 150, 70)},
)


def fresh_study(folder: Path) -> Path:
    """A copy of the tiny study with a Korean text, fresh, in a git repository."""
    root = Path(shutil.copytree(TINY, folder / "study", ignore=shutil.ignore_patterns(".study")))
    toml = root / "study.toml"
    toml.write_text(
        toml.read_text("utf-8").replace("seed = 3", 'seed = 3\nlanguages = ["en", "ko"]')
    )
    english = (root / REPORT).read_text("utf-8")
    korean = english.replace("The schoolbook says", "교과서에 따르면")
    titles = '\ntitle = { en = "How long does a swing take?", ko = "흔들림은 얼마나 걸릴까?" }'
    objective = '\nobjective = { en = "Compute the period", ko = "주기를 계산한다" }'
    text = toml.read_text("utf-8")
    text = text.replace('\ntitle = "How long does a swing take?"', titles)
    start = text.index('\nobjective = "Compute')
    text = text[:start] + objective + text[text.index("\n", start + 1) :]
    toml.write_text(text, "utf-8")
    (root / KOREAN).write_text(korean, "utf-8")
    built(root)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    (root / ".gitignore").write_text(".study/\n")
    return root


def built(root: Path) -> Study:
    """Make every product of the study at `root` fresh; its README too."""
    study = load_study(root)
    for week, report in study.reports():
        if not report.texts:
            continue
        folder = root / "figures" / report.id
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "period.svg").write_bytes(DRAWING)
        (folder / "results.json").write_bytes(results_json(RESULTS))
        inputs = Inputs.load(root, study)
        pdfs = {}
        for language, path in report.texts:
            target = pdf_path(study, week, report, language)
            (root / target).write_bytes(b"%PDF- " + language.encode())
            pdfs[language] = PdfRecord(
                target,
                digest_source(b"%PDF- " + language.encode()),
                known(inputs, report.id, path, "results", f"study.toml#{report.id}"),
            )
        outputs = {
            "period.svg": digest_source(DRAWING),
            "results.json": digest_bytes(results_json(RESULTS)),
        }
        script = known(inputs, report.id, report.script or "", "seed", "contract")
        (folder / "record.json").write_bytes(record_json(Record(script, outputs, pdfs)))
    readme_change(root, study).write(root)
    return study


def known(inputs: Inputs, report: str, *labels: str) -> dict[str, str]:
    """Each label with what it stands for now."""
    found = {label: inputs.present(label, report) for label in labels}
    return {label: digest for label, digest in found.items() if digest}
