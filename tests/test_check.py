"""`study check`: what it finds, where, and that a sound study has nothing to be found."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner

from generator.check.finding import Finding, for_ci, for_machines, for_people
from generator.check.folder import check_folder
from generator.check.links import read_page, slug
from generator.check.network import network_findings
from generator.check.repository import name_findings, study_files
from generator.check.texts import read_report_text
from generator.check.translations import translation_findings
from generator.cli import main
from generator.errors import Where
from generator.publish.schedule import day_of
from tests.check_samples import KOREAN, REPORT, SCRIPT, built, fresh_study

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh study, not to be changed."""
    return fresh_study(tmp_path_factory.mktemp("sound"))


@pytest.fixture
def study(sound: Path, tmp_path: Path) -> Path:
    """A copy of the fresh study, to plant faults in."""
    return Path(shutil.copytree(sound, tmp_path / "study", symlinks=True))


def change(path: Path, old: str, new: str) -> int:
    """Replace the first `old` in the file at `path` by `new`; the line where it stood."""
    text = path.read_text("utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), "utf-8")
    return text.count("\n", 0, text.index(old)) + 1


def add(path: Path, text: str) -> int:
    """Add a line at the end of the file at `path`; its number."""
    before = path.read_text("utf-8") if path.exists() else ""
    before += "" if before.endswith("\n") or not before else "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{before}{text}\n", "utf-8")
    return before.count("\n") + 1


def told(findings: list[Finding]) -> list[str]:
    """Findings as `rule: place: message`."""
    return [f"{finding.rule}: {finding.where}: {finding.message}" for finding in findings]


def test_nothing_is_found_in_a_sound_study(sound: Path) -> None:
    assert told(check_folder(sound)) == []


def test_a_second_look_takes_well_under_a_second(sound: Path) -> None:
    check_folder(sound)
    start = time.process_time()
    check_folder(sound)
    assert time.process_time() - start < 1.0


def test_checking_changes_no_file(study: Path) -> None:
    add(study / "README.md", "A [link](nowhere.md).")
    before = {path: (study / path).read_bytes() for path in study_files(study)}
    check_folder(study)
    assert {path: (study / path).read_bytes() for path in study_files(study)} == before


# ---------------------------------------------------------------- twenty faults, one by one

Fault = Callable[[Path], str]
HOOK = "discord.com/api/" + "webhooks/123456789012345678/" + "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6"


def stale_script(root: Path) -> str:
    change(root / SCRIPT, "150]", "151]")
    return f"stale: {SCRIPT}: its figures and values are out of date: {SCRIPT} changed"


def stale_text(root: Path) -> str:
    add(root / REPORT, "One more sentence.")
    return f"stale: {REPORT}: its PDF is out of date: {REPORT} changed"


def edited_figure(root: Path) -> str:
    add(root / "figures/week-01/period.svg", "<!-- by hand -->")
    return "stale: figures/week-01/period.svg: is not the file that was computed"


def damaged_record(root: Path) -> str:
    (root / "figures/week-01/record.json").write_text('{"inputs": {')
    return "stale: figures/week-01/record.json: is damaged"


def missing_pdf(root: Path) -> str:
    (root / "reports/week-01/week-01.pdf").unlink()
    return f"stale: {REPORT}: its PDF is out of date: reports/week-01/week-01.pdf is missing"


def renamed_week(root: Path) -> str:
    change(root / "study.toml", "How long does a swing take?", "The period of a swing")
    return f"stale: {REPORT}: its PDF is out of date: what study.toml says about it changed"


def stale_readme(root: Path) -> str:
    change(root / "study.toml", "What friction does", "What air does")
    line = (root / "README.md").read_text("utf-8").split("| Week 2")[0].count("\n") + 1
    return f"readme: README.md:{line}: its blocks are out of date"


def edited_readme(root: Path) -> str:
    line = change(root / "README.md", "What friction does", "What rubbing does")
    return f"readme: README.md:{line}: the block 'schedule' was edited by hand"


def unclosed_marker(root: Path) -> str:
    text = (root / "README.md").read_text("utf-8")
    (root / "README.md").write_text(re.sub(r"<!-- study:end meeting .*\n", "", text), "utf-8")
    line = text.split("<!-- study:begin meeting")[0].count("\n") + 1
    return f"readme: README.md:{line}: the block 'meeting' does not end"


