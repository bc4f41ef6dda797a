"""A good text becomes the HTML that templates/README.md lists, and says what it was made from."""

import re
import unicodedata
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from generator.errors import problems_in
from generator.model import Publishing, Results, Study, Table
from generator.store.cache import Cache
from generator.text.report import render_report
from generator.text.values import sandbox
from generator.text.words import words_of
from tests.text_study import RESULTS, body, complaints, rendered, write_study

FIGURE = '![A *leaf*.](figure:growth){#fig-leaf fig-alt="A leaf of {{ value.share | digits(1) }}."}'


def test_what_looks_like_a_template_reaches_the_page_as_it_was_written(tmp_path: Path) -> None:
    text = (
        'Raise $x^{{n}}$ and `f"{x}{{y}}"`.\n\n'
        "```jinja\n{% for m in messages %}{{ m.content }}{# note #}\n{% endfor %}\n```\n\n"
        '```text\nf"{{value.height}} $5 {{ value.height }}"\n```\n\n'
        "$$\n\\frac{{a}}{{b}} {# x #}\n$$\n"
    )
    document = rendered(tmp_path, text)
    assert [formula.tex for formula in document.formulas] == [
        "x^{{n}}",
        "\\frac{{a}}{{b}} {# x #}",
    ]
    assert '<code>f"{x}{{y}}"</code>' in document.body
    words = re.sub(r"<[^>]*>", "", document.body)
    assert "{% for m in messages %}{{ m.content }}{# note #}\n{% endfor %}" in words
    assert 'f"{{value.height}} $5 {{ value.height }}"' in words


@pytest.mark.parametrize("width", ["60mm", "4.5cm", "50%", '"62.5%"'])
def test_a_picture_of_ones_own_has_the_width_that_is_asked_for(tmp_path: Path, width: str) -> None:
    text = f'![A.](images/leaf.png){{#fig-a fig-alt="A leaf." width={width}}}\n\n@fig-a\n'
    style = f'style="width: {width.strip(chr(34))}; object-fit: contain"'
    assert style in body(tmp_path, text)


@pytest.mark.parametrize("width", ["60", "wide", "120%", "0mm", "-3mm"])
def test_a_width_that_is_none_is_refused(tmp_path: Path, width: str) -> None:
    text = f'![A.](images/leaf.png){{#fig-a fig-alt="A leaf." width={width}}}\n\n@fig-a\n'
    found = complaints(tmp_path, text)
    assert f"report.md:1: the width '{width}' is none that a picture can have" in found


def test_the_source_of_a_picture_is_plain_words_or_an_address(tmp_path: Path) -> None:
    text = '![A.](images/leaf.png){{#fig-a fig-alt="A leaf." source="{}"}}\n\n@fig-a\n'
    said = "report.md:1: the source of a picture holds marks, which would be printed"
    assert complaints(tmp_path, text.format("[a page](https://example.org)")) == [said]
    assert complaints(tmp_path, text.format("drawn by a_b (2024)")) == []
    assert '<a href="https://example.org/a_b">' in body(
        tmp_path, text.format("https://example.org/a_b")
    )


@pytest.mark.parametrize("name", ["잎사귀", "Blätter né"])
def test_a_picture_whose_name_is_decomposed_on_disk_is_found(tmp_path: Path, name: str) -> None:
    write_study(tmp_path, "Words.\n")
    folder = tmp_path / "reports/week-07/images"
    (folder / "leaf.png").rename(folder / f"{unicodedata.normalize('NFD', name)}.png")
    text = f'@fig-a\n\n![A.](<images/{name}.png>){{#fig-a fig-alt="A leaf."}}\n'
    study, report = write_study(tmp_path, text)
    document = render_report(tmp_path, study, study.weeks[1], report, "en", RESULTS)
    url = re.search(r'src="image:([^"]+)"', document.body)
    assert url is not None
    assert (tmp_path / "reports/week-07" / unquote(url[1])).is_file()


def test_a_drawing_of_the_script_has_the_scripts_width(tmp_path: Path) -> None:
    text = '![A.](figure:growth){#fig-a fig-alt="A." width=50%}\n\n@fig-a\n'
    assert complaints(tmp_path, text) == [
        "report.md:1: the width of a figure is the script's to say"
    ]


