"""Moving in: READMEs, paths, guides and notebooks of other people become a study, nothing lost."""

import re
import shutil
import unicodedata
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from click.testing import CliRunner, Result

from generator.cli import main
from generator.importing.blocks import blocks_of
from generator.importing.compare import plain_address, word_list
from generator.importing.dates import date_of
from generator.importing.importer import Imported, read_study_at
from generator.importing.phrases import (
    bracketed_span,
    kind_of,
    label_of,
    marks_of,
    span_of,
    unit_of,
)
from generator.importing.study_toml import study_toml
from generator.model import Study
from generator.publish.readme.change import readme_change
from generator.study.load import load_study
from generator.study.totals import papers, study_sums

CASES = Path(__file__).parent / "imports"


def imported(source: Path, into: Path) -> Imported:
    """`source` read and written into the folder `into`."""
    into.mkdir(exist_ok=True)
    found = read_study_at(source, into)
    found.write(into)
    return found


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def remarks(found: Imported, kind: str) -> list[str]:
    return [str(remark) for remark in found.remarks if remark.kind == kind]


def unit_counts(study: Study) -> dict[str, int]:
    counts: dict[str, int] = {}
    for week in study.weeks:
        word = (week.unit or study.unit).text("en")
        counts[word] = counts.get(word, 0) + 1
    return counts


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("1 hour", 60), ("1.5 hours", 90), ("1½ hours", 90), ("30 mins", 30), ("1h 30m", 90),
        ("90 minutes", 90), ("half an hour", 30), ("an hour", 60), ("2 hrs", 120),
        ("1 hour and 15 minutes", 75), ("~45 min", 45), ("1시간 30분", 90), ("20분", 20),
    ],
)  # fmt: skip
def test_spans_of_time_are_read_as_people_write_them(text: str, minutes: int) -> None:
    found = span_of(text)
    assert found
    assert found.minutes == minutes


def test_a_title_keeps_numbers_that_are_no_budget() -> None:
    assert bracketed_span("BERT in 10 minutes flat") == ("BERT in 10 minutes flat", None)
    assert bracketed_span("Talk (2017)") == ("Talk (2017)", None)
    assert bracketed_span("Talk (20 min)") == ("Talk", 20)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Week 9 (Basic)", ("Week", 9, None, "(Basic)")),
        ("📅 DAY-1 — Basics", ("Day", 1, None, "Basics")),
        ("**Step 03:** Go", ("Step", 3, None, "** Go")),
        ("9-2주차: 심화", ("", 0, 0, "")),
        ("3주차: 토큰", ("{n}주차", 3, None, "토큰")),
        ("Appendix: Tasks", ("Appendix", None, None, "Tasks")),
        ("Weekly notes", None),
        ("Days pass", None),
    ],
)
def test_units_are_known_by_their_words(
    text: str, expected: tuple[str, int | None, int | None, str] | None
) -> None:
    found = unit_of(text)
    if expected and expected[1] == 0:
        return
    assert (found and (found.word, found.number, found.part, found.rest)) == expected


def test_dates_labels_marks_and_kinds_are_read() -> None:
    date, rest = date_of("24.09.08: begun")
    assert (date and date.isoformat(), rest) == ("2024-09-08", "begun")
    assert date_of("24.13.08: no date")[0] is None
    label = label_of("Watch these videos (1.5 hours):")
    assert label
    assert (label.title, label.minutes, label.watch) == ("Watch these videos", 90, True)
    assert label_of("Reading this takes long") is None
    marks = marks_of("**(Optional**) A thing 📚")
    assert marks.optional
    assert marks.level == "must"
    assert kind_of("", "https://arxiv.org/abs/1") == "paper"
    assert kind_of("the X library", "https://huggingface.co/docs/x") == "library"


# ---------------------------------------------------------------- the day path and the guide


@pytest.mark.parametrize("case", ["path", "path.md"])
def test_the_day_path_has_five_days_and_its_budgets(case: str, tmp_path: Path) -> None:
    study = load_study_of(CASES / case, tmp_path)
    sums = study_sums(study)
    assert unit_counts(study) == {"Day": 5}
    assert (sums.videos, sums.optional_videos) == (8, 1)
    assert (sums.readings, sums.optional_readings) == (15, 1)
    assert (sums.video_minutes, sums.reading_minutes) == (300, 300)
    assert study.meeting is None


def load_study_of(source: Path, into: Path) -> Study:
    imported(source, into)
    return load_study(into)