def broken_link(root: Path) -> str:
    line = add(root / "README.md", "See [the code](reports/week-01/computer.py).")
    return f"links: README.md:{line}: the link reports/week-01/computer.py leads to no file"


def broken_anchor(root: Path) -> str:
    line = add(root / "README.md", "See [above](#shedule).")
    return f"links: README.md:{line}: README.md has no heading for #shedule"


def ignored_link(root: Path) -> str:
    line = add(root / "README.md", "See [the cache](.study/cache).")
    return f"links: README.md:{line}: the link .study/cache leads to no file"


def doubled_key(root: Path) -> str:
    line = add(root / "reports/references.bib", "@book{Kidd2002,\n  title = {Again},\n}")
    return (
        f"bibliography: reports/references.bib:{line}: the key 'Kidd2002' is there twice,"
        " as 'kidd2002' at line 1"
    )


def unused_key(root: Path) -> str:
    line = add(root / "reports/references.bib", "@book{huygens1673,\n  title = {Horologium},\n}")
    return f"bibliography: reports/references.bib:{line}: the key 'huygens1673' is cited in no"


def typed_number_in_readme(root: Path) -> str:
    line = add(root / "README.md", "The period grows by 18.03 %.")
    return f"numbers: README.md:{line}: the number 18.03 % is typed"


def typed_number_in_study(root: Path) -> str:
    line = change(root / "study.toml", "What friction does", "How 0.2 of friction stops it")
    return f"numbers: study.toml:{line}: the number 0.2 is typed"


def typed_number_in_report(root: Path) -> str:
    line = add(root / REPORT, "\nThat is 1.18 times as long.") + 1
    return f"text: {REPORT}:{line}: the number 1.18 is typed"


def unused_value(root: Path) -> str:
    line = change(root / SCRIPT, '"excess_10"', '"excess_15"')
    change(root / "figures/week-01/results.json", '"excess_10"', '"excess_15"')
    return f"unused: {SCRIPT}:{line}: the value 'excess_15' is used in no text of week-01"


def unused_figure(root: Path) -> str:
    for path in (REPORT, KOREAN):
        change(root / path, "(figure:period)", "(images/own.png)")
    line = next(
        number
        for number, text in enumerate((root / SCRIPT).read_text().splitlines(), 1)
        if "run.figure(" in text
    )
    return f"unused: {SCRIPT}:{line}: the figure 'period' is used in no text of week-01"


def repeated_caption(root: Path) -> str:
    text = (root / REPORT).read_text("utf-8")
    caption = "The period grows with the amplitude, faster than the first correction says."
    changed = re.sub('fig-alt="[^"]*"', f'fig-alt="{caption.rstrip(".")}"', text)
    (root / REPORT).write_text(changed, "utf-8")
    line = text.split("![")[0].count("\n") + 1
    return f"alternatives: {REPORT}:{line}: the alternative text of figure:period repeats its"


def image_of(root: Path) -> str:
    line = change(root / REPORT, 'fig-alt="Two curves', 'fig-alt="An image of two curves')
    return f"alternatives: {REPORT}:{line}: the alternative text of figure:period says that it is"


def korean_image_of(root: Path) -> str:
    text = (root / KOREAN).read_text("utf-8")
    text = re.sub('fig-alt="[^"]*"', 'fig-alt="두 곡선을 그린 그림입니다."', text)
    (root / KOREAN).write_text(text, "utf-8")
    return f"alternatives: {KOREAN}:{text.split('![')[0].count(chr(10)) + 1}: the alternative text"


def translated_without_a_heading(root: Path) -> str:
    line = change(root / KOREAN, "## Where the first correction stops", "### 어디까지 맞는가")
    return f"translations: {KOREAN}:{line}: found a heading ###, where report.md has ## in line"


def translated_without_a_value(root: Path) -> str:
    change(root / KOREAN, "{{ value.excess_10 }}", "아주 작은 값")
    return f"translations: {KOREAN}: lacks {{{{ value.excess_10 }}}}, which report.md has in line"


def translated_with_another_formula(root: Path) -> str:
    line = change(root / KOREAN, r"\cos(\theta/2))}", r"\cos(\theta/3))}") - 1
    return f"translations: {KOREAN}:{line}: its formulas differ from those of report.md"


