"""The README's generated blocks: what they say, where they stand, and what they leave alone."""

import html
import importlib
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from generator.errors import StudyError, problems_in
from generator.model import Study
from generator.publish.readme.change import block_text, readme_change, readme_changes
from generator.publish.readme.escape import encoded_path, fragment, markdown_text, sentence
from generator.publish.readme.markers import content_sum, find_blocks, replace_blocks
from generator.store.cache import Cache
from generator.study.load import load_study

STUDIES = Path(__file__).parent / "studies"
ROOT = Path(__file__).parent.parent
KNOWN = ("schedule", "progress")
EMPTY = "# A\n\n<!-- study:begin schedule -->\n<!-- study:end schedule -->\n\nwords\n"


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A copy of the tiny study, its README's blocks still empty."""
    return Path(shutil.copytree(STUDIES / "tiny", tmp_path / "tiny"))


def updated(root: Path, *, force: bool = False) -> str:
    """The README of the study at `root` after bringing it up to date."""
    readme_change(root, load_study(root), force=force).write(root)
    return (root / "README.md").read_text("utf-8")


def told(call: Callable[[], object]) -> list[str]:
    """The problems that `call` raises, as sentences."""
    with pytest.raises((StudyError, ExceptionGroup)) as caught:
        call()
    return [str(problem) for problem in problems_in(caught.value)]


def study_of(folder: Path, text: str, *written: str) -> Study:
    """The study that `text` describes, with a report and a script in each folder of `written`."""
    (folder / "study.toml").write_text(text, "utf-8")
    for name in written:
        (folder / "reports" / name).mkdir(parents=True)
        (folder / "reports" / name / "report.md").write_text("")
        (folder / "reports" / name / "compute.py").write_text("")
    return load_study(folder)


# ---------------------------------------------------------------- markers


def test_replacing_twice_changes_nothing() -> None:
    once = replace_blocks(EMPTY, find_blocks(EMPTY, "R", KNOWN), {"schedule": "| a |\n"})
    again = replace_blocks(once, find_blocks(once, "R", KNOWN), {"schedule": "| a |\n"})
    assert again == once
    assert "\n\n| a |\n\n<!-- study:end schedule sha256=" in once


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<!-- study:begin sched -->\n<!-- study:end sched -->\n", "R:1: found the block 'sched'"),
        ("<!-- study:begin schedule -->\n", "R:1: the block 'schedule' does not end"),
        ("x\n<!-- study:end schedule -->\n", "R:2: the block 'schedule' ends, but does not begin"),
        (
            "<!-- study:begin schedule -->\n<!-- study:begin progress -->\n"
            "<!-- study:end progress -->\n<!-- study:end schedule -->\n",
            "R:1: the block 'schedule' does not end",
        ),
        (
            "<!-- study:begin schedule -->\n<!-- study:end progress -->\n",
            "R:2: found the end of 'progress' inside the block 'schedule'",
        ),
        (EMPTY + EMPTY, "R:9: the block 'schedule' begins again, already at line 3"),
        ("so <!-- study:begin schedule -->\n", "R:1: a marker stands with other text on its line"),
        ("<!-- study:start schedule -->\n", "R:1: found a marker that cannot be read"),
        ("<!-- study:begin -->\n", "R:1: found a marker that cannot be read"),
    ],
)
def test_a_wrong_marker_is_explained(text: str, problem: str) -> None:
    assert any(
        message.startswith(problem) for message in told(lambda: find_blocks(text, "R", KNOWN))
    )


@pytest.mark.parametrize(
    "code",
    [
        "```\n{}```\n",
        "~~~~ text\n```\n{}~~~~\n",
        "   ````md\n```\n{}\n`````\n",
        "    <!-- study:begin schedule -->\n",
        "Put `<!-- study:begin schedule -->` there, or ``<!-- study:end x -->``.\n",
        "```\n{}",  # a fence that never closes holds all the rest
    ],
)
def test_markers_in_code_are_text(code: str) -> None:
    text = code.replace("{}", "<!-- study:begin schedule -->\n")
    assert find_blocks(text, "R", KNOWN) == []


words = st.text(st.characters(exclude_characters="\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029<`~"))