def test_a_figure_has_number_caption_and_words_for_who_cannot_see_it(tmp_path: Path) -> None:
    document = rendered(tmp_path, f"{FIGURE}\n\nSee @fig-leaf. @fig-leaf is green.\n")
    assert document.body == (
        '<figure id="fig-leaf"><img src="figure:growth.svg" alt="A leaf of 0.8.">'
        '<figcaption><span class="caption-number">Figure\u00a01.</span> A <em>leaf</em>.'
        "</figcaption></figure>\n"
        '<p>See <a class="ref" href="#fig-leaf">Figure\u00a01</a>. '
        '<a class="ref" href="#fig-leaf">Figure\u00a01</a> is green.</p>\n'
    )
    assert "results:growth.svg" in document.inputs


def test_a_picture_of_ones_own_is_named_and_credited(tmp_path: Path) -> None:
    text = (
        "See @fig-a.\n\n"
        '![A.](images/leaf.png){#fig-a fig-alt="a \\"leaf\\"" source="https://example.org/a?b&c"}\n'
    )
    document = rendered(tmp_path, text)
    assert document.images == ("images/leaf.png",)
    assert "reports/week-07/images/leaf.png" in document.inputs
    assert 'src="image:images/leaf.png" alt="a &quot;leaf&quot;"' in document.body
    assert (
        '<span class="source">Source: <a href="https://example.org/a?b&amp;c">'
        "https://example.org/a?b&amp;c</a></span>" in document.body
    )


def test_figures_come_in_the_language_of_the_text(tmp_path: Path) -> None:
    text = '@fig-a을 보라. @tbl-a, @eq-a, @sec-a. \n\n![가.](figure:soil){#fig-a fig-alt="흙"}\n\n'
    text += "{{ table.heights }}\n: 키. {#tbl-a}\n\n$$ x $$ {#eq-a}\n\n## 절 {#sec-a}\n"
    html = body(tmp_path, text, language="ko")
    assert 'src="figure:soil.ko.svg"' in html
    for words in ("그림\u00a01</a>을", "표\u00a01", "식\u00a0(1)", ">1절</a>"):
        assert words in html


def test_a_table_of_the_results_is_set_with_its_numbers_to_the_right(tmp_path: Path) -> None:
    document = rendered(tmp_path, "{{ table.heights }}\n: The *heights*. {#tbl-h}\n\nSee @tbl-h.\n")
    key = document.formulas[0].key
    assert document.body.startswith(
        '<figure class="table" id="tbl-h"><figcaption><span class="caption-number">Table\u00a01.'
        "</span> The <em>heights</em>.</figcaption><table>\n"
        '<thead>\n<tr><th scope="col">plant</th>'
        f'<th scope="col" class="number"><img class="formula" src="formula:{key}" alt=""> in cm'
        "</th></tr>\n</thead>\n<tbody>\n"
        '<tr><th scope="row">oak | elm</th><td class="number" data-pad="0">12.5</td></tr>\n'
        '<tr><th scope="row">moss</th><td class="number">−0.25</td></tr>\n'
        "</tbody>\n</table>\n</figure>\n"
    )


def test_a_typed_table_may_quote_results_and_hold_code_with_bars(tmp_path: Path) -> None:
    text = (
        "| name | value |\n|:----:|------:|\n| `a\\|b` | {{ value.share | digits(1) }} |\n"
        ": A caption\nover two lines. {#tbl-a}\n\nAs in @tbl-a.\n"
    )
    html = body(tmp_path, text)
    assert '<td class="center"><code>a|b</code></td><td class="number">0.8</td>' in html
    assert "</span> A caption\nover two lines.</figcaption>" in html