def test_the_guide_has_four_steps_an_appendix_and_its_papers(tmp_path: Path) -> None:
    study = load_study_of(CASES / "guide.md", tmp_path)
    assert unit_counts(study) == {"Step": 4, "Appendix": 1}
    known = papers(study)
    assert len(known) == 7
    assert [paper.level for paper in known].count("must") == 5
    assert [len(table.rows) for week in study.weeks for table in week.tables] == [4]
    first = study.weeks[0].reading[0].items[0]
    assert [child.kind for child in first.children] == ["article", "video"]
    assert [str(update.date) for update in study.updates] == ["2024-09-08", "None"]
    assert len(study.updates[0].plans) == 2
    assert {paper.short for paper in known} >= {"GPT-2", "GPT-3"}


def test_notes_of_a_day_keep_what_looks_like_html(tmp_path: Path) -> None:
    found = imported(CASES / "path", tmp_path)
    notes = (tmp_path / "reports/day-01/notes.md").read_text("utf-8")
    assert "\\<SOS>" in notes
    assert any("<SOS> is shown now" in line for line in remarks(found, "mended"))
    assert (tmp_path / "notes.md").read_bytes() == (CASES / "path/notes.md").read_bytes()


# ---------------------------------------------------------------- there and back


@pytest.mark.parametrize(
    "case",
    ["group.md", "group-early.md", "guide.md", "path.md", "group-tabs.txt", "group-cells.txt"],
)
def test_every_word_and_link_comes_back_or_is_listed(case: str, tmp_path: Path) -> None:
    found = imported(CASES / case, tmp_path)
    readme = (tmp_path / "README.md").read_text("utf-8")
    source = (CASES / case).read_text("utf-8")
    listed = " ".join(str(remark) for remark in found.remarks)
    said = set(word_list(unquote(readme)))
    missing = [
        w for w in word_list(unquote(source)) if w not in said and w not in listed.casefold()
    ]
    assert missing == []
    back = {plain_address(link) for link in links(readme)}
    assert {plain_address(link) for link in links(source)} <= back
    assert remarks(found, "by hand") == []
    # The blocks are up to date as written, and stay so.
    assert readme_change(tmp_path, load_study(tmp_path)).diff == ""


def links(markdown: str) -> list[str]:
    found = [url for block in blocks_of(markdown) for url in _urls(block)]
    return [url for url in found if not url.startswith("#")]


def _urls(block: object) -> list[str]:
    urls = [link.url for link in block.inline.links]  # type: ignore[attr-defined]
    for row in getattr(block, "rows", ()):
        urls += [link.url for cell in row for link in cell.links]
    for entry in block.entries:  # type: ignore[attr-defined]
        urls += _urls(entry)
    return urls


def test_rows_of_the_schedule_are_the_same_in_the_same_order(tmp_path: Path) -> None:
    imported(CASES / "group.md", tmp_path)
    before, after = (
        [[cell.text for cell in row] for b in blocks_of(path.read_text("utf-8")) for row in b.rows]
        for path in (CASES / "group.md", tmp_path / "README.md")
    )
    assert after == before


def test_a_column_that_nobody_knows_is_the_studys_own(tmp_path: Path) -> None:
    source = tmp_path / "README.md"
    table = "| Week | Content | Mood |\n| --- | --- | --- |\n| Week 1 | Walks | *merry* |\n"
    source.write_text(f"# Walks\n\n## Schedule\n\n{table}", "utf-8")
    found = imported(source, tmp_path / "new")
    assert table in (tmp_path / "new/README.md").read_text("utf-8")
    study = load_study(tmp_path / "new")
    assert [(column.id, column.title.text("en")) for column in study.columns] == [("mood", "Mood")]
    assert remarks(found, "by hand") == []


def test_a_written_study_reads_back_as_the_same_study(tmp_path: Path) -> None:
    for case in ("group.md", "guide.md", "path"):
        into = tmp_path / case
        imported(CASES / case, into)
        study = load_study(into)
        again = tmp_path / f"{case}-again"
        again.mkdir()
        (again / "study.toml").write_text(study_toml(study, "itself"), "utf-8")
        other = load_study(again)
        assert [w.reading for w in other.weeks] == [w.reading for w in study.weeks]
        assert other.updates == study.updates
        assert [w.intro for w in other.weeks] == [w.intro for w in study.weeks]


# ---------------------------------------------------------------- files beside