@given(st.lists(words), st.lists(words), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_every_byte_outside_a_block_is_kept(
    above: list[str], below: list[str], ending: str, last: bool
) -> None:
    block = ["<!-- study:begin schedule -->", "<!-- study:end schedule -->"]
    text = ending.join([*above, *block, *below]) + (ending if last else "")
    after = replace_blocks(text, find_blocks(text, "R", KNOWN), {"schedule": "one\ntwo"})
    head, tail = text.split(ending.join(block))
    assert after.startswith(head + block[0] + ending)
    assert after.endswith(f" -->{tail}")
    assert after[len(head) :].count("\n") - tail.count("\n") == 5
    assert ("\r" in after) == ("\r" in text)


def test_a_file_that_ends_with_its_marker_ends_with_it_still() -> None:
    text = EMPTY.split("\n\nwords", maxsplit=1)[0]
    after = replace_blocks(text, find_blocks(text, "R", KNOWN), {"schedule": "x"})
    assert after.endswith("-->")


PADDED = [
    ("| a | b |\n| --- | --- |\n| c | d |", "| a   | b    |\n|-----|:-----|\n| c   | d    |"),
    ("- a [x](y)\n- b", "* a [x](y)\n\n* b"),
    (r"a \* b \| c &lt;d> &amp;amp; e", r"a * b | c \<d> \&amp; e"),
]


@pytest.mark.parametrize(("ours", "theirs"), PADDED)
def test_a_formatter_changes_no_sum(ours: str, theirs: str) -> None:
    assert content_sum(theirs.replace(":--", "---")) == content_sum(ours)


def test_a_changed_word_changes_the_sum() -> None:
    assert content_sum("| a | b |") != content_sum("| a | c |")
    assert content_sum("- [a](b)") != content_sum("- [a](c)")


# ---------------------------------------------------------------- the file


def test_all_blocks_are_filled_and_a_second_run_changes_nothing(tiny: Path) -> None:
    text = updated(tiny)
    assert "| Week 1 | 2025-03-21 | How long does a swing take? |" in text
    assert "Words above the blocks stay as they are." in text
    change = readme_change(tiny, load_study(tiny))
    assert (change.diff, change.write(tiny)) == ("", [])


def test_the_check_shows_the_diff_and_writes_nothing(tiny: Path) -> None:
    before = (tiny / "README.md").read_bytes()
    change = readme_change(tiny, load_study(tiny))
    assert "+| Week 2 | 2025-03-28 | What friction does |" in change.diff
    assert (tiny / "README.md").read_bytes() == before


def test_crlf_and_a_byte_order_mark_are_kept(tiny: Path) -> None:
    readme = tiny / "README.md"
    windows = readme.read_bytes().replace(b"\n", b"\r\n")
    readme.write_bytes(b"\xef\xbb\xbf" + windows)
    updated(tiny)
    content = readme.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf# Swings\r\n")
    assert content.count(b"\n") == content.count(b"\r\n")
    assert readme_change(tiny, load_study(tiny)).diff == ""


def test_a_hand_edit_is_noticed_and_not_overwritten(tiny: Path) -> None:
    edited = updated(tiny).replace("| What friction does", "| What rubbing does")
    (tiny / "README.md").write_text(edited, "utf-8")
    [problem] = told(lambda: updated(tiny))
    assert problem.startswith("README.md:12: the block 'schedule' was edited by hand: | Week 2")
    assert (tiny / "README.md").read_text("utf-8") == edited


def test_force_overwrites_a_hand_edit_and_says_what_is_lost(tiny: Path) -> None:
    text = updated(tiny)
    (tiny / "README.md").write_text(text.replace("| What friction", "| What rubbing"), "utf-8")
    change = readme_change(tiny, load_study(tiny), force=True)
    assert change.lost == (
        "README.md:12: lost: | Week 2 | 2025-03-28 | What rubbing does"
        " | Follow a damped swing until it stops | planned |\n"
    )
    change.write(tiny)
    assert (tiny / "README.md").read_text("utf-8") == text


def test_a_line_taken_out_of_a_block_is_a_hand_edit_too(tiny: Path) -> None:
    text = re.sub(r"\| Week 2 .*\n", "", updated(tiny))
    (tiny / "README.md").write_text(text, "utf-8")
    [problem] = told(lambda: updated(tiny))
    assert "a line was taken out" in problem


def test_text_between_new_markers_is_not_overwritten(tiny: Path) -> None:
    readme = tiny / "README.md"
    readme.write_text(
        readme.read_text("utf-8").replace("begin schedule -->", "begin schedule -->\nmy table")
    )
    [problem] = told(lambda: updated(tiny))
    assert problem == (
        "README.md:8: the block 'schedule' holds text that was not generated: my table"
    )


def test_a_formatted_block_that_says_the_same_is_left_as_it_is(tiny: Path) -> None:
    text = re.sub(r"\| Week 2 \|", "| Week 2   |", updated(tiny)).replace("| --- |", "|------|")
    (tiny / "README.md").write_text(text, "utf-8")
    assert readme_change(tiny, load_study(tiny)).diff == ""


def test_a_formatted_block_is_rewritten_when_its_data_change(tiny: Path) -> None:
    text = updated(tiny).replace("| --- |", "|------|")
    (tiny / "README.md").write_text(text, "utf-8")
    study = tiny / "study.toml"
    study.write_text(study.read_text().replace("What friction does", "What air does"))
    assert "| --- |" in updated(tiny)


def test_a_block_that_study_toml_asks_for_must_be_there(tiny: Path) -> None:
    (tiny / "README.md").write_text("# Swings\n")
    assert told(lambda: updated(tiny)) == [
        f"README.md: the block '{name}' is missing"
        for name in ("schedule", "resources", "progress")
    ]


def test_a_study_without_a_readme_has_nothing_to_bring_up_to_date(tiny: Path) -> None:
    (tiny / "README.md").unlink()
    change = readme_change(tiny, load_study(tiny))
    assert (change.diff, change.write(tiny)) == ("", [])


def test_a_readme_that_is_not_utf8_is_refused(tiny: Path) -> None:
    (tiny / "README.md").write_bytes(b"# Swings\n\ncaf\xe9\n")
    assert told(lambda: updated(tiny)) == ["README.md:3: is not UTF-8"]


def test_a_meeting_block_needs_a_meeting(tiny: Path) -> None:
    study = tiny / "study.toml"
    study.write_text(re.sub(r"\[meeting\][^[]*", "", study.read_text()))
    assert "README.md: has a meeting block, but study.toml has no [meeting]" in told(
        lambda: updated(tiny)
    )


def test_an_unchanged_block_is_rendered_once(tiny: Path) -> None:
    study, kept = load_study(tiny), Cache(tiny / ".study")
    first = block_text(tiny, study, "schedule", kept)
    [stored] = (tiny / ".study" / "readme").glob("*/*")
    assert block_text(tiny, study, "schedule", kept) == first
    stored.write_bytes(b"damaged")
    assert block_text(tiny, study, "schedule", kept) == first


def git(root: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    """What git answers in the study at `root`."""
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *who, *words], cwd=root, capture_output=True, check=False)