def test_a_loop_writes_rows_and_its_lines_leave_nothing_behind(tmp_path: Path) -> None:
    text = (
        "| plant | h |\n|---|--:|\n{% for row in table.heights.rows %}\n"
        "| {{ row[0] }} | {{ row[1] | digits(0) }} |\n{% endfor %}\n\n"
        "{% if value.items > 100 %}\nmany\n{% else %}\nfew\n{% endif %}\n"
    )
    html = body(tmp_path, text)
    assert html.count("<tr>") == 3
    assert "<td>oak | elm</td>" in html
    assert html.endswith("<p>few</p>\n")


def test_equations_with_a_label_are_numbered_and_others_are_not(tmp_path: Path) -> None:
    text = (
        "$$\na\n$$\n\n$$\nb\n$$ {#eq-b}\n\n$$ c $$ {#eq-c}\n\nBy @eq-c and [-@eq-b]. @eq-b holds.\n"
    )
    document = rendered(tmp_path, text)
    images = [
        f'<img class="formula display" src="formula:{formula.key}" alt="">'
        for formula in document.formulas
    ]
    assert document.body == (
        f'<div class="equation">{images[0]}</div>\n'
        f'<div class="equation" id="eq-b">{images[1]}'
        '<span class="equation-number">(1)</span></div>\n'
        f'<div class="equation" id="eq-c">{images[2]}'
        '<span class="equation-number">(2)</span></div>\n'
        '<p>By <a class="ref" href="#eq-c">equation\u00a0(2)</a> and '
        '<a class="ref" href="#eq-b">(1)</a>. '
        '<a class="ref" href="#eq-b">Equation\u00a0(1)</a> holds.</p>\n'
    )


def test_the_same_formula_twice_is_drawn_once(tmp_path: Path) -> None:
    document = rendered(tmp_path, "$x$ and $x$, then\n\n$$ x $$\n")
    assert [(formula.tex, formula.display) for formula in document.formulas] == [
        ("x", False),
        ("x", True),
    ]
    assert document.formulas[1].where.line == 3


def test_sections_are_numbered_unless_they_say_otherwise(tmp_path: Path) -> None:
    text = (
        "## One\n\n### A\n\n### B $x$ {#sec-b}\n\n## Thanks {.unnumbered}\n\n"
        "## Two\n\n#### C\n\n### D\n\nSee @sec-b.\n"
    ).replace("#### C", "### C")
    document = rendered(tmp_path, text)
    assert [(h.level, h.number, h.text, h.anchor) for h in document.headings] == [
        (2, "1", "One", "sec--1"),
        (3, "1.1", "A", "sec--1-1"),
        (3, "1.2", "B x", "sec-b"),
        (2, "", "Thanks", "sec--line-7"),
        (2, "2", "Two", "sec--2"),
        (3, "2.1", "C", "sec--2-1"),
        (3, "2.2", "D", "sec--2-2"),
    ]
    assert '<a class="ref" href="#sec-b">Section 1.2</a>' in document.body


def test_code_of_a_function_is_taken_from_the_script(tmp_path: Path) -> None:
    text = '```python {include=growth #lst-g caption="How it grows"}\n```\n\nIn @lst-g.\n'
    document = rendered(tmp_path, text)
    words = re.sub(r"<[^>]*>", "", document.body)
    assert 'def growth(day):\n    """Height on `day`."""\n    return' in words
    assert "reports/week-07/compute.py::growth" in document.inputs
    assert '<figure class="listing" id="lst-g">' in document.body
    assert "Listing\u00a01.</span> How it grows</figcaption>" in document.body


def test_code_can_come_from_the_modules_that_reports_share(tmp_path: Path) -> None:
    common = tmp_path / "reports" / "common"
    common.mkdir(parents=True)
    (common / "tree.py").write_text("class Tree:\n    def grow(self):\n        return 1\n")
    document = rendered(tmp_path, '```python {include="common/tree.py::Tree.grow"}\n```\n')
    assert re.sub(r"<[^>]*>", "", document.body) == "def grow(self):\n    return 1\n\n"
    assert "reports/common/tree.py::Tree.grow" in document.inputs


