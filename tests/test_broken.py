"""What an author can get wrong, whole studies through the command line.

Each folder of tests/studies/broken is laid over a study that has been built; expected.txt is what
`study build` then says on stderr, to the letter, and nothing that was built before may change.
`pytest --update` writes those files anew: read the difference.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import main

STUDIES = Path(__file__).parent / "studies"
CASES = sorted(path.name for path in (STUDIES / "broken").iterdir())
TEXT = "reports/week-01/report.md"
# The English page is set again when only the Korean one is wrong: it carries its study.toml.
SET_AGAIN = {
    "translation": [
        "reports/week-01/week-01.pdf",
        "figures/week-01/record.json",
        "reports/week-01/translated.json",
    ]
}


def study(root: Path, *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `study` in `root`."""
    runner = CliRunner(env={"NO_COLOR": "1"})
    result = runner.invoke(main, ["-C", str(root), *arguments], prog_name="study")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny study, built once. Copy it."""
    root = tmp_path_factory.mktemp("good") / "tiny"
    shutil.copytree(STUDIES / "tiny", root)
    code, _, said = study(root, "build", "-q")
    assert (code, said) == (0, "")
    return root


@pytest.fixture
def root(built: Path, tmp_path: Path) -> Path:
    """A copy of the built study, with what is committed and what is not."""
    return Path(shutil.copytree(built, tmp_path / "tiny"))


def outputs(root: Path) -> Mapping[str, bytes]:
    """Everything that a build made: drawings, results, records and PDFs."""
    paths = [*root.glob("figures/**/*"), *root.glob("reports/**/*.pdf"), *root.glob("*.pdf")]
    return {str(path.relative_to(root)): path.read_bytes() for path in paths if path.is_file()}


# ---------------------------------------------------------------- what no folder can hold


def _link_out_of_the_study(root: Path) -> None:
    outside = root.parent / "outside.png"
    outside.write_bytes((root / "reports/week-01/week-01.pdf").read_bytes())
    (root / "reports/week-01/images").mkdir()
    (root / "reports/week-01/images/swing.png").symlink_to(outside)
    text = '@fig-a shows it.\n\n![A swing.](images/swing.png){#fig-a fig-alt="A swing."}\n'
    (root / TEXT).write_text(text, "utf-8")


def _text_that_links_out(root: Path) -> None:
    text = root / TEXT
    text.rename(root.parent / "elsewhere.md")
    text.symlink_to(root.parent / "elsewhere.md")


def _names_that_differ_in_case(root: Path) -> None:
    text = root / TEXT
    text.with_name("Report.md").write_bytes(text.read_bytes())
    text.with_name("Compute.py").write_bytes(b"")


def _not_utf_8(root: Path) -> None:
    (root / TEXT).write_bytes(b"## One\n\nNa\xefve swings.\n")


def _script_not_utf_8(root: Path) -> None:
    path = root / "reports/week-01/compute.py"
    path.write_bytes(path.read_bytes().replace(b"schoolbook", b"p\xe9riode") + b"# p\xe9riode\n")


def _toml_not_utf_8(root: Path) -> None:
    path = root / "study.toml"
    path.write_bytes(path.read_bytes().replace(b"Two evenings", b"Deux soir\xe9es"))


def _bib_not_utf_8(root: Path) -> None:
    path = root / "reports/references.bib"
    path.write_bytes(path.read_bytes().replace(b"Fogg", b"F\xf6gg"))


def _folders_for_files(root: Path) -> None:
    for name in (TEXT, "reports/references.bib"):
        (root / name).unlink()
        (root / name).mkdir()


def _folder_for_the_script(root: Path) -> None:
    (root / "reports/week-01/compute.py").unlink()
    (root / "reports/week-01/compute.py").mkdir()


MADE: Mapping[str, Callable[[Path], None]] = {
    "bib-not-utf-8": _bib_not_utf_8,
    "folders-for-files": _folders_for_files,
    "folder-for-the-script": _folder_for_the_script,
    "link-out-of-the-study": _link_out_of_the_study,
    "names-that-differ-in-case": _names_that_differ_in_case,
    "not-utf-8": _not_utf_8,
    "script-not-utf-8": _script_not_utf_8,
    "text-that-links-out": _text_that_links_out,
    "toml-not-utf-8": _toml_not_utf_8,
}


# ---------------------------------------------------------------- refused


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_explained_and_costs_nothing(root: Path, case: str, update: bool) -> None:
    folder = STUDIES / "broken" / case
    shutil.copytree(folder, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected.txt"))
    if case in MADE:
        MADE[case](root)
    before = outputs(root)
    readme = (root / "README.md").read_bytes()
    code, products, said = study(root, "build", "-q", "-j", "1")
    assert str(root.parent) not in said
    if update:
        (folder / "expected.txt").write_text(said, "utf-8")
    assert said == (folder / "expected.txt").read_text("utf-8")
    # What is told was written, whatever else went wrong.
    written = SET_AGAIN.get(case, [])
    assert (code, products.splitlines()) == (1, written)
    after = outputs(root)
    before = {**before, **{path: after[path] for path in written if path in after}}
    assert after == before
    assert (root / "README.md").read_bytes() == readme


# ---------------------------------------------------------------- accepted


def pdf(root: Path) -> bytes:
    """The PDF of the study's one report."""
    return (root / "reports/week-01/week-01.pdf").read_bytes()


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""], ids=["mark", "no-mark"])
def test_a_byte_order_mark_and_crlf_build_the_same_pdf(root: Path, mark: bytes) -> None:
    before = outputs(root)
    for name in (TEXT, "study.toml", "reports/references.bib", "reports/week-01/compute.py"):
        path = root / name
        path.write_bytes(mark + path.read_bytes().replace(b"\n", b"\r\n"))
    assert study(root, "build", "-q", "--force") == (0, "", "")
    assert {k: v for k, v in outputs(root).items() if not k.endswith("record.json")} == {
        k: v for k, v in before.items() if not k.endswith("record.json")
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("The period grows with the amplitude", "It grows with the amplitude"),
        ("{{ value.period_90 }} at", "{{ value.period_90 | digits(2) }} at"),
    ],
    ids=["caption", "digits"],
)
def test_a_change_of_words_or_digits_sets_the_page_and_runs_no_script(
    root: Path, old: str, new: str
) -> None:
    text = (root / TEXT).read_text("utf-8")
    assert old in text
    (root / TEXT).write_text(text.replace(old, new), "utf-8")
    before = pdf(root)
    code, products, said = study(root, "build")
    assert (code, products) == (0, "reports/week-01/week-01.pdf\nfigures/week-01/record.json\n")
    assert "computing" not in said
    assert pdf(root) != before