def merged(tiny: Path, ours: tuple[str, str], theirs: tuple[str, str]) -> str:
    """The README after two members changed study.toml, and git merged them with conflicts.

    ours, theirs: text of study.toml and what it becomes on each branch; study.toml itself is
    merged by hand, to hold both.
    """
    updated(tiny)
    toml = tiny / "study.toml"
    start = toml.read_text("utf-8")
    git(tiny, "init", "-q", "-b", "main")
    git(tiny, "add", "-A")
    git(tiny, "commit", "-qm", "start")
    git(tiny, "switch", "-qc", "other")
    toml.write_text(start.replace(*theirs), "utf-8")
    updated(tiny)
    git(tiny, "commit", "-qam", "theirs")
    git(tiny, "switch", "-q", "main")
    toml.write_text(start.replace(*ours), "utf-8")
    updated(tiny)
    git(tiny, "commit", "-qam", "ours")
    assert git(tiny, "merge", "other").returncode
    toml.write_text(start.replace(*ours).replace(*theirs), "utf-8")
    return (tiny / "README.md").read_text("utf-8")


BOTH = (
    ("What friction does", "What air does"),
    ("How long does a swing take?", "The period of a swing"),
)


def test_a_merge_conflict_inside_blocks_is_repaired(tiny: Path) -> None:
    conflict = merged(tiny, *BOTH)
    assert "<<<<<<< HEAD" in conflict
    text = updated(tiny)
    assert "<<<<<<<" not in text
    assert "| Week 1 | 2025-03-21 | The period of a swing |" in text
    assert "| Week 2 | 2025-03-28 | What air does |" in text
    assert readme_change(tiny, load_study(tiny)).diff == ""


def test_a_conflict_among_the_readmes_own_words_stays(tiny: Path) -> None:
    conflict = merged(tiny, *BOTH)
    own = "<<<<<<< HEAD\nmine\n=======\nyours\n>>>>>>> other\n"
    (tiny / "README.md").write_text(own + conflict, "utf-8")
    text = updated(tiny)
    assert text.startswith(own + "# Swings")
    assert text.count("<<<<<<<") == 1


def test_a_conflict_with_a_hand_edit_on_one_side_is_left_to_its_author(tiny: Path) -> None:
    conflict = merged(tiny, *BOTH).replace("What air does", "What wind does")
    (tiny / "README.md").write_text(conflict, "utf-8")
    [problem] = told(lambda: updated(tiny))
    assert "a merge conflict in the block 'schedule', which one side edited by hand" in problem


def test_a_conflict_that_reaches_out_of_a_block_is_left_to_its_author(tiny: Path) -> None:
    text = updated(tiny)
    end = next(line for line in text.splitlines() if line.startswith("<!-- study:end schedule"))
    other = end.replace("sha256=", "sha256=0")
    hunk = f"<<<<<<< HEAD\n{end}\nmine\n=======\n{other}\nyours\n>>>>>>> other\n"
    (tiny / "README.md").write_text(text.replace(end + "\n", hunk), "utf-8")
    [problem] = told(lambda: updated(tiny))
    assert "README.md:14: a merge conflict holds a block and words around it" in problem