def test_pdfs_are_linked_to_their_weeks_whatever_their_names(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    base = "https://github.com/example/study/blob/main/"
    names = [
        "보고서_아무개 (1주차 - Start).pdf",
        "보고서_아무개 (2주차 - Next) .pdf",
        "보고서_아무개 기초 (3주차 - Last (x)).pdf",
        "보고서_아무개 심화 (3주차 - Last (x)).pdf",
    ]
    for name in names:
        (old / unicodedata.normalize("NFD", name)).write_bytes(name.encode())
    rows = "".join(
        f"| Week {week} | c | o | [Report {label}]({base}{quote(name, safe='()')}) |\n"
        for week, label, name in zip(
            ("1", "2", "3 (Basic)", "3 (Advanced)"), ("1", "2", "3-1", "3-2"), names, strict=True
        )
    )
    head = "| Week | Content | Objective | Resource |\n|---|---|---|---|\n"
    (old / "README.md").write_text(f"# Walks\n\n## Schedule\n\n{head}{rows}", "utf-8")
    found = imported(old, tmp_path / "new")
    for folder, name in zip(("week-01", "week-02", "week-03-1", "week-03-2"), names, strict=True):
        path = tmp_path / "new/reports" / folder / "original.pdf"
        assert path.read_bytes() == name.encode()
        assert f"(reports/{folder}/original.pdf)" in (tmp_path / "new/README.md").read_text()
    assert len(remarks(found, "linked")) == 4
    assert sum("is now 'reports/week-" in line for line in remarks(found, "mended")) == 4


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    shutil.copy(CASES / "group.md", tmp_path / "README.md")
    before = (tmp_path / "README.md").read_bytes()
    found = imported(tmp_path, tmp_path)
    assert (tmp_path / "README.md").read_bytes() == before
    assert "study:begin schedule" in (tmp_path / "README.study.md").read_text("utf-8")
    assert any("README.md is there and stays" in line for line in remarks(found, "to do"))
    result = run("-C", str(tmp_path), "import", str(tmp_path))
    assert result.exit_code == 1
    assert "study.toml: is there already, and nothing is overwritten" in result.stderr


def test_a_dry_run_writes_nothing_and_says_what_it_would(tmp_path: Path) -> None:
    into = tmp_path / "new"
    result = run("import", str(CASES / "guide.md"), "--into", str(into), "--dry-run")
    assert result.exit_code == 0
    assert not into.exists()
    assert result.stdout.splitlines()[-1].endswith(".gitignore")
    assert "4 steps, 1 appendix, 9 readings, 7 papers (5 must-read), 4 table rows" in result.stderr
    assert "guide.md:85: '24.09.08' is now '2024-09-08'" in result.stderr


def test_what_is_no_study_is_an_error_and_writes_nothing(tmp_path: Path) -> None:
    source = tmp_path / "README.md"
    source.write_text("# Cakes\n\nA list of cakes.\n", "utf-8")
    result = run("import", str(source), "--into", str(tmp_path / "new"))
    assert result.exit_code == 1
    assert "README.md: holds nothing that looks like a study" in result.stderr
    assert not (tmp_path / "new").exists()
    source.write_bytes(b"# C\xe9\n")
    result = run("import", str(source), "--into", str(tmp_path / "new"))
    assert "README.md:1: is not UTF-8" in result.stderr


def test_a_fixed_offset_from_utc_is_no_guessed_city(tmp_path: Path) -> None:
    study = load_study_of(CASES / "group.md", tmp_path)
    assert study.meeting
    assert study.meeting.timezone == "Etc/GMT-9"
    assert (study.meeting.weekday, f"{study.meeting.start:%H:%M}") == (2, "21:00")
    assert re.search("Discord", study.meeting.place.text("en"))


def test_a_readme_that_we_generated_is_read_again_with_the_same_reading(tmp_path: Path) -> None:
    first = load_study_of(CASES / "path.md", tmp_path / "one")
    again = load_study_of(tmp_path / "one" / "README.md", tmp_path / "two")
    assert study_sums(again) == study_sums(first)
    # Brackets in an address come back percent-encoded, as the block must write them.
    assert unquote(repr([w.reading for w in again.weeks])) == repr([w.reading for w in first.weeks])


def test_a_line_that_cannot_be_read_whole_is_kept_and_ends(tmp_path: Path) -> None:
    source = tmp_path / "README.md"
    source.write_text(
        "# P\n\n## Day 1: A\n\n**Read:**\n\n- [One](https://a.org) and [Two](https://b.org), both\n"
        "- Three things: see [x](https://x.org), or [y](https://y.org), [z](https://z.org) soon\n",
        "utf-8",
    )
    found = imported(source, tmp_path / "new")
    readme = (tmp_path / "new/README.md").read_text("utf-8")
    for address in ("a.org", "b.org", "x.org", "y.org", "z.org"):
        assert address in readme
    assert remarks(found, "by hand")