def test_a_footnote_stands_where_it_is_called(tmp_path: Path) -> None:
    text = "Word[^n] and^[An *inline* one.] more.\n\n[^n]: The $x$ note\n    on two lines.\n"
    document = rendered(tmp_path, text)
    key = document.formulas[0].key
    assert document.body == (
        '<p>Word<span class="footnote" id="fn-n">The '
        f'<img class="formula" src="formula:{key}" alt=""> note\non two lines.</span> and'
        '<span class="footnote" id="fn--2">An <em>inline</em> one.</span> more.</p>\n'
    )


LINK = '<a href="{0}">{0}</a>'
TASK = '<li class="task-list-item"><input type="checkbox" disabled'
BOX = '<div class="admonition {}"><p class="admonition-title">{}</p>\n<p>Words.</p>\n</div>\n'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("\"A\" and 'b' -- it's", "<p>“A” and ‘b’ – it’s</p>\n"),
        ('한국어 "인용"은', "<p>한국어 “인용”은</p>\n"),
        ("**강조(strong)**는", "<p><strong>강조(strong)</strong>는</p>\n"),
        ("가**나**다, **“말”**이", "<p>가<strong>나</strong>다, <strong>“말”</strong>이</p>\n"),
        ("wait... --- ~~no~~", "<p>wait… — <del>no</del></p>\n"),
        ("a < b & c > d", "<p>a &lt; b &amp; c &gt; d</p>\n"),
        ("a\\% \\$5 \\*x\\* &nbsp;", "<p>a% $5 *x* \u00a0</p>\n"),
        ("see https://a.org/a_b_c?x=1.", f"<p>see {LINK.format('https://a.org/a_b_c?x=1')}.</p>\n"),
        ("<https://a.org>", f"<p>{LINK.format('https://a.org')}</p>\n"),
        ("[x](mailto:a@b.org)", '<p><a href="mailto:a@b.org">x</a></p>\n'),
        (
            "- [x] a\n- [ ] b",
            f'<ul class="task-list">\n{TASK} checked> a</li>\n{TASK}> b</li>\n</ul>\n',
        ),
        ("Term\n: Meaning.", "<dl>\n<dt>Term</dt>\n<dd>Meaning.</dd>\n</dl>\n"),
        ('!!! tip "A *title*"\n    Words.', BOX.format("tip", "A <em>title</em>")),
        ("!!! note\n    Words.", BOX.format("note", "Note")),
        ("> [!WARNING]\n> Words.", BOX.format("warning", "Warning")),
        ("> [!WARNING]\n>\n> Words.", BOX.format("warning", "Warning")),
        ("> Quoted.", "<blockquote>\n<p>Quoted.</p>\n</blockquote>\n"),
        ("3. c\n4. d", '<ol start="3">\n<li>c</li>\n<li>d</li>\n</ol>\n'),
        (
            "Words\n- a\n  - b",
            "<p>Words</p>\n<ul>\n<li>a<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>\n",
        ),
        ("[0.5]{.const}", '<p><span class="const">0.5</span></p>\n'),
        ("[말]{lang=ko}", '<p><span lang="ko">말</span></p>\n'),
        ("a  \nb", "<p>a<br>\nb</p>\n"),
        ("\\newpage", '<hr class="page-break">\n'),
        ("***", "<hr>\n"),
    ],
)
def test_markdown_becomes_the_forms_of_the_page(tmp_path: Path, text: str, html: str) -> None:
    assert body(tmp_path, text) == html


def test_a_heading_after_a_table_without_a_blank_line_is_a_heading(tmp_path: Path) -> None:
    html = body(tmp_path, "| a |\n|---|\n| 1 |\n## Next\n")
    assert '<h2 id="sec--1">' in html


def test_another_report_is_referred_to_by_its_own_number(tmp_path: Path) -> None:
    text = "By @week-05:eq-heat and [@week-05:sec-soil].\n"
    document = rendered(tmp_path, text)
    assert document.body == (
        '<p>By <span class="ref" data-target="week-05--eq-heat">'
        "Week 5, equation\u00a0(2)</span> and "
        '<span class="ref" data-target="week-05--sec-soil">Week 5, Section 1</span>.</p>\n'
    )
    assert {"reports/week-05/report.md", "study.toml#week-05"} <= set(document.inputs)
    assert "5주차, 식\u00a0(2)" in body(tmp_path, text, language="ko")