def test_an_up_to_date_readme_does_not_pay_for_jinja(tiny: Path) -> None:
    updated(tiny)
    code = (
        "import sys; from pathlib import Path\n"
        "from generator.publish.readme.change import readme_change\n"
        "from generator.study.load import load_study\n"
        "root = Path(sys.argv[1]); assert not readme_change(root, load_study(root)).diff\n"
        "assert not {'jinja2', 'difflib', 'weasyprint'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(tiny)], cwd=ROOT, check=True)


# ---------------------------------------------------------------- templates


def test_a_group_restyles_a_block_with_its_own_template(tiny: Path) -> None:
    folder = tiny / "templates" / "readme"
    folder.mkdir(parents=True)
    (folder / "progress.md.j2").write_text(
        "{% for line in progress %}\n1. {{ line.sentence }}\n{% endfor %}\n"
    )
    assert "\n\n1. Computed the exact period" in updated(tiny)


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("a\n{{ words.x", "templates/readme/progress.md.j2:2: is not a template: "),
        ("a\nb\n{{ progess }}\n", "progress.md.j2:3: the template fails: 'progess' is undefined"),
        (
            "{% for x in progress %}\n{{ x.y }}\n{% endfor %}",
            "progress.md.j2:2: the template fails",
        ),
        (
            "{% macro f() %}{{ f() }}{% endmacro %}\n{{ f() }}",
            "progress.md.j2:1: the template fails: it calls itself without end",
        ),
        ("a\n{{ 'x' * 10**9 }}", "progress.md.j2:2: the template fails: * is for small numbers"),
        ("{{ ('x' * 999) * 9999 }}", "progress.md.j2:1: the template fails: * is for short texts"),
        ("{% for x in range(10**9) %}{% endfor %}", "progress.md.j2:1: the template fails"),
    ],
)
def test_a_broken_template_is_explained_at_its_line(
    tiny: Path, template: str, problem: str
) -> None:
    folder = tiny / "templates" / "readme"
    folder.mkdir(parents=True)
    (folder / "progress.md.j2").write_text(template)
    [message] = told(lambda: updated(tiny))
    assert problem in message


# ---------------------------------------------------------------- words and links

HARD = (
    r"Brackets [x](y), | pipes, *stars*, <SOS> & &amp; a_b _c_ __d__ `code` $5 to $6 ~~a~~ \ # 1."
)


def python_markdown(text: str) -> str:
    """`text` as Python-Markdown reads it (it brings no types)."""
    module = importlib.import_module("markdown")
    return str(module.markdown(text, extensions=["tables", "sane_lists"]))


def commonmark(text: str) -> str:
    """`text` as CommonMark with GitHub's tables reads it."""
    return str(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))


@pytest.mark.parametrize("reader", [python_markdown, commonmark])
@pytest.mark.parametrize(
    "words", [HARD, "**a** __b__ ***c***", "<b>&lt;</b>", "a\\_b \\| c", "`|`"]
)
def test_words_show_as_they_are_in_a_cell_and_in_a_list(
    reader: Callable[[str], str], words: str
) -> None:
    cell = re.search("<td>(.*)</td>", reader(f"| A |\n| --- |\n| {markdown_text(words)} |\n"))
    assert cell
    assert html.unescape(cell.group(1)) == words
    item = re.search("<li>(.*)</li>", reader(f"- A: {markdown_text(words)}\n"))
    assert item
    assert html.unescape(item.group(1)) == f"A: {words}"


def test_brackets_and_hangul_are_encoded_in_links() -> None:
    assert encoded_path("reports/a (b) [c].pdf") == "reports/a%20%28b%29%20%5Bc%5D.pdf"
    assert encoded_path("가.pdf", "https://host/x/") == "https://host/x/%EA%B0%80.pdf"


def test_the_first_word_gets_a_capital_unless_it_is_a_name_of_its_own() -> None:
    texts = ["measure it", "pH rises", "k-means by hand", "가나다", "d_k is 4"]
    assert [fragment(text) for text in texts] == ["Measure it", *texts[1:]]


def test_sentences_end_with_one_full_stop_and_fragments_with_none() -> None:
    assert [sentence(text) for text in ("A", "A.", "A?", "")] == ["A.", "A.", "A?", ""]
    assert [fragment(text) for text in ("A.", "A", "A. B.", "A...")] == ["A", "A", "A. B.", "A..."]


# ---------------------------------------------------------------- the original's irregularities