def untranslated_title(root: Path) -> str:
    line = change(root / "study.toml", ', ko = "흔들림은 얼마나 걸릴까?"', "") - 2
    return f"translations: study.toml:{line}: week-01 is written in 'ko', but its title is not"


def webhook(root: Path) -> str:
    line = add(root / "notes/todo.txt", f"https://{HOOK}")
    return f"secrets: notes/todo.txt:{line}: holds what looks like a Discord webhook's address"


def key(root: Path) -> str:
    add(root / "notes/key.pem", "-----BEGIN RSA " + "PRIVATE KEY-----")
    return "secrets: notes/key.pem:1: holds what looks like a private key"


def decomposed_name(root: Path) -> str:
    add(root / "notes/\u1112\u1161\u11ab.txt", "x")
    return "names: notes/\u1112\u1161\u11ab.txt: its name is not in the composed form (NFC)"


def names_alike(root: Path) -> str:
    add(root / "notes/Plan.txt", "x")
    add(root / "notes/plan.txt", "x")
    return "names: notes/plan.txt: differs from notes/Plan.txt only in case"


def spaced_name(root: Path) -> str:
    add(root / "notes/week 7 .pdf", "x")
    return "names: notes/week 7 .pdf: its name begins or ends with a space"


def large_pdf(root: Path) -> str:
    with (root / "reports/week-01/week-01.pdf").open("r+b") as file:
        file.truncate(11 * 1024 * 1024)
    return "sizes: reports/week-01/week-01.pdf: has 11.0 MB, more than the 10.0 MB that the channel"


def report_above_its_budget(root: Path) -> str:
    with (root / "reports/week-01/week-01.ko.pdf").open("r+b") as file:
        file.truncate(500 * 1024)
    return "sizes: reports/week-01/week-01.ko.pdf: has 500 KB, more than a report's 480 KB"


def large_figure(root: Path) -> str:
    (root / "figures/week-01/period.svg").write_bytes(b" " * 200 * 1024)
    return "sizes: figures/week-01/period.svg: has 200 KB, more than a figure's 150 KB"


def misspelling(root: Path) -> str:
    line = add(root / "README.md", "Cosine similarty.")
    return f"wording: README.md:{line}: found 'similarty'"


def own_wording(root: Path) -> str:
    add(root / "study.toml", '\n[check.wording]\n"friction" = "damping"')
    line = change(root / "study.toml", "What friction does", "What friction does ")
    return f"wording: study.toml:{line}: found 'friction'"


def done_without_a_report(root: Path) -> str:
    line = change(root / "study.toml", 'title = "What fr', 'status = "done"\ntitle = "What fr') - 2
    return f"schedule: study.toml:{line}: is done, but reports/week-02/report.md is not there"


def folder_in_no_week(root: Path) -> str:
    add(root / "reports/week-03/report.md", "Words.")
    return "schedule: reports/week-03: is in no week of study.toml"


def left_over_figures(root: Path) -> str:
    add(root / "figures/week-09/record.json", "{}")
    return "schedule: figures/week-09: is in no week of study.toml"


def wrong_study(root: Path) -> str:
    line = change(root / "study.toml", 'status = "done"', 'status = "finished"')
    return f"study: study.toml:{line}: week.status: found 'finished'"


def unknown_time_zone(root: Path) -> str:
    change(root / "study.toml", "Europe/Paris", "Europe/Seoul")
    return "study: study.toml:10: meeting.timezone: found 'Europe/Seoul', expected the IANA name"


