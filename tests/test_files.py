"""A study's own files are read and written by one door: nothing leads out of it."""

import ast
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import main
from generator.errors import StudyError
from generator.store.files import check_inside, read_study_file

Copy = Callable[[str], Path]
PLACES = {
    "study.toml": "list",
    "README.md": "readme",
    "templates/readme/schedule.md.j2": "readme",
    "templates/report.css": "build",
    "reports/references.bib": "build",
    "reports/week-01/report.md": "list",
    "discord.json": "list",
}


def said(root: Path, command: str) -> str:
    result = CliRunner().invoke(main, ["-C", str(root), command])
    assert result.exit_code == 1, result.output
    return result.output


@pytest.mark.parametrize("path", [p for p in PLACES if PLACES[p] != "build"])
def test_a_link_out_of_the_study_is_refused(study_copy: Copy, tmp_path: Path, path: str) -> None:
    root, secret = study_copy("tiny"), tmp_path / "secret"
    secret.write_text("TOPSECRET = = 1\n")
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).unlink(missing_ok=True)
    (root / path).symlink_to(secret)
    output = said(root, PLACES[path])
    assert f"{path}: is a link that leads out of the study" in output
    assert "TOPSECRET" not in output
    assert secret.read_text() == "TOPSECRET = = 1\n"


def test_a_folder_that_is_a_link_is_refused(study_copy: Copy, tmp_path: Path) -> None:
    root, outside = study_copy("tiny"), tmp_path / "outside"
    (outside / "readme").mkdir(parents=True)
    (outside / "readme" / "schedule.md.j2").write_text("TOPSECRET")
    (root / "templates").symlink_to(outside)
    assert "leads out of the study" in said(root, "readme")
    assert "TOPSECRET" not in (root / "README.md").read_text()


def test_pipes_devices_and_huge_files_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StudyError, match="pipe: is no plain file"):
        read_study_file(tmp_path, "pipe")
    with open(tmp_path / "huge", "wb") as file:
        file.truncate(10 << 30)
    with pytest.raises(StudyError, match="huge: has 10737 MB"):
        read_study_file(tmp_path, "huge")
    (tmp_path / "zero").symlink_to("/dev/zero")
    with pytest.raises(StudyError, match="leads out"):
        read_study_file(tmp_path, "zero")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StudyError, match="folder: cannot be read: Is a directory"):
        read_study_file(tmp_path, "folder")


def test_links_inside_the_study_are_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "b").symlink_to("a")
    assert read_study_file(tmp_path, "b") == b"x"
    check_inside(tmp_path, "b")
    check_inside(tmp_path, "not there")


# ---------------------------------------------------------------- nothing else opens one

GENERATOR = Path(__file__).parent.parent / "generator"
DOOR = "store/files.py"
# Who else opens a file → which, and why it is none of a study's own.
OTHERS = {
    "build/serve.py": "the site's folder, which we made",
    "build/site/leaves.py": "its state under .study, and our own modules",
    "build/site/offers.py": "our own modules",
    "build/starter.py": "our own templates",
    "build/trial.py": "copies a link as a link, where no second name can be given",
    "check/history.py": "its state under .study, and our own modules",
    "check/network.py": "its state under .study",
    "cli/check.py": "the calendar, where the user says",
    "cli/proof.py": "a PDF, where the user says",
    "cli/notebook.py": "the notebook, where the user says",
    "compute/child/__main__.py": "drawings into the scratch folder",
    "compute/child/imports.py": "in the process of a script, which the system guards",
    "compute/child/landlock.py": "folders, to make rules for them",
    "compute/child/run.py": "in the process of a script, which the system guards",
    "compute/child/trace.py": "in the process of a script, which the system guards",
    "compute/figures/faces.py": "matplotlib's own, and its list of fonts under .study",
    "compute/jobs/remote.py": "our own modules; what was sent, in a folder that was just made",
    "compute/jobs/supervise.py": "logs under .study",
    "compute/jobs/warm.py": "logs under .study",
    "digest.py": "a path of a test's; nothing here calls it",
    "importing/round_trip.py": "into a folder that was just made",
    "machine/fonts.py": "fonts that are installed, and those made of them",
    "machine/limits.py": "what the system says of this process",
    "machine/models.py": "models that are installed, and their digests under .study",
    "machine/shipped.py": "our own templates",
    "machine/stdio.py": "the standard streams",
    "machine/origin.py": "how this package was installed",
    "maths/bundle.py": "the maths engine that is installed",
    "plan/labels.py": "digests under .study, and our own templates",
    "proof/compare.py": "what lies in a PDF",
    "proof/page_text.py": "what lies in a PDF",
    "proof/reading.py": "what lies in a PDF",
    "proof/rebuild.py": "into a folder that was just made",
    "publish/discord/state.py": "a lock under .study; the study's folder, to make a name last",
    "publish/discord/webhook.py": "the secret, which lies outside of the study",
    "store/cache.py": "the cache; writes whole files for whoever may",
    "store/lock.py": "a lock under .study",
    "store/replace.py": "products, where the user says",
    "store/times.py": "its state under .study",
    "weasy/declarations.py": "WeasyPrint's own",
    "weasy/fetcher.py": "our own templates",
    "weasy/hyphens.py": "Pyphen's own",
    "weasy/patches.py": "WeasyPrint's own",
}
_METHODS = {"read_text", "read_bytes", "write_text", "write_bytes", "touch"}
_FUNCTIONS = {"open", "write_whole", "digest_file"}
_COPIES = {"copy", "copy2", "copyfile", "copytree", "move"}


