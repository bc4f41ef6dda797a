"""`study site`: pages from the same texts and results as the PDFs, complete or not at all."""

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import CliRunner, Result

from generator.cli import main

ROOT = Path(__file__).parent.parent
SITE = ".study/site"


def run(root: Path, *arguments: str) -> Result:
    return CliRunner(env={"NO_COLOR": "1"}).invoke(main, ["-C", str(root), *arguments])


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of this repository's own study."""
    out = tmp_path_factory.mktemp("real") / "site"
    result = run(ROOT, "site", "--out", str(out))
    assert result.exit_code == 0, result.stderr
    return out


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny study, built once."""
    root = tmp_path_factory.mktemp("built") / "tiny"
    shutil.copytree(ROOT / "tests/studies/tiny", root)
    assert run(root, "build").exit_code == 0
    return root


@pytest.fixture
def tiny(built: Path, tmp_path: Path) -> Path:
    """A copy of the tiny study, built."""
    return Path(shutil.copytree(built, tmp_path / "tiny"))


def shown(page: str) -> str:
    """The words of a page, without what is only drawn, hidden or said."""
    text = re.sub(r"<(script|style|svg|math)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]*>", " ", text))


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.stat().st_ino)
        for path in sorted(folder.rglob("*"))
    }


# ---------------------------------------------------------------- what a site holds


def test_a_site_has_its_pages_files_and_fonts(tiny: Path) -> None:
    result = run(tiny, "site")
    assert result.exit_code == 0, result.stderr
    names = {path.relative_to(tiny / SITE).as_posix() for path in (tiny / SITE).rglob("*")}
    assert {"index.html", "week-01.html", "sources.html", "assets/site.css"} <= names
    assert "assets/fonts/serif.woff2" in names
    assert "files/week-01/week-01.pdf" in names
    assert f"{SITE}/week-01.html" in result.stdout.splitlines()
    assert (tiny / SITE / "assets/fonts/serif.woff2").read_bytes()[:4] == b"wOF2"


def test_every_link_and_anchor_of_the_real_site_resolves(real: Path) -> None:
    pages = {path.name: path.read_text("utf-8") for path in real.glob("*.html")}
    assert len(pages) > 20
    names = {page: set(re.findall(r'\sid="([^"]+)"', text)) for page, text in pages.items()}
    followed = 0
    for page, text in pages.items():
        for address in set(re.findall(r'\s(?:href|src)="([^"]*)"', text)):
            address = html.unescape(address)
            if re.match(r"(https?|mailto):|data:image/", address):
                continue
            path, _, anchor = address.partition("#")
            target = unquote(path) or page
            assert (real / target).is_file(), f"{page}: {address}"
            if anchor:
                assert unquote(anchor) in names[target], f"{page}: {address}"
            followed += 1
    assert followed > 1000


def test_a_page_asks_no_other_machine(real: Path) -> None:
    for path in [*real.rglob("*.html"), *real.rglob("*.css"), *real.rglob("*.js")]:
        text = path.read_text("utf-8")
        loads = re.findall(r'<(?:img|script|iframe|source)\b[^>]*\ssrc="([^"]*)"', text)
        loads += re.findall(r'<link\b[^>]*rel="stylesheet"[^>]*href="([^"]*)"', text)
        loads += re.findall(r"url\(\"?([^)\"]*)", text) if path.suffix == ".css" else []
        assert not [at for at in loads if re.match(r"([a-z]+:)?//", at)], path


def numbers_in(text: str) -> list[str]:
    return re.findall(r"\d+(?:[.,]\d+)*", re.sub(r"(?<=\d)[\u2009\u202f](?=\d)", "", text))


@pytest.mark.parametrize("name", ["week-02.en", "week-04.en", "week-07.en", "week-07.ko"])
def test_every_number_of_a_page_is_that_of_the_pdf(real: Path, name: str) -> None:
    report, language = name.split(".")
    ending = "" if language == "en" else f".{language}"
    pdf = ROOT / "reports" / report / f"{report}{ending}.pdf"
    text = subprocess.run(
        ["pdftotext", "-raw", str(pdf), "-"], capture_output=True, text=True, check=True
    ).stdout
    printed = set(numbers_in(re.sub(r"[\u200b\u00ad]|-\n", "", text)))
    page = (real / f"{report}{ending}.html").read_text("utf-8")
    body = page[page.index('<div class="text">') : page.index('<div class="colophon">')]
    numbers = numbers_in(shown(body))
    assert len(numbers) > 50
    assert [number for number in numbers if number not in printed] == []


def test_formulas_are_drawn_once_for_each_letter_and_said_in_words(real: Path) -> None:
    page = (real / "week-07.html").read_text("utf-8")
    letters = re.findall(r'<path id="(g[0-9a-f]{12})"', page)
    used = re.findall(r'<use href="#(g[0-9a-f]{12})"', page)
    assert len(letters) == len(set(letters)) == len(set(used)) < len(used) / 4
    said = re.findall(r'<math aria-label="([^"]+)"', page)
    assert len(said) == page.count('<span class="formula')
    assert "square root of d sub k" in " ".join(said)


def test_notes_stand_behind_the_block_that_calls_them(tiny: Path) -> None:
    text = tiny / "reports/week-01/report.md"
    text.write_text(
        text.read_text("utf-8") + "\nA last word[^n] here.\n\n[^n]: The note.\n", "utf-8"
    )
    assert run(tiny, "build").exit_code == 0
    assert run(tiny, "site").exit_code == 0
    page = (tiny / SITE / "week-01.html").read_text("utf-8")
    block = page[page.index("A last word") :]
    assert re.match(
        r'A last word<sup class="call"><a href="#fn-n" id="call-fn-n"[^>]*>1</a></sup> here.</p>'
        r'\s*<div class="notes"><p class="note" id="fn-n" role="note">'
        r'<a class="number" href="#call-fn-n"[^>]*>1</a> The note.</p>',
        block,
    )


def test_what_can_be_searched_is_what_the_pages_say(real: Path) -> None:
    said = (real / "assets/search.ko.js").read_text("utf-8")
    rows = json.loads(said.removeprefix("window.studyTexts=").rstrip(";\n"))
    pages = {path.name for path in real.glob("*.ko.html")}
    texts = {name: shown((real / name).read_text("utf-8")) for name in pages}
    reports = {name for name in pages if re.match(r"(week|project)", name)}
    assert {row[0].partition("#")[0] for row in rows} == reports
    for address, _, title, text in rows:
        page = re.sub(r"[\s\u200b]+", "", texts[address.partition("#")[0]])
        assert re.sub(r"[\s\u200b]+", "", title) in page
        assert re.sub(r"[\s\u200b]+", "", text)[:30] in page


# ---------------------------------------------------------------- all or nothing


def test_nothing_changed_no_file_is_touched(tiny: Path) -> None:
    assert run(tiny, "site").exit_code == 0
    before = stamps(tiny / SITE)
    result = run(tiny, "site")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "up to date" in result.stderr
    assert stamps(tiny / SITE) == before


def test_one_word_changes_its_page_and_leaves_the_others_alone(tiny: Path) -> None:
    assert run(tiny, "site").exit_code == 0
    before = stamps(tiny / SITE)
    text = tiny / "reports/week-01/report.md"
    text.write_text(text.read_text("utf-8").replace("swing", "sweep", 1), "utf-8")
    assert run(tiny, "build").exit_code == 0
    result = run(tiny, "site")
    assert result.exit_code == 0, result.stderr
    changed = set(result.stdout.splitlines())
    assert f"{SITE}/week-01.html" in changed
    assert f"{SITE}/index.html" not in changed
    after = stamps(tiny / SITE)
    assert after["index.html"] == before["index.html"]
    assert after["assets/fonts/serif.woff2"] == before["assets/fonts/serif.woff2"]


def test_the_same_study_gives_the_same_bytes_anywhere(tiny: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "one", tmp_path / "two/deeper"
    assert run(tiny, "site", "--out", str(first)).exit_code == 0
    shutil.rmtree(tiny / ".study")
    assert run(tiny, "site", "--out", str(second)).exit_code == 0
    names = [path.relative_to(first) for path in first.rglob("*") if path.is_file()]
    assert names
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_a_text_that_is_not_built_yet_gets_no_page(tiny: Path) -> None:
    text = tiny / "reports/week-01/report.md"
    text.write_text(text.read_text("utf-8") + "\nMore.\n", "utf-8")
    result = run(tiny, "site")
    assert result.exit_code == 1
    assert "run `study build` first" in result.stderr
    assert not (tiny / SITE).exists()


def test_other_peoples_files_are_never_replaced(tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "home"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    result = run(tiny, "site", "--out", str(out))
    assert result.exit_code == 1
    assert "holds other files, thesis.txt" in result.stderr
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]


def test_what_is_obsolete_goes(tiny: Path) -> None:
    assert run(tiny, "site").exit_code == 0
    (tiny / SITE / "old.html").write_text("<p>old</p>")
    result = run(tiny, "site")
    assert result.stdout.splitlines() == [f"{SITE}/old.html"]
    assert not (tiny / SITE / "old.html").exists()


BROKEN = {
    "<h3>Deep</h3>": "a heading of level 3 follows one of level 1",
    '<h2 id="x">A</h2><a href="#nowhere">b</a>': "links to #nowhere",
    '<a href="missing.html">b</a>': "links to missing.html, which is not there",
    '<img src="assets/site.css">': "has no alternative text",
    '<script src="https://example.org/a.js"></script>': "a site asks no other machine",
    '<a href="javascript:alert(1)">b</a>': "links to 'javascript:alert(1)'",
    '<i id="main">b</i>': "the id main is there twice",
}


def test_what_a_template_breaks_is_said_before_anything_is_written(tiny: Path) -> None:
    assert run(tiny, "site").exit_code == 0
    before = stamps(tiny / SITE)
    (tiny / "templates/site").mkdir(parents=True)
    own = tiny / "templates/site/schedule.html.j2"
    for wrong, message in BROKEN.items():
        own.write_text(f"<h1>{{{{ study }}}}</h1>{wrong}", "utf-8")
        result = run(tiny, "site")
        assert result.exit_code == 1, wrong
        assert message in result.stderr, wrong
        assert "index.html" in result.stderr
        assert stamps(tiny / SITE) == before, wrong


def test_the_folder_is_never_half_written(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(tiny, "site").exit_code == 0
    before = stamps(tiny / SITE)
    (tiny / "templates/site").mkdir(parents=True)
    (tiny / "templates/site/site.css").write_text("body { color: black }", "utf-8")
    real = os.rename

    def failing(old: Path, new: Path) -> None:
        if Path(new).name == "site" and ".new-" in Path(old).name:
            raise OSError(28, "No space left on device")
        real(old, new)

    monkeypatch.setattr(os, "rename", failing)
    result = run(tiny, "site")
    assert result.exit_code != 0
    assert stamps(tiny / SITE) == before
    assert [path.name for path in (tiny / ".study").iterdir() if ".site." in path.name] == []


# ---------------------------------------------------------------- what machines read


def test_feeds_are_made_of_dates_that_the_study_gives_and_of_no_others(tiny: Path) -> None:
    from xml.etree import ElementTree

    assert run(tiny, "site").exit_code == 0
    feed = ElementTree.parse(tiny / SITE / "feed.xml").getroot()
    names = {"a": "http://www.w3.org/2005/Atom"}
    assert [
        entry.findtext("a:updated", "", names) for entry in feed.iterfind("a:entry", names)
    ] == ["2025-03-21T00:00:00Z"]
    assert feed.find("a:entry/a:link", names).get("href") == "week-01.html"  # type: ignore[union-attr]
    assert b"DTSTART;TZID=Europe/Paris:20250321" in (tiny / SITE / "calendar.ics").read_bytes()
    assert not (tiny / SITE / "sitemap.xml").exists()
    settings = tiny / "study.toml"
    said = settings.read_text("utf-8").replace("first = 2025-03-21\n", "")
    settings.write_text(said + '\n[publishing]\nsite_url = "https://swings.example/a/"\n', "utf-8")
    assert run(tiny, "build").exit_code == 0
    result = run(tiny, "site")
    assert result.exit_code == 0, result.stderr
    assert not (tiny / SITE / "feed.xml").exists()
    assert not (tiny / SITE / "calendar.ics").exists()
    places = (tiny / SITE / "sitemap.xml").read_text("utf-8")
    assert "<loc>https://swings.example/a/week-01.html</loc>" in places
    assert "<loc>https://swings.example/a/</loc>" in places
    page = (tiny / SITE / "week-01.html").read_text("utf-8")
    assert '<link rel="canonical" href="https://swings.example/a/week-01.html">' in page
    assert '<meta property="og:title" content="How long does a swing take?">' in page
    assert "](https://swings.example/a/week-01.html)" in (tiny / SITE / "llms.txt").read_text(
        "utf-8"
    )


def test_the_schedule_says_what_study_toml_says_of_a_meeting(tiny: Path) -> None:
    settings = tiny / "study.toml"
    more = (
        '\nstatus = "planned"\npresenter = "A. <Walker>"\nhomework = "Read *all* of it"\n'
        'slides = "https://swings.example/slides.pdf"\n'
    )
    settings.write_text(settings.read_text("utf-8").rstrip() + more, "utf-8")
    assert run(tiny, "build").exit_code == 0
    result = run(tiny, "site")
    assert result.exit_code == 0, result.stderr
    page = (tiny / SITE / "index.html").read_text("utf-8")
    assert "A. &lt;Walker&gt;" in page
    assert "Read <em>all</em> of it" in page
    assert '<a href="https://swings.example/slides.pdf">Slides</a>' in page
    assert '<li class="week next">' in page