FAULTS: list[Fault] = [
    value
    for value in list(globals().values())
    if callable(value) and getattr(value, "__annotations__", {}) == {"root": Path, "return": str}
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_planted_fault_is_found_at_its_place(study: Path, fault: Fault) -> None:
    expected = fault(study)
    found = told(check_folder(study))
    assert any(message.startswith(expected) for message in found), found


def test_faults_do_not_hide_each_other(study: Path) -> None:
    # Those that make the study or the README unreadable would; and two faults of one line.
    alone = {wrong_study, unclosed_marker, edited_readme, damaged_record, missing_pdf, large_figure}
    alone |= {image_of, repeated_caption, korean_image_of, unused_figure, done_without_a_report}
    alone |= {
        unknown_time_zone,
        typed_number_in_study,
        stale_readme,
        own_wording,
        renamed_week,
        untranslated_title,
    }
    planted = [fault(study) for fault in FAULTS if fault not in alone]
    assert len(planted) >= 20
    found = told(check_folder(study))
    missing = [text for text in planted if not any(said.startswith(text) for said in found)]
    assert missing == []


def test_a_dead_link_in_a_text_is_told_once(study: Path) -> None:
    line = add(study / REPORT, "\nSee [there](nowhere.md).") + 1
    found = [message for message in told(check_folder(study)) if "nowhere.md" in message]
    assert found == [
        f"text: {REPORT}:{line}: a link to 'nowhere.md', which no reader of the PDF has"
    ]


def test_every_finding_has_a_hint(study: Path) -> None:
    for fault in (broken_link, typed_number_in_readme, webhook, names_alike, stale_text, large_pdf):
        fault(study)
    without = [told([finding])[0] for finding in check_folder(study) if not finding.hint]
    assert without == []


def test_a_secret_is_never_shown(study: Path) -> None:
    webhook(study)
    output = "\n".join([*for_people(found := check_folder(study)), for_machines(found)])
    assert "Zm9v" not in output


def test_a_late_report_is_a_warning_on_the_day_that_is_named(study: Path) -> None:
    assert told(check_folder(study, today=day_of("2025-03-28"))) == []
    late = check_folder(study, today=day_of("2025-03-29"))
    assert told(late) == ["schedule: study.toml:23: week-02 is late: Week 2 met on 2025-03-28"]
    assert [finding.severity for finding in late] == ["warning"]


def test_a_source_that_nobody_cites_is_a_warning(study: Path) -> None:
    unused_key(study)
    [found] = check_folder(study)
    assert (found.rule, found.severity) == ("bibliography", "warning")


def test_a_table_that_nobody_refers_to_is_a_warning(study: Path) -> None:
    table = "\n| a | b |\n|---|---|\n| 1 | 2 |\n: Two cells. {#tbl-two}\n"
    line = add(study / REPORT, table) + 4
    found = [f for f in check_folder(study) if f.rule == "unused"]
    message = f"unused: {REPORT}:{line}: the table tbl-two is never referred to"
    assert told(found) == [message]
    assert found[0].severity == "warning"
    add(study / REPORT, "\n@tbl-two has them.")
    assert not [f for f in check_folder(study) if f.rule == "unused"]


def test_typed_numbers_can_be_allowed(study: Path) -> None:
    typed_number_in_readme(study)
    change(study / "study.toml", "seed = 3", 'seed = 3\nnumbers = "warn"')
    severities = {f.severity for f in check_folder(study) if f.rule == "numbers"}
    assert severities == {"warning"}
    change(study / "study.toml", '"warn"', '"off"')
    assert not [f for f in check_folder(study) if f.rule == "numbers"]


def test_numbers_and_slips_in_code_are_left_alone(study: Path) -> None:
    add(study / "README.md", "\nSet `0.5`.\n\n```\nteh 1.5 %\n```\n")
    assert told(check_folder(study)) == []


def test_a_study_inside_the_study_is_not_looked_at(study: Path) -> None:
    add(study / "tests/inner/study.toml", "broken")
    add(study / "tests/inner/README.md", "[x](nowhere)")
    assert told(check_folder(study)) == []


def test_words_in_a_folder_that_is_left_out_are_not_the_studys(study: Path) -> None:
    change(study / "study.toml", "[meeting]", '[check]\nleave_out = ["cases"]\n\n[meeting]')
    add(study / "cases/a.md", "Similarty, see [x](nowhere).")
    assert told(check_folder(study)) == []
    add(study / "cases/hook.md", f"https://{HOOK}")
    assert [finding.rule for finding in check_folder(study)] == ["secrets"]


def test_outside_of_git_all_files_are_looked_at(study: Path) -> None:
    shutil.rmtree(study / ".git")
    expected = [webhook(study), names_alike(study)]
    found = told(check_folder(study))
    assert all(any(text.startswith(e) for text in found) for e in expected)


def test_what_git_ignores_is_not_looked_at(study: Path) -> None:
    add(study / ".gitignore", "private/")
    add(study / "private/hook.txt", f"https://{HOOK}")
    assert told(check_folder(study)) == []


# ---------------------------------------------------------------- links and anchors


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("Resource List", "resource-list"),
        ("What's new? (2025)", "whats-new-2025"),
        ("📚 Papers", "-papers"),
        ("7주차: 어텐션", "7주차-어텐션"),
        ("a_b - c", "a_b---c"),
        ("Q&A", "qa"),
    ],
)
def test_anchors_follow_githubs_rule(heading: str, anchor: str) -> None:
    assert slug(heading) == anchor