def test_braces_in_code_and_formulas_reach_the_page_unchanged(root: Path) -> None:
    chat = "{% for m in messages %}{{ m['role'] }}: {{ m.content }}{% endfor %}"
    text = (
        'The power $x^{{n}}$, in code `f"{value:.3f} {{x}}"`, and\n\n'
        f"```jinja\n{chat}\n```\n\n"
        "with `{{ value.period_90 }}` for {{ value.period_90 }}.\n"
    )
    (root / TEXT).write_text(text, "utf-8")
    code, _, said = study(root, "build", "-q")
    assert (code, said) == (0, "")
    shown = page_text(root / "reports/week-01/week-01.pdf")
    for kept in (chat, 'f"{value:.3f} {{x}}"', "{{ value.period_90 }} for 1.1803"):
        assert "".join(kept.split()) in "".join(shown.split())


def page_text(path: Path) -> str:
    """The words of a PDF, as they are copied from it."""
    return subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True
    ).stdout


def test_a_drawing_with_words_and_a_name_with_spaces_and_hangul_is_set(root: Path) -> None:
    words = '<text x="5" y="20">A swing, 그네</text>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40">{words}</svg>'
    (root / "reports/week-01/images").mkdir()
    (root / "reports/week-01/images/my 그네.svg").write_text(svg, "utf-8")
    text = '@fig-a shows it.\n\n![A swing.](<images/my 그네.svg>){#fig-a fig-alt="A swing."}\n'
    (root / TEXT).write_text(text, "utf-8")
    assert study(root, "build", "-q")[0::2] == (0, "")
    assert "A swing, 그네" in page_text(root / "reports/week-01/week-01.pdf")
    assert study(root, "build", "-q") == (0, "", "")


