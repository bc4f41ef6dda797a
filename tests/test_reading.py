"""Reading as data: what study.toml may say, what it adds up to, how README and report show it."""

import re
from collections import Counter
from pathlib import Path

import pytest

from generator.errors import StudyError, problems_in
from generator.model import Study
from generator.plan.said import said
from generator.publish.readme.change import block_text
from generator.study.load import load_study
from generator.study.totals import every_item, papers, spelt_minutes, study_sums, sums_of
from generator.typeset.reading_list import reading_list

ROOT = Path(__file__).parent.parent
WEEK = """title = "Walks"
languages = ["en", "ko"]
[[week]]
number = 1
title = "Chance"
"""
READING = """
[[week.reading]]
title = { en = "Watch", ko = "볼 것" }
minutes = 60
items = [
    { kind = "video", title = "Walks", by = "Somebody", url = "https://e.org/w", minutes = 60 },
    { kind = "video", title = "More walks", minutes = 30, optional = true },
]
[[week.reading]]
items = [
    { kind = "paper", short = "W-1", title = "A *paper*", url = "https://e.org/(1)", notes = [
        "short", { text = "long", notes = ["deep"] },
    ], level = "must", minutes = 45, more = "See also", children = [
        { kind = "video", title = "A talk" },
    ] },
]
"""


def study_of(folder: Path, text: str) -> Study:
    (folder / "study.toml").write_text(text, "utf-8")
    return load_study(folder)


def told(folder: Path, text: str) -> list[str]:
    with pytest.raises((StudyError, ExceptionGroup)) as caught:
        study_of(folder, text)
    return [str(problem) for problem in problems_in(caught.value)]


def test_minutes_of_a_block_are_its_own_or_those_of_its_items(tmp_path: Path) -> None:
    study = study_of(tmp_path, WEEK + READING)
    sums = study_sums(study)
    assert (sums.videos, sums.optional_videos, sums.readings) == (2, 1, 1)
    assert (sums.video_minutes, sums.reading_minutes, sums.minutes) == (60, 45, 105)
    assert [item.title.text("en") for item in every_item(study.weeks)][-1] == "A talk"
    assert [spelt_minutes(m) for m in (5, 60, 90)] == ["5 min", "1 h", "1 h 30 min"]
    assert spelt_minutes(90, "ko") == "1시간 30분"


def test_budgets_that_do_not_add_up_are_an_error_at_their_line(tmp_path: Path) -> None:
    (problem,) = told(
        tmp_path, WEEK + READING.replace("minutes = 60\nitems", "minutes = 50\nitems")
    )
    assert problem.startswith("study.toml:9: week.reading.minutes: found 50, but the items")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ('kind = "vidoe"', "study.toml:8: week.reading.items.kind: found 'vidoe', expected"),
        ('levle = "must"', "study.toml:8: week.reading.items.levle: unknown key"),
        ("optional = 1", "study.toml:8: week.reading.items.optional: found 1, expected true or"),
        ('optional = true, level = "must"', "found true for 'x', which is a must"),
        ('url = "no way"', "found 'no way' for 'x', expected an address or a path"),
        ("notes = [7]", "study.toml:8: week.reading.items.notes: found 7, expected a text"),
    ],
)
def test_a_slip_in_an_item_is_found_at_the_item(tmp_path: Path, wrong: str, message: str) -> None:
    text = f'{WEEK}[[week.reading]]\nitems = [\n    {{ title = "x", {wrong} }},\n]\n'
    (problem,) = told(tmp_path, text)
    assert message in problem


def test_the_block_shows_titles_authors_marks_notes_and_children(tmp_path: Path) -> None:
    text = block_text(tmp_path, study_of(tmp_path, WEEK + READING), "reading")
    assert text == (
        "2 to watch (1 hour) and 1 to read (45 min); optional ones (1) are not in the times\n\n"
        "### Week 1: Chance\n\n"
        "**Watch (1 hour):**\n\n"
        "1. [Walks](https://e.org/w) by Somebody (1 hour)\n"
        "2. More walks (optional, 30 min)\n\n"
        "**45 min:**\n\n"
        "1. W-1: [A \\*paper\\*](https://e.org/%281%29) (paper, **must read**, 45 min)\n"
        "    - short\n"
        "    - long\n"
        "        - deep\n"
        "    - See also\n"
        "        - A talk (video)\n"
    )


def test_updates_tables_and_links_of_reports_are_shown(tmp_path: Path) -> None:
    study = study_of(
        tmp_path,
        WEEK
        + 'link = "https://example.org/r (1).pdf"\nname = "Paper 1"\ncode = "available"\n'
        + 'status = "done"\nprogress = "walked"\n'
        + '[[week.table]]\ncolumns = ["A", "B"]\n'
        + 'rows = [["x", { text = "y", url = "https://e.org" }]]\n'
        + '[[update]]\ndate = 2024-09-08\ntext = "begun"\nplans = ["more"]\n',
    )
    assert "[Paper 1](https://example.org/r%20%281%29.pdf)" in block_text(
        tmp_path, study, "schedule"
    )
    assert "- Week 1 (code available): Walked." in block_text(tmp_path, study, "progress")
    assert "| x | [y](https://e.org) |" in block_text(tmp_path, study, "reading")
    assert block_text(tmp_path, study, "updates") == "- 2024-09-08: begun\n    - more\n"


def test_a_report_lists_its_reading_and_its_pdf_is_known_by_it(tmp_path: Path) -> None:
    study = study_of(tmp_path, WEEK + READING)
    week = study.weeks[0]
    listed = reading_list(week, "ko")
    assert [part.title for part in listed.parts] == ["볼 것", ""]
    assert listed.parts[1].lines[0].remarks == "논문, 필독, 45분"
    without = study_of(tmp_path, WEEK)
    assert said(study, week, week.reports[0]) != said(without, without.weeks[0], week.reports[0])
    assert reading_list(without.weeks[0], "en").parts == ()


# ---------------------------------------------------------------- this study's own path


def test_this_study_has_reading_in_every_week_and_each_work_once() -> None:
    study = load_study(ROOT)
    assert all(sums_of(week.reading).minutes > 0 for week in study.weeks)
    items = list(every_item(study.weeks))
    assert max(Counter(item.url for item in items).values()) == 1
    assert max(Counter(item.title.text("en") for item in items).values()) == 1
    assert all(item.url.startswith("https://") and item.by and item.minutes for item in items)
    assert not [item.url for item in items if "paperswithcode" in item.url]


def test_the_papers_of_both_guides_are_in_it() -> None:
    study = load_study(ROOT)
    known = {paper.title.text("en").partition(":")[0] for paper in papers(study)}
    assert known >= {
        "Attention Is All You Need",
        "Improving Language Understanding by Generative Pre-Training",
        "BERT",
        "LoRA",
        "Language Models are Unsupervised Multitask Learners",
        "Language Models are Few-Shot Learners",
        "Chain-of-Thought Prompting Elicits Reasoning in Large Language Models",
        "A Survey of Large Language Models",
    }
    (table,) = [table for week in study.weeks for table in week.tables]
    assert len(table.rows) == 4
    assert all(re.match(r"https://huggingface\.co/tasks/", row[2][1]) for row in table.rows)
