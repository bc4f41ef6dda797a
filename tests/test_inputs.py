import os
import time
from pathlib import Path

import pytest

from generator.model import Phrase, Report, Study, Week
from generator.plan.labels import (
    RACY_NS,
    Inputs,
    digest_listing,
    installed_version,
    locked_versions,
)
from generator.plan.parts import bib_entries, function_source

EN = Phrase((("*", "Coins"),))
REPORT = Report("day-01", EN, EN, folder="reports/day-01", texts=(("en", "report.md"),))
STUDY = Study(EN, EN, ("en",), EN, (Week(1, EN, reports=(REPORT,)),), seed=7)


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    return Inputs.load(tmp_path, STUDY)


def write(path: Path, text: str, age_s: float = 3600) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    then = time.time() - age_s
    os.utime(path, (then, then))


def test_a_file_stands_for_its_content_not_its_time_or_line_ends(inputs: Inputs) -> None:
    write(inputs.root / "a.py", "x = 1\n")
    before = inputs.present("a.py", "day-01")
    os.utime(inputs.root / "a.py")
    assert inputs.present("a.py", "day-01") == before
    (inputs.root / "a.py").write_bytes(b"x = 1\r\n")
    assert inputs.present("a.py", "day-01") == before
    write(inputs.root / "a.py", "x = 2\n")
    assert inputs.present("a.py", "day-01") != before


def test_an_edit_of_equal_size_right_after_hashing_is_seen(inputs: Inputs) -> None:
    path = inputs.root / "a.py"
    write(path, "x = 1\n", age_s=0)
    stat = path.stat()
    before = inputs.file("a.py")
    path.write_text("x = 2\n")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # the clock did not tick in between
    assert inputs.file("a.py") != before


def test_an_old_unchanged_file_is_not_read_again_but_with_verify(inputs: Inputs) -> None:
    path = inputs.root / "a.py"
    write(path, "x = 1\n")
    before = inputs.file("a.py")
    inputs.save()
    stat = path.stat()
    with open(path, "r+") as file:  # the same inode
        file.write("x = 2\n")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert Inputs.load(inputs.root, STUDY).file("a.py") == before
    assert Inputs.load(inputs.root, STUDY, verify=True).file("a.py") != before
    assert RACY_NS >= 1_000_000_000  # some file systems keep whole seconds


def test_a_function_stands_for_its_own_source(inputs: Inputs) -> None:
    write(inputs.root / "a.py", "def f():\n    return 1\n\n\ndef g():\n    return 2\n")
    before = inputs.present("a.py::f", "day-01")
    write(inputs.root / "a.py", "# moved\n\ndef f():\n    return 1\n\n\ndef g():\n    return 3\n")
    assert inputs.present("a.py::f", "day-01") == before
    assert inputs.present("a.py::h", "day-01") is None


def test_decorators_and_methods_belong_to_a_function() -> None:
    text = "class A:\n    @property\n    def f(self):\n        return 1\n"
    assert function_source(text, "A.f") == "    @property\n    def f(self):\n        return 1"
    assert function_source("def broken(:", "broken") is None


def test_an_entry_of_the_bibliography_stands_alone(inputs: Inputs) -> None:
    bib = inputs.root / "references.bib"
    write(bib, "@book{a,\n title={A}}\n\n@book{b,\n title={B}}\n")
    before = inputs.present("references.bib@a", "day-01")
    write(bib, "@book{0,\n title={new}}\n\n@book{a,\n title={A}}\n\n@book{b,\n title={C}}\n")
    assert inputs.present("references.bib@a", "day-01") == before
    assert inputs.present("references.bib@c", "day-01") is None
    assert list(bib_entries(bib.read_text())) == ["0", "a", "b"]
    assert bib_entries("") == bib_entries("no entry") == {}


def test_a_listed_folder_stands_for_its_names(inputs: Inputs) -> None:
    write(inputs.root / "data" / "a.csv", "1")
    before = inputs.present("data/", "day-01")
    write(inputs.root / "data" / "a.csv", "2")
    assert inputs.present("data/", "day-01") == before == digest_listing(["a.csv"])
    write(inputs.root / "data" / "b.csv", "1")
    assert inputs.present("data/", "day-01") != before
    assert inputs.present("nowhere/", "day-01") is None


def test_locks_say_the_version_without_its_local_part(inputs: Inputs) -> None:
    write(inputs.root / "locks" / "compute.txt", "# a comment\nTorch==2.13.0+cpu\nA_b.c==1 ; x\n")
    assert locked_versions(inputs.root) == {"torch": "2.13.0", "a-b-c": "1"}
    assert inputs.present("version:torch", "day-01") == "2.13.0"
    assert inputs.present("version:not-there", "day-01") is None
    # A study may lock what its scripts import and nothing else.
    assert inputs.present("version:click", "day-01") == installed_version("click")


def test_without_locks_the_installed_version_counts(inputs: Inputs) -> None:
    import click

    del click
    version = inputs.present("version:click", "day-01")
    assert version is not None
    assert version[0].isdigit()


def test_numbers_models_and_templates_have_labels(inputs: Inputs) -> None:
    assert inputs.present("seed", "day-01") == "7"
    write(inputs.root / "models.toml", '[tiny]\nsha256 = "ab"\n')
    assert inputs.present("model:tiny", "day-01") == "ab"
    assert inputs.present("model:none", "day-01") is None
    ours = inputs.present("template:report.css", "day-01")
    write(inputs.root / "templates" / "report.css", "p { color: red }")
    assert inputs.present("template:report.css", "day-01") != ours


def test_what_the_study_says_about_a_report_counts_and_nothing_else(tmp_path: Path) -> None:
    from dataclasses import replace

    other = Week(2, EN)
    label = "study.toml#day-01"
    before = Inputs.load(tmp_path, STUDY).present(label, "day-01")
    more = replace(STUDY, weeks=(*STUDY.weeks, other))
    assert Inputs.load(tmp_path, more).present(label, "day-01") == before
    renamed = replace(REPORT, title=Phrase((("*", "Dice"),)))
    changed = replace(STUDY, weeks=(replace(STUDY.weeks[0], reports=(renamed,)),))
    assert Inputs.load(tmp_path, changed).present(label, "day-01") != before