def test_anchors_follow_gitlabs_rule_where_the_study_lives_there() -> None:
    assert slug("a - b", gitlab=True) == "a-b"


def test_headings_are_read_without_markup_and_numbered_when_they_repeat() -> None:
    page = read_page("# A `b` *c* [d](e)\n\n## Same\n\n## Same\n\n<a id='own'></a>\n")
    assert page.anchors == {"a-b-c-d", "same", "same-1", "own"}


def test_links_are_found_in_all_their_forms_and_not_in_code() -> None:
    text = (
        "[a](one.md) and <img src='two.png'>\n[ref][r] `[x](no.md)`\n\n"
        "```\n[x](no.md)\n```\n\n| ![t](three.png) |\n| --- |\n| [u](four.md) |\n\n"
        '<a href="five.md">\n\n<!-- <a href="no.md"> -->\n\n[r]: six.md\n'
    )
    links = {link.target: link.line for link in read_page(text).links}
    assert set(links) == {"one.md", "two.png", "three.png", "four.md", "five.md", "six.md"}
    assert (links["one.md"], links["six.md"], links["four.md"]) == (1, 2, 10)


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ("reports/week-01/", ""),
        ("/reports/week-01/report.md", ""),
        ("./README.md#schedule", ""),
        ("reports/week-01/compute.py#L3-L5", ""),
        ("reports/week-01/week-01.pdf?raw=true", ""),
        ("https://example.org/x", ""),
        ("mailto:a@example.org", ""),
        ("../outside.md", "leads out of the study"),
        ("Reports/week-01/report.md", "it is there in other letters' case"),
        ("reports/week-01/report.md#nowhere", "has no heading for #nowhere"),
    ],
)
def test_a_link_is_held_against_the_files_of_a_clone(study: Path, link: str, message: str) -> None:
    add(study / "README.md", f"[x]({link})")
    found = [f"{finding.message} {finding.hint}" for finding in check_folder(study)]
    assert (message in found[0]) if message else not found


def test_a_link_to_a_decomposed_name_is_explained(study: Path) -> None:
    add(study / "notes/한.txt", "x")
    add(study / "README.md", "[x](notes/%E1%84%92%E1%85%A1%E1%86%AB.txt)")
    [finding] = check_folder(study)
    assert finding.hint.startswith("it is there in another Unicode form")


def test_own_absolute_links_are_checked_like_relative_ones(study: Path) -> None:
    base = '[publishing]\nbase_url = "https://host/group/blob/main"\n\n[meeting]'
    change(study / "study.toml", "[meeting]", base)
    add(study / "README.md", "[x](https://host/group/blob/main/nowhere.md)")
    found = [finding.message for finding in check_folder(study)]
    assert "the link /nowhere.md leads to no file" in found


def test_formulas_that_look_like_links_are_none(study: Path) -> None:
    for path in (REPORT, KOREAN):
        add(study / path, "\nIt is $f[x](t)$ here.")
    assert not [finding for finding in check_folder(study) if finding.rule == "links"]


# ---------------------------------------------------------------- texts


def test_a_text_is_read_for_what_it_quotes_shows_and_cites() -> None:
    text = read_report_text(
        "## A {#sec-a}\n\nIt is {{ value.x | digits(3) }} and $a = {{ value.y }}$ [@kidd2002].\n"
        "`{{ value.no }}` @sec-a에서\n\n"
        "![A {{ value.z }} caption, see [@b].](figure:one)"
        '{#fig-one fig-alt="Bars \\" {{ value.w }}"}\n\n'
        "{% for row in table.t %}\n- x\n{% endfor %}\n\n$$ x $$ {#eq-x}\n",
        "r.md",
    )
    assert set(text.names) == {("value", n) for n in "xyzw"} | {("table", "t")}
    assert set(text.mentions) == {"kidd2002", "sec-a", "b"}
    assert set(text.labels) == {"sec-a", "fig-one", "eq-x"}
    [picture] = text.pictures
    assert (picture.target, picture.line) == ("figure:one", 6)
    assert picture.alt.startswith('Bars " ')
    assert text.headings == ((2, "sec-a", 1),)