ORIGINAL = """
title = "A study of language models"
languages = ["en", "ko"]

[publishing]
pdf_name = "보고서 ({week}주차 - {title}{label}).pdf"

[[week]]
number = 2
title = "Comparison of models (GPT, Claude, …)"
objective = "Compare several models."
resource = { en = "A problem solved by two models.", ko = "풀이 비교" }
progress = "Compared two models on one problem"
topic = "Model comparison"
status = "done"

[[week]]
number = 5
title = "Embeddings"
objective = "Understand embeddings"
resource = "Cosine similarity of three words"
progress = "Computed similarities. Drew them."
topic = "Cosine similarity"
status = "done"

[[week]]
number = 9
title = "Feed-forward network"
progress = "Studied the layer on paper, then by experiment."
topic = "FFN"
status = "done"

[[week.report]]
label = "Basic"
objective = "Understand the layer"
resource = "The basics."

[[week.report]]
label = "Advanced (심화)"
title = { en = "Feed-forward [advanced]", ko = "피드포워드 (심화)" }
objective = "Experiment with the layer"
resource = "An experiment"

[[week]]
number = 12
title = "Epilogue"
objective = "Look back"
progress = "Looked back at the whole"
topic = "BERT"
topic_label = "Next Topic"
status = "done"
report = []

[[week]]
number = 13
title = "Not yet"
objective = "To be seen"
"""


@pytest.fixture
def original(tmp_path: Path) -> Path:
    """A study with every irregularity that the group's README had."""
    study_of(tmp_path, ORIGINAL, "week-02", "week-05", "week-09-1", "week-09-2")
    (tmp_path / "reports" / "week-02" / "report.ko.md").write_text("")
    (tmp_path / "reports" / "week-02" / "compute.py").unlink()
    study = load_study(tmp_path)
    from generator.plan.staleness import pdf_path

    for week, report in study.reports():
        for language in report.languages():
            (tmp_path / pdf_path(study, week, report, language)).write_bytes(b"%PDF-")
    blocks = "".join(
        f"\n<!-- study:begin {name} -->\n<!-- study:end {name} -->\n"
        for name in study.readme.blocks
    )
    (tmp_path / "README.md").write_text("# A study\n" + blocks)
    updated(tmp_path)
    return tmp_path


def test_week_nine_has_two_rows_two_resources_and_one_line_of_progress(original: Path) -> None:
    text = (original / "README.md").read_text("utf-8")
    assert "| Week 9 (Basic) | Feed-forward network | Understand the layer | [Report 9-1](" in text
    assert "| Week 9 (Advanced (심화)) | Feed-forward \\[advanced\\] |" in text
    assert len(re.findall(r"^- \[Report 9-\d\]", text, re.MULTILINE)) == 2
    assert len(re.findall(r"^- Week 9 ", text, re.MULTILINE)) == 1


def test_week_twelve_has_a_row_no_resource_and_a_next_topic(original: Path) -> None:
    text = (original / "README.md").read_text("utf-8")
    assert "| Week 12 | Epilogue | Look back | No Resource |" in text
    assert "- Week 12: Looked back at the whole. (Next Topic: BERT)" in text


def test_planned_and_done_come_from_data(original: Path) -> None:
    text = (original / "README.md").read_text("utf-8")
    assert "| Week 13 | Not yet | To be seen | planned |" in text
    assert "- Week 13" not in text


def test_code_available_follows_the_files(original: Path) -> None:
    text = (original / "README.md").read_text("utf-8")
    assert "- Week 5 ([code available](reports/week-05/compute.py)): Computed" in text
    assert "- Week 2: Compared" in text
    assert (
        "- Week 9 (code available: [Report 9-1](reports/week-09-1/compute.py),"
        " [Report 9-2](reports/week-09-2/compute.py)): Studied" in text
    )


def test_one_row_leads_to_both_languages(original: Path) -> None:
    text = (original / "README.md").read_text("utf-8")
    row = next(line for line in text.splitlines() if line.startswith("| Week 2 "))
    assert re.findall(r"\[([^]]*)\]\(", row) == ["Report 2", "한국어"]


def test_full_stops_are_the_same_everywhere(original: Path) -> None:
    lines = (original / "README.md").read_text("utf-8").splitlines()
    resources = [line for line in lines if line.startswith("- [")]
    progress = [line for line in lines if line.startswith("- Week")]
    assert all(not re.sub(r" \(\[.*", "", line).endswith(".") for line in resources)
    assert all(re.search(r"\. \((Next )?Topic: ", line) for line in progress)


def test_every_link_resolves_and_is_composed(original: Path) -> None:
    text = (original / "README.md").read_text("utf-8")
    targets = re.findall(r"\]\(([^)]*)\)", text)
    assert len(targets) == 16
    for target in targets:
        path = unquote(target)
        assert (original / path).is_file(), path
        assert unicodedata.is_normalized("NFC", path)
        assert not re.search(r"[ ()\[\]]", target)


def test_no_line_ends_in_a_space_and_every_heading_and_block_stands_free(original: Path) -> None:
    text = (original / "README.md").read_text("utf-8")
    assert not re.search(r"[ \t]$", text, re.MULTILINE)
    table_then_marker = re.search(r"\|\n\n<!-- study:end schedule", text)
    assert table_then_marker