def test_another_report_is_linked_where_the_study_says_where_it_is(tmp_path: Path) -> None:
    study, report = write_study(tmp_path, "By @week-05:eq-heat.\n")
    study = replace(study, publishing=Publishing(base_url="https://example.org/plants/"))
    html = render_report(tmp_path, study, study.weeks[1], report, "en", RESULTS).body
    assert 'href="https://example.org/plants/reports/week-05/week-05.pdf"' in html


def in_mode(tmp_path: Path, text: str, mode: str) -> tuple[Study, list[str]]:
    study, report = write_study(tmp_path, text)
    study = replace(study, numbers=mode)  # type: ignore[arg-type]
    document = render_report(tmp_path, study, study.weeks[1], report, "en", RESULTS)
    return study, [str(warning) for warning in document.warnings]


def test_typed_numbers_warn_or_pass_where_the_study_says_so(tmp_path: Path) -> None:
    text = "It is 0.5 high.\n"
    assert complaints(tmp_path, text) == ["report.md:1: the number 0.5 is typed"]
    assert in_mode(tmp_path, text, "warn")[1] == [
        "reports/week-07/report.md:1: the number 0.5 is typed"
    ]
    assert in_mode(tmp_path, text, "off")[1] == []


def test_all_problems_of_a_text_are_reported_together_in_the_order_of_lines(tmp_path: Path) -> None:
    text = "It is 0.5 and {{ value.nope }}.\n\n@fig-x <b>\n\n# One\n\n$$ x\n"
    study, report = write_study(tmp_path, text)
    with pytest.raises(ExceptionGroup) as caught:
        render_report(tmp_path, study, study.weeks[1], report, "en", RESULTS)
    lines = [problem.where.line for problem in problems_in(caught.value) if problem.where]
    assert lines == [1, 1, 3, 3, 5, 7]


def test_a_text_says_what_it_was_made_from_and_no_more(tmp_path: Path) -> None:
    assert rendered(tmp_path, "Only words.\n").inputs == ("reports/week-07/report.md",)
    inputs = rendered(tmp_path, "{{ value.height }} [@kim2020].\n").inputs
    assert inputs == (
        "reports/references.bib@kim2020",
        "reports/week-07/report.md",
        "results",
    )


def test_what_is_stored_gives_the_same_document(tmp_path: Path) -> None:
    text = "As @mueller1999 wrote.\n\n```python\nx = [1]\n```\n"
    study, report = write_study(tmp_path, text)
    store = Cache(tmp_path / ".study")
    documents = [
        render_report(tmp_path, study, study.weeks[1], report, "en", RESULTS, store=kept)
        for kept in (None, store, store)
    ]
    assert documents[0] == documents[1] == documents[2]


def test_the_manual_names_every_filter_statement_and_box() -> None:
    manual = (Path(__file__).parent.parent / "docs" / "writing.md").read_text("utf-8")
    for name in (*sandbox.FILTERS, "digits", "significant", "percent", "sci", "code", "for", "if"):
        assert f"`{name}`" in manual or f"| {name}" in manual, name
    for kind in words_of("en").admonitions:
        assert kind in manual, kind


def test_a_cell_of_the_results_may_hold_formulas_and_money(tmp_path: Path) -> None:
    study, report = write_study(tmp_path, "{{ table.prices }}")
    cells = ("$x^2$ and $y$", "$5-$6", r"\$7", "$8 or $9", "$ z $")
    table = Table(("$d_k$",), tuple((cell,) for cell in cells))
    results = Results(tables={"prices": table})
    document = render_report(tmp_path, study, study.weeks[1], report, "en", results)
    assert [formula.tex for formula in document.formulas] == ["d_k", "x^2", "y"]
    assert re.findall(r"<td>([^<]*)</td>", document.body) == ["$5-$6", "$7", "$8 or $9", "$ z $"]


def test_a_table_may_begin_behind_the_mark_of_a_list(tmp_path: Path) -> None:
    assert complaints(tmp_path, "- | a | b |\n  |---|---|\n  | 1 | 2 |\n") == []
