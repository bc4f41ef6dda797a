"""One notebook for one report of a study that is there."""

from pathlib import Path

from generator.errors import StudyError, Where
from generator.importing.documents import tell_missing
from generator.importing.draft import Remark
from generator.importing.importer import Imported
from generator.importing.notebook.script import HELPER, converted, helper
from generator.plan.staleness import label_names
from generator.study.load import load_study


def read_notebook_for(path: Path, into: Path, name: str) -> Imported:
    """What converting the notebook at `path` for the report `name` (id or number) gives.

    Raises StudyError where `path` is no notebook, or the study has no such report.
    """
    if path.suffix.lower() != ".ipynb":
        raise StudyError("is no notebook", Where(path.name), "--week is for one .ipynb file")
    study = load_study(into)
    pairs = [(w, r) for w, r in study.reports() if name in label_names(w, r)]
    if len(pairs) != 1:
        known = ", ".join(report.id for _, report in study.reports())
        raise StudyError(f"the schedule has no one report '{name}'", Where("study.toml"), known)
    report = pairs[0][1]
    title = report.title.text(study.languages[0])
    # Who names a link means what it names.
    notebook = converted(path.resolve(), path.name, title, {}, {})
    if not notebook.files:
        said = "; ".join(remark.text for remark in notebook.remarks)
        raise StudyError(said, Where(path.name))
    files = {f"{report.folder}/{name}": content for name, content in notebook.files.items()}
    files[HELPER] = helper()
    if (into / report.folder / "compute.py").exists():
        raise StudyError(
            "is there already, and nothing is overwritten", Where(f"{report.folder}/compute.py")
        )
    new = {target: content for target, content in files.items() if not (into / target).exists()}
    kept = tuple(target for target in files if target not in new)
    remarks = list(notebook.remarks)
    tell_missing(set(notebook.missing), lambda kind, text: remarks.append(Remark(kind, text)))
    return Imported(new, kept, tuple(remarks), study)