@pytest.mark.parametrize("reader", [python_markdown, commonmark])
def test_every_reader_keeps_the_heading_after_the_table(
    original: Path, reader: Callable[[str], str]
) -> None:
    readme = original / "README.md"
    text = readme.read_text("utf-8")
    # The original had no blank line there, and lost its heading.
    text = re.sub(r"(<!-- study:end schedule .*-->)\n+", r"\1\n## Resource List\n", text)
    shown = reader(text)
    assert "<h2>Resource List</h2>" in shown
    assert shown.count("<tr>") == 7


def test_links_are_absolute_with_a_base_address(original: Path) -> None:
    study = original / "study.toml"
    base = 'base_url = "https://host/group/blob/main"\n'
    study.write_text(study.read_text("utf-8").replace("[publishing]\n", f"[publishing]\n{base}"))
    text = updated(original)
    assert "(https://host/group/blob/main/reports/week-05/compute.py)" in text
    assert "](reports/" not in text


def test_a_readme_in_a_folder_links_from_there(tiny: Path) -> None:
    (tiny / "docs").mkdir()
    (tiny / "README.md").rename(tiny / "docs" / "index.md")
    study = tiny / "study.toml"
    study.write_text(study.read_text() + '\n[readme]\nfile = "docs/index.md"\n')
    readme_change(tiny, load_study(tiny)).write(tiny)
    assert "](../reports/week-01/week-01.pdf)" in (tiny / "docs" / "index.md").read_text("utf-8")


def test_columns_and_words_are_the_studys(tiny: Path) -> None:
    study = tiny / "study.toml"
    study.write_text(
        study.read_text()
        + '\n[readme.columns]\nschedule = ["date", "week", "resource", "code", "status"]\n'
        + '[readme.words]\nresource = "Hand-out"\nreport = "Sheet"\nplanned = "to come"\n'
    )
    text = updated(tiny)
    assert "| Date | Week | Hand-out | Code | Status |\n" in text
    assert "| 2025-03-21 | Week 1 | [Sheet 1](reports/week-01/week-01.pdf) | [Code](" in text
    assert "| 2025-03-28 | Week 2 | to come |  | next |" in text


def test_a_korean_study_speaks_korean(tmp_path: Path) -> None:
    root = Path(shutil.copytree(STUDIES / "dice-ko", tmp_path / "dice"))
    text = updated(root)
    assert "| 일차 | 내용 | 상태 | 자료 |" in text
    assert "| 1일차 | 주사위 두 개의 합 | 완료 | [보고서 1](reports/day-01/day-01.pdf) |" in text
    assert "| 부록 | 나눠 줄 카드 | 예정 | 자료 없음 |" in text


# ---------------------------------------------------------------- who, where, before and after

EARLIER = """
title = "S"
languages = ["en", "ko"]
[[column]]
id = "quiz"
title = { en = "Quiz", ko = "퀴즈" }
[[week]]
number = 1
title = "A"
date = 2025-03-05
status = "done"
presenter = ["김하나", "O|Neil"]
slides = ["reports/week 1/s.pdf", { title = "Source", url = "https://e.org/s(1)" }]
recording = "https://e.org/r"
discussion = { en = ["Why?", "What if `a|b`?"], ko = ["왜?", "`a|b`라면?"] }
[[week]]
number = 2
title = "B"
date = 2025-03-13
moved_from = 2025-03-12
place = "room *7*"
columns = { quiz = "[Form](https://e.org/q?a=1|2)" }
[[week]]
number = 3
title = "C"
date = 2025-03-19
cancelled = true
homework = '''
- read
- solve
'''
"""


def schedule_of(text: str, root: Path) -> list[str]:
    (root / "study.toml").write_text(text, "utf-8")
    return block_text(root, load_study(root), "schedule").splitlines()


def test_columns_of_the_meeting_appear_once_a_week_has_something_for_them(tmp_path: Path) -> None:
    rows = schedule_of(EARLIER, tmp_path)
    assert rows[0] == (
        "| Week | Date | Content | Objective | Presenter | Place | Resource | Slides | Recording"
        " | Discussion | Homework | Quiz |"
    )
    assert rows[2] == (
        "| Week 1 | 2025-03-05 | A |  | 김하나, O\\|Neil |  | planned |"
        " [Slides](reports/week%201/s.pdf), [Source](https://e.org/s%281%29) |"
        " [Recording](https://e.org/r) | • Why?<br>• What if `a\\|b`? |  |  |"
    )
    assert rows[3] == (
        "| Week 2 | 2025-03-13 (moved from 2025-03-12) | B |  |  | room \\*7\\* | planned |  |  |"
        "  |  | [Form](https://e.org/q?a=1\\|2) |"
    )
    assert rows[4] == (
        "| Week 3 | 2025-03-19 (cancelled) | C |  |  |  | planned |  |  |  | • read<br>• solve |  |"
    )