def test_a_text_that_walks_over_all_values_uses_them_all(study: Path) -> None:
    for path in (REPORT, KOREAN):
        change(study / path, "{{ value.excess_10 }}", "{{ value['excess_10'] }}")
    assert not [finding for finding in check_folder(study) if finding.rule == "unused"]


def test_particles_and_the_sentences_full_stop_are_no_difference(study: Path) -> None:
    change(study / KOREAN, "@fig-period shows both", "@fig-period에 둘 다 있다")
    change(study / KOREAN, r"\cos(\theta/2))},", r"\cos(\theta/2))}")
    assert not [finding for finding in check_folder(study) if finding.rule == "translations"]


# ---------------------------------------------------------------- names


def test_folders_that_differ_in_case_are_told_once() -> None:
    found = name_findings(["Notes/a.txt", "notes/b.txt", "notes/c.txt"])
    assert told(found) == ["names: notes: differs from Notes only in case"]


# ---------------------------------------------------------------- output


def command(root: Path, *options: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `study check`."""
    result = CliRunner().invoke(main, ["-C", str(root), "check", "--today", "2025-03-22", *options])
    return result.exit_code, result.stdout, result.stderr


def test_people_read_the_place_the_fault_and_the_hint(study: Path) -> None:
    line = add(study / "README.md", "Cosine similarty.")
    assert command(study) == (
        1,
        "",
        f"error: README.md:{line}: found 'similarty'\n  hint: write 'similarity'\n1 error\n",
    )


def test_a_sound_study_exits_0(sound: Path) -> None:
    assert command(sound) == (0, "", "nothing found\n")


def test_machines_read_json(study: Path) -> None:
    line = add(study / "README.md", "Cosine similarty.")
    code, output, _ = command(study, "--json")
    assert (code, json.loads(output)) == (
        1,
        [
            {
                "rule": "wording",
                "severity": "error",
                "path": "README.md",
                "line": line,
                "message": "found 'similarty'",
                "hint": "write 'similarity'",
            }
        ],
    )


def test_a_hosted_ci_gets_annotations() -> None:
    finding = Finding("links", "100 % wrong:\nall", Where("a,b:c.md", 3), "mend")
    assert for_ci([finding]) == [
        "::error file=a%2Cb%3Ac.md,line=3,title=study check%3A links::100 %25 wrong:%0Aall%0Amend"
    ]


def test_warnings_alone_exit_0_unless_strict(study: Path) -> None:
    change(study / "study.toml", "seed = 3", 'seed = 3\nnumbers = "warn"')
    built(study)  # the rule is part of what a PDF is made from
    typed_number_in_readme(study)
    assert command(study)[0] == 0
    assert command(study, "--strict")[0] == 1
    assert command(study)[2].endswith("\n1 warning\n")


def test_the_calendar_is_printed_or_written(sound: Path, tmp_path: Path) -> None:
    target = tmp_path / "meetings.ics"
    printed = CliRunner().invoke(main, ["-C", str(sound), "calendar"])
    written = CliRunner().invoke(main, ["-C", str(sound), "calendar", "-o", str(target)])
    assert (printed.exit_code, written.stdout) == (0, f"{target}\n")
    assert target.read_bytes() == printed.stdout_bytes


# ---------------------------------------------------------------- the network


class _Host(BaseHTTPRequestHandler):
    """A host with a good page, one that is gone, two that moved, and one that refuses HEAD."""

    asked: list[str]

    def answer(self) -> None:
        self.asked.append(f"{self.command} {self.path}")
        status = {"/good": 200, "/gone": 404, "/moved": 301, "/found": 302, "/down": 503}.get(
            self.path, 200
        )
        if self.path == "/no-head" and self.command == "HEAD":
            status = 405
        self.send_response(status)
        if status in (301, 302):
            self.send_header("Location", "/good")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = answer

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[str]]:
    """The address of a loopback host, and what it was asked."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    asked: list[str] = []
    handler = type("Host", (_Host,), {"asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}", asked


def test_the_network_tells_gone_from_moved_from_silent(
    host: tuple[str, list[str]], tmp_path: Path
) -> None:
    base, asked = host
    pages = ("good#part", "gone", "moved", "found", "down", "no-head")
    links = {f"{base}/{page}": [Where("README.md", n)] for n, page in enumerate(pages, 1)}
    findings = network_findings(links, tmp_path / "links.json", pause_s=0.01, private=True)
    assert [(f.where.line, f.severity, f.message.removeprefix(base)) for f in findings] == [
        (2, "error", "/gone is gone (404)"),
        (3, "warning", "/moved has moved for good"),
        (5, "warning", "/down answers 503"),
    ]
    assert "GET /no-head" in asked
    assert "GET /good" not in asked


def test_good_answers_are_remembered(host: tuple[str, list[str]], tmp_path: Path) -> None:
    base, asked = host
    links = {f"{base}/good": [Where("README.md", 1)], f"{base}/gone": [Where("README.md", 2)]}
    network_findings(links, tmp_path / "links.json", pause_s=0.01, private=True)
    del asked[:]
    network_findings(links, tmp_path / "links.json", pause_s=0.01, private=True)
    assert asked == ["HEAD /gone", "GET /gone"]


def test_a_host_that_does_not_answer_is_a_warning(tmp_path: Path) -> None:
    links = {"http://127.0.0.1:9/": [Where("README.md", 1)]}
    [finding] = network_findings(links, tmp_path / "links.json", pause_s=0.01, private=True)
    assert finding.severity == "warning"
    assert "does not answer" in finding.message


# ---------------------------------------------------------------- the study itself


def test_nothing_is_found_in_the_study_itself() -> None:
    assert told([f for f in check_folder(ROOT) if f.severity == "error"]) == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the study itself, as a clone would have it."""
    root = tmp_path / "copy"
    for path in study_files(ROOT):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, root / path)
    return root


def test_twenty_faults_planted_in_a_copy_of_the_study_are_all_found(copy: Path) -> None:
    readme, toml = copy / "README.md", copy / "study.toml"
    week_7, week_10 = (copy / "reports" / name for name in ("week-07", "week-10"))
    seven, ten = "reports/week-07", "reports/week-10"
    planted = []

    add(week_7 / "compute.py", "# changed")
    planted.append(f"stale: {seven}/compute.py: its figures and values are out of date")
    line = add(week_10 / "report.md", "\nThat is 12.5 % more.") + 1
    planted.append(f"stale: {ten}/report.md: its PDF is out of date")
    planted.append(f"text: {ten}/report.md:{line}: the number 12.5 % is typed")
    drawing, other = sorted((copy / "figures/week-07").glob("*.svg"))[:2]
    add(drawing, "<!-- by hand -->")
    planted.append(f"stale: figures/week-07/{drawing.name}: is not the file that was computed")
    other.write_bytes(b" " * 200 * 1024)
    planted.append(f"sizes: figures/week-07/{other.name}: has 200 KB")
    line = change(
        copy / "figures/week-07/results.json", '"values": {', '"values": {"odd": {"value": 1},'
    )
    planted.append(f"unused: {seven}/compute.py: the value 'odd' is used in no text of week-07")
    with (week_7 / "week-07.pdf").open("ab") as file:
        file.truncate(11 * 1024 * 1024)
    planted.append(f"sizes: {seven}/week-07.pdf: has 11.0 MB")

    line = change(week_7 / "report.md", 'fig-alt="', 'fig-alt="An image of ')
    planted.append(f"alternatives: {seven}/report.md:{line}: ")
    text = (week_10 / "report.md").read_text("utf-8")
    caption, alt = re.findall(r'!\[(.*?)\]\(figure.*?fig-alt="([^"]*)"', text)[-1]
    line = change(week_10 / "report.md", alt, caption.replace('"', ""))
    planted.append(f"alternatives: {ten}/report.md:{line}: ")
    line = change(week_7 / "report.ko.md", "\n## ", "\n### ") + 1
    planted.append(f"translations: {seven}/report.ko.md:{line}: found a heading ###")
    quoted = re.findall(r"\{\{ value[^}]*\}\}", (week_7 / "report.ko.md").read_text("utf-8"))
    alone = next(quote for quote in quoted if quoted.count(quote) == 1)
    change(week_7 / "report.ko.md", alone, "어떤 값")
    planted.append(f"translations: {seven}/report.ko.md: lacks {alone}")

    line = add(readme, "See [this](reports/week-7/week-07.pdf).")
    planted.append(f"links: README.md:{line}: ")
    line = add(readme, "See [that](#schedul).")
    planted.append(f"links: README.md:{line}: README.md has no heading for #schedul")
    line = add(readme, "It was 0.568, by the enconding.")
    planted.append(f"numbers: README.md:{line}: the number 0.568 is typed")
    planted.append(f"wording: README.md:{line}: found 'enconding'")
    line = change(readme, "| Week 1 |", "| Week One |")
    planted.append(f"readme: README.md:{line}: the block 'schedule' was edited by hand")

    bibliography = copy / "reports/references.bib"
    known = re.findall(r"@\w+\{([^,]+),", bibliography.read_text("utf-8"))[0]
    line = add(bibliography, f"@misc{{{known.upper()},\n  title = {{Again}},\n}}")
    planted.append(f"bibliography: reports/references.bib:{line}: the key '{known.upper()}' is")
    line = add(bibliography, "@misc{nobody1900,\n  title = {Uncited},\n}")
    planted.append(f"bibliography: reports/references.bib:{line}: the key 'nobody1900' is cited")

    line = add(toml, '\n[[week]]\nnumber = 99\ntitle = "The similarty"\nstatus = "done"') + 1
    planted.append(f"schedule: study.toml:{line}: is done, but reports/week-99/report.md")
    planted.append(f"wording: study.toml:{line + 2}: found 'similarty'")
    for fault in (webhook, key, decomposed_name, names_alike, spaced_name):
        planted.append(fault(copy))
    add(copy / "reports/week-98/report.md", "Words.")
    planted.append("schedule: reports/week-98: is in no week of study.toml")

    found = told(check_folder(copy))
    missing = [text for text in planted if not any(said.startswith(text) for said in found)]
    assert missing == []
    assert len(planted) >= 20


def test_git_is_not_needed_to_list_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "b.txt").write_text("x")
    # A folder inside a repository of somebody else's is no repository of its own.
    inside = subprocess.run(["git", "-C", str(tmp_path), "rev-parse"], capture_output=True)
    assert inside.returncode != 0
    assert study_files(tmp_path) == ["a.txt"]


def test_the_caption_of_code_is_translated_and_its_language_is_not() -> None:
    """A caption is words; a block whose code is shown as another language is another block."""
    fence = '```{} {{#lst-step caption="{}"}}\nx = 1\n```\n'
    english = read_report_text(fence.format("python", 'One \\"step\\".'), "report.md")
    korean = read_report_text(fence.format("python", "한 단계."), "report.ko.md")
    assert translation_findings({"en": english, "ko": korean}) == []
    other = read_report_text(fence.format("text", "한 단계."), "report.ko.md")
    assert told(translation_findings({"en": english, "ko": other})) == [
        "translations: report.ko.md:1: its code blocks differ from those of report.md, "
        "first from line 1 there"
    ]


def test_an_exercise_without_a_solution_is_told_where_others_have_one(study: Path) -> None:
    text = study / "reports" / "week-01" / "report.md"
    add(text, '\n!!! exercise "One" {#exr-one}\n\n    Do it.\n')
    add(text, '!!! exercise "Two" {#exr-two}\n\n    Do it too.\n')
    assert [f for f in check_folder(study) if f.rule == "exercises"] == []
    add(text, "!!! solution {of=exr-two}\n\n    Done.\n")
    [found] = [f for f in check_folder(study) if f.rule == "exercises"]
    assert found.message == "the exercise exr-one has no solution"
    assert str(found.where).startswith("reports/week-01/report.md:")
    lines = text.read_text("utf-8").splitlines()
    assert "exr-one" in lines[(found.where.line or 0) - 1]


def test_flaws_of_a_committed_figure_are_told_at_its_file(study: Path) -> None:
    letters = "".join(f'<use xlink:href="#a" transform="translate({60 * i} 0)"/>' for i in range(9))
    svg = study / "figures" / "week-01" / "plot.svg"
    svg.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'viewBox="0 0 40 20"><defs><path id="a" d="M 0 0"/></defs><g id="text_1"><!-- too long -->'
        f'<g transform="translate(5 10) scale(0.09 -0.09)">{letters}</g></g></svg>',
        "utf-8",
    )
    [found] = [f for f in check_folder(study) if f.rule == "figures"]
    assert (found.severity, str(found.where)) == ("error", "figures/week-01/plot.svg")
    assert found.message == "the text “too long” is cut off at the right"