def test_typed_numbers_that_may_pass_are_told(root: Path) -> None:
    path = root / "study.toml"
    path.write_text(f'numbers = "warn"\n{path.read_text("utf-8")}', "utf-8")
    (root / TEXT).write_text("It is 0.5 here.\n", "utf-8")
    code, _, said = study(root, "build")
    assert code == 0
    assert "warning: reports/week-01/report.md:1: the number 0.5 is typed\n" in said


ODD_TITLES = ['Say \\"swing\\" & <go> {x}', "한글 제목 『흔들림』", "$5 # 100% \\\\ _x_ *y* [z](w)"]


@pytest.mark.parametrize("title", ODD_TITLES, ids=["quotes", "hangul", "signs"])
def test_any_title_is_set_as_it_is(root: Path, title: str) -> None:
    path = root / "study.toml"
    path.write_text(path.read_text("utf-8").replace("How long does a swing take?", title), "utf-8")
    code, products, said = study(root, "build", "-q")
    assert (code, said) == (0, "")
    assert "reports/week-01/week-01.pdf\n" in products
    shown = "".join(page_text(root / "reports/week-01/week-01.pdf").split())
    assert "".join(tomllib.loads(f'title = "{title}"')["title"].split()) in shown


def test_a_study_lives_in_any_folder_and_is_found_from_below(built: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(built, tmp_path / "한 글 [x] #1" / "my study"))
    assert study(root / "reports" / "week-01", "build", "-q", "--force") == (0, "", "")
    assert pdf(root) == pdf(built)


def test_a_report_without_a_script_and_a_study_without_reports_build(root: Path) -> None:
    (root / "reports/week-01/compute.py").unlink()
    (root / TEXT).write_text("오직 한국어만 있다.\n", "utf-8")
    code, products, said = study(root, "build", "-q")
    assert (code, said) == (0, "")
    assert "reports/week-01/week-01.pdf\n" in products
    shutil.rmtree(root / "reports/week-01")
    code, _, said = study(root, "build", "-q")
    assert (code, said) == (0, "")


# ---------------------------------------------------------------- interrupted


_STUDY = "from generator.cli import main; main(prog_name='study')"


@pytest.mark.parametrize("after", ["computing", "setting"])
def test_an_interruption_leaves_nothing_half_written_and_no_child(root: Path, after: str) -> None:
    if after == "computing":
        script = "import time\n\n\ndef compute(run):\n    time.sleep(30)\n"
        (root / "reports/week-01/compute.py").write_text(script, "utf-8")
    before = outputs(root)
    # One worker, or the page is laid out while the script computes, and is set at once.
    force = ["--force", "-j", "1"] if after == "setting" else []
    (root / TEXT).write_text((root / TEXT).read_text("utf-8") + "\nMore.\n", "utf-8")
    with subprocess.Popen(
        [sys.executable, "-c", _STUDY, "-C", str(root), "build", *force],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=STUDIES.parent.parent,
        env=os.environ | {"NO_COLOR": "1"},
        start_new_session=True,
    ) as build:
        assert build.stderr is not None
        said = ""
        while f"{after} week-01" not in said:
            line = build.stderr.readline()
            assert line, said
            said += line
        time.sleep(0.3 if after == "computing" else 0.05)
        build.send_signal(signal.SIGINT)
        out, rest = build.communicate(timeout=20)
    assert build.returncode in (1, 130)
    assert "Traceback" not in rest
    now = outputs(root)
    if after == "computing":
        assert (out, now) == ("", before)
    assert now["reports/week-01/week-01.pdf"] == before["reports/week-01/week-01.pdf"]
    assert not list(root.glob("**/.*.tmp"))
    with pytest.raises(ProcessLookupError):
        os.killpg(build.pid, 0)
    listing = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert str(root) not in listing.stdout