def test_the_studys_order_of_columns_is_kept_and_empty_ones_wait(tmp_path: Path) -> None:
    order = '[readme]\nlanguage = "ko"\n[readme.columns]\n'
    order += 'schedule = ["quiz", "week", "notes", "status"]\n'
    rows = schedule_of(EARLIER + order, tmp_path)
    assert rows[0] == "| 퀴즈 | 주차 | 상태 |"
    assert [row.split(" | ")[-1] for row in rows[2:]] == ["완료 |", "다음 |", "취소 |"]


def test_a_study_without_any_of_it_has_the_four_columns(tmp_path: Path) -> None:
    rows = schedule_of('title = "S"\n[[week]]\nnumber = 1\ntitle = "A"\n', tmp_path)
    assert rows[0] == "| Week | Content | Objective | Resource |"


@pytest.mark.parametrize(
    ("weeks", "status"),
    [
        ("1 2 3", "next planned planned"),
        ("1d 2 3", "done next planned"),
        ("1 2d 3", "late done next"),
        ("1d 2x 3", "done cancelled next"),
        ("1x 2d 3d", "cancelled done done"),
        # Week 2 was moved behind week 3.
        ("1d:2025-03-05 2:2025-03-20 3d:2025-03-19", "done next done"),
        ("1:2025-03-05 2d:2025-03-12 3:2025-03-26 4:2025-03-19", "late done planned next"),
    ],
)  # fmt: skip
def test_next_and_late_follow_from_what_is_done(weeks: str, status: str, tmp_path: Path) -> None:
    tables = []
    for word in weeks.split():
        name, _, day = word.partition(":")
        more = f"date = {day}\n" if day else ""
        more += 'status = "done"\n' if "d" in name else ""
        more += "cancelled = true\n" if "x" in name else ""
        tables.append(f'[[week]]\nnumber = {name[0]}\ntitle = "A"\n{more}')
    order = '[readme.columns]\nschedule = ["status"]\n'
    rows = schedule_of('title = "S"\n' + "".join(tables) + order, tmp_path)
    assert " ".join(row.strip("| ") for row in rows[2:]) == status