def opens(source: str) -> bool:
    """Whether a module opens, reads or writes files by itself."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
            return True
        if not isinstance(node.func, ast.Attribute):
            continue
        name, of = node.func.attr, ast.unparse(node.func.value)
        if name in _METHODS or (name in _COPIES and of == "shutil"):
            return True
        if name == "open" and of != "GitRemote":
            held = of == "Image" and "BytesIO" in ast.unparse(node.args[0])
            if not held:  # a picture whose bytes were read already
                return True
    return False


@pytest.mark.parametrize(
    "source",
    [
        "open('a')",
        "with open(a) as b: pass",
        "(root / path).read_text('utf-8')",
        "json.loads(path.read_bytes())",
        "os.open(a, 0)",
        "path.open('w')",
        "Image.open(path)",
        "shutil.copyfile(a, b)",
        "write_whole(a, b)",
    ],
)
def test_ways_to_open_a_file_are_seen(source: str) -> None:
    assert opens(source)


def test_nothing_but_the_door_opens_a_file_of_a_study() -> None:
    found = {
        module
        for path in GENERATOR.rglob("*.py")
        if opens(path.read_text("utf-8")) and (module := path.relative_to(GENERATOR).as_posix())
    }
    assert found - OTHERS.keys() - {DOOR} == set(), "read with read_study_file, or give a reason"
    assert OTHERS.keys() - found == set(), "these open nothing any more"


IMPORTED = """# Plan

| Week | Content | Resource |
|---|---|---|
| Week 1 | Words | [PDF](week1.pdf) |
"""


@pytest.mark.parametrize("name", ["README.md", "week1.pdf", "week-1/notes.md", "week1.ipynb"])
def test_an_import_follows_no_link_and_waits_for_no_pipe(tmp_path: Path, name: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("TOPSECRET")
    for kind in ("link", "pipe"):
        source, into = tmp_path / kind, tmp_path / f"{kind}-into"
        (source / "week-1").mkdir(parents=True)
        (source / "README.md").write_text(IMPORTED)
        (source / name).unlink(missing_ok=True)
        if kind == "link":
            (source / name).symlink_to(secret)
        else:
            os.mkfifo(source / name)
        result = CliRunner().invoke(main, ["import", str(source), "--into", str(into)])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert "TOPSECRET" not in result.output
        files = [path for path in into.rglob("*") if path.is_file()]
        assert not any(b"TOPSECRET" in path.read_bytes() for path in files)


def test_a_readme_that_is_named_and_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("TOPSECRET")
    (tmp_path / "source").mkdir()
    (tmp_path / "source/README.md").symlink_to(tmp_path / "secret")
    arguments = ["import", str(tmp_path / "source/README.md"), "--into", str(tmp_path / "into")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "README.md: is a link that leads out of the study" in result.output
    assert not (tmp_path / "into").exists()


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("figures", ["build", "-q"]),
        ("figures/week-01", ["build", "-q"]),
        ("figures/week-01/record.json", ["build", "-q"]),
        ("reports/week-01/week-01.pdf", ["build", "-q"]),
        ("book.pdf", ["build", "-q", "--book"]),
        ("locks/a.txt", ["why"]),
        ("models.toml", ["why"]),
        ("reports/week-01/data.csv", ["build", "-q"]),
    ],
)
def test_no_product_goes_and_no_input_comes_through_a_link(
    study_copy: Copy, tmp_path: Path, path: str, arguments: list[str]
) -> None:
    root, outside = study_copy("tiny"), tmp_path / "outside"
    outside.mkdir()
    secret = outside / "kept.txt"
    secret.write_text("TOPSECRET\n")
    is_folder = path in ("figures", "figures/week-01")
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).symlink_to(outside if is_folder else secret)
    if path.endswith(".csv"):
        script = root / "reports/week-01/compute.py"
        read = "def compute(run: Run) -> None:\n    run.file('data.csv')\n"
        script.write_text(script.read_text().replace("def compute(run: Run) -> None:\n", read))
    result = CliRunner().invoke(main, ["-C", str(root), *arguments])
    assert "TOPSECRET" not in result.output
    assert secret.read_text() == "TOPSECRET\n"
    assert [p.name for p in outside.iterdir()] == ["kept.txt"]
    if path not in ("locks/a.txt", "models.toml"):
        assert result.exit_code == 1
        assert "leads out of the study" in result.output or "outside" in result.output