def test_the_meeting_block_tells_the_next_one_and_days_without(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(
        'title = "S"\n[meeting]\nweekday = "Wednesday"\nstart = "19:00"\nend = "20:00"\n'
        'timezone = "UTC"\nfirst = 2025-03-05\n'
        'skip = [{ day = 2025-03-12, why = "a holiday" }, 2025-03-26]\n'
        '[[week]]\nnumber = 1\ntitle = "A"\nstatus = "done"\n'
        '[[week]]\nnumber = 2\ntitle = "B"\npresenter = "Kim"\ndate = 2025-03-20\n'
        '[[week]]\nnumber = 3\ntitle = "C"\n',
        "utf-8",
    )
    text = block_text(tmp_path, load_study(tmp_path), "meeting")
    assert "- Next meeting: 2025-03-20 (moved from 2025-03-19), Week 2: B (Kim)\n" in text
    assert "- Dates: 2025-03-05, 2025-03-20, 2025-04-02\n" in text
    assert "- No meeting: 2025-03-12 (a holiday), 2025-03-26\n" in text


# ---------------------------------------------------------------- the meeting

MEETING = """
title = "S"
[readme]
blocks = ["meeting"]
[meeting]
weekday = "{weekday}"
start = "{start}"
end = "{end}"
timezone = "{zone}"
place = "online"
[[week]]
number = 1
title = "One"
"""


def times(folder: Path, weekday: str, start: str, end: str, zone: str) -> str:
    text = MEETING.format(weekday=weekday, start=start, end=end, zone=zone)
    lines = block_text(folder, study_of(folder, text), "meeting").splitlines()
    return next(line for line in lines if line.startswith("- Time"))


def test_the_meeting_is_told_in_the_groups_time_and_in_utc(tmp_path: Path) -> None:
    assert times(tmp_path, "Wednesday", "21:00", "22:00", "Asia/Seoul") == (
        "- Time: every Wednesday, 21:00–22:00 (Asia/Seoul, UTC+09:00), 12:00–13:00 UTC"
    )


def test_a_meeting_that_is_on_another_day_in_utc_says_so(tmp_path: Path) -> None:
    assert times(tmp_path, "Monday", "08:00", "09:00", "Asia/Seoul").endswith(
        "23:00–00:00 UTC (Sunday)"
    )


def test_summer_time_gives_two_times_whatever_the_day_is(tmp_path: Path) -> None:
    line = times(tmp_path, "Friday", "18:30", "19:30", "Europe/Paris")
    assert "UTC+01:00), 17:30–18:30 UTC or 18:30–19:30 (Europe/Paris, UTC+02:00), 16:30" in line


def test_an_unknown_time_zone_is_said(tmp_path: Path) -> None:
    [problem] = told(lambda: times(tmp_path, "Friday", "18:30", "19:30", "Europe/Seoul"))
    assert "meeting.timezone: found 'Europe/Seoul', expected the IANA name" in problem


def test_the_study_itself_is_rendered_with_all_its_rows() -> None:
    text = block_text(ROOT, load_study(ROOT), "schedule")
    assert len(text.splitlines()) == 2 + 14
    assert "| Week 9 (Basic) |" in text
    assert "| Week 9 (Advanced) |" in text


def test_a_marker_in_other_letters_is_one_that_cannot_be_read() -> None:
    text = "<!-- Study:Begin schedule -->\n<!-- study : end schedule -->\n"
    assert told(lambda: find_blocks(text, "R", KNOWN)) == [
        "R:1: found a marker that cannot be read",
        "R:2: found a marker that cannot be read",
    ]


def test_a_block_that_would_hold_a_marker_is_not_written(tiny: Path) -> None:
    before = (tiny / "README.md").read_bytes()
    (tiny / "templates/readme").mkdir(parents=True)
    (tiny / "templates/readme/schedule.md.j2").write_text("x\n<!-- study:end schedule -->\n")
    [problem] = told(lambda: updated(tiny))
    assert problem.startswith(
        "templates/readme/schedule.md.j2: the block 'schedule' would hold a marker"
    )
    assert (tiny / "README.md").read_bytes() == before


@pytest.mark.parametrize(
    ("unit", "head"), [("Step", "Step"), ("{n}일차", "일차"), ("Week", "Week"), ("{n}", "Week")]
)
def test_the_column_of_units_is_headed_by_their_name(unit: str, head: str, tmp_path: Path) -> None:
    study = study_of(tmp_path, f'title = "W"\nunit = "{unit}"\n[[week]]\nnumber = 1\ntitle = "A"\n')
    assert block_text(tmp_path, study, "schedule").startswith(f"| {head} | Content |")


# ---------------------------------------------------------------- other languages

TWO_LANGUAGES = """
title = { en = "Plants", ko = "식물" }
description = "What grows"
languages = ["en", "ko"]
unit = { en = "Week", ko = "{n}주차" }
[[week]]
number = 1
title = { en = "Soil", ko = "흙" }
objective = { en = "See what soil is", ko = "흙이 무엇인지 본다" }
[[week]]
title = { en = "Garden", ko = "뜰" }
unit = { en = "Project", ko = "프로젝트" }
objective = { en = "Plant one", ko = "하나 심는다" }
[[week.report]]
id = "garden"
"""
BLOCKS = "".join(
    f"<!-- study:begin {name} -->\n<!-- study:end {name} -->\n\n"
    for name in ("schedule", "resources", "progress")
)


def test_a_readme_in_another_language_has_blocks_of_its_own(tmp_path: Path) -> None:
    study = study_of(tmp_path, TWO_LANGUAGES, "week-01", "garden")
    for language in ("", ".ko"):
        (tmp_path / f"README{language}.md").write_text(f"# Plants\n\n{BLOCKS}", "utf-8")
        (tmp_path / "reports" / "week-01" / f"report{language}.md").write_text("", "utf-8")
    study = load_study(tmp_path)
    written = [p for change in readme_changes(tmp_path, study) for p in change.write(tmp_path)]
    assert written == ["README.md", "README.ko.md"]
    english = (tmp_path / "README.md").read_text("utf-8")
    korean = (tmp_path / "README.ko.md").read_text("utf-8")
    pdf = "reports/week-01/week-01"
    assert (
        f"| Week 1 | Soil | See what soil is | [Report 1]({pdf}.pdf), [한국어]({pdf}.ko.pdf) |"
        in (english)
    )
    assert (
        f"| 1주차 | 흙 | 흙이 무엇인지 본다 | [보고서 1]({pdf}.ko.pdf), [English]({pdf}.pdf) |"
        in (korean)
    )
    assert "[Report garden](" in english
    assert "[프로젝트 보고서](" in korean
    assert not [p for change in readme_changes(tmp_path, study) for p in change.write(tmp_path)]


def test_mistakes_in_every_readme_are_told_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    study = study_of(tmp_path, TWO_LANGUAGES, "week-01", "garden")
    (tmp_path / "README.md").write_text("<!-- study:begin schedule -->\n", "utf-8")
    (tmp_path / "README.ko.md").write_text("# Plants\n", "utf-8")
    problems = told(lambda: readme_changes(tmp_path, study))
    assert {problem.partition(":")[0] for problem in problems} == {"README.md", "README.ko.md"}


def test_a_readme_in_another_language_is_not_made(tmp_path: Path) -> None:
    study = study_of(tmp_path, TWO_LANGUAGES, "week-01", "garden")
    (tmp_path / "README.md").write_text(BLOCKS, "utf-8")
    assert [change.path for change in readme_changes(tmp_path, study)] == ["README.md"]
