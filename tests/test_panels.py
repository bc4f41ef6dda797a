"""Pictures side by side over one caption, and marks for single words."""

import re
from pathlib import Path

import pytest

from generator.text.translation import translation_problems
from tests.text_study import body, complaints, rendered

PANELS = """See @fig-both, @fig-left and [-@fig-right].

![Left *one*.](figure:growth){#fig-left fig-alt="It rises."}
![Right.](figure:soil){#fig-right fig-alt="It falls."}

: Both, with $x$. {#fig-both}

![Alone.](figure:growth){#fig-alone fig-alt="It rises again."}

See @fig-alone.
"""


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", "", html).replace("\u00a0", " ").split())


@pytest.mark.parametrize(("language", "word"), [("en", "Figure"), ("ko", "그림")])
def test_pictures_stand_side_by_side_with_letters(tmp_path: Path, language: str, word: str) -> None:
    html = rendered(tmp_path, PANELS, language=language).body
    assert plain(html).startswith(f"See {word} 1, {word} 1a and 1b.")
    assert '<figure class="panels" id="fig-both"><div class="panel of-2" id="fig-left"><img' in html
    assert '<span class="panel-letter">(a)</span> Left <em>one</em>.</p></div>' in html
    assert f'<span class="caption-number">{word}\u00a01.</span> Both, with <img' in html
    assert f"{word}\u00a02.</span> Alone." in html
    assert html.count("<figure") == 2


@pytest.mark.parametrize("name", ["fig-both", "fig-left"])
def test_one_reference_is_enough_for_the_whole(tmp_path: Path, name: str) -> None:
    text = PANELS.replace("See @fig-both, @fig-left and [-@fig-right].", f"See @{name}.")
    assert complaints(tmp_path, text) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("See @fig-both, @fig-left and [-@fig-right].", "See.",
         "report.md:6: the figure fig-both is never referred to"),
        (": Both, with $x$. {#fig-both}", ": {#fig-both}",
         "report.md:6: a caption of pictures side by side without words"),
        (": Both, with $x$. {#fig-both}", ": Both. {#tbl-both}",
         "report.md:6: 'tbl-both' is no label for a figure"),
        (' fig-alt="It falls."', "", "report.md:4: the figure soil has no fig-alt"),
        ("{#fig-right ", "{#fig-left ", "report.md:4: the label fig-left is used twice"),
        (": Both, with $x$. {#fig-both}", "No caption.",
         "report.md:3: a picture inside a paragraph"),
        ("figure:soil", "figure:sol", "report.md:4: there is no figure 'sol' in the results"),
    ],
)  # fmt: skip
def test_slips_are_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    found = complaints(tmp_path, PANELS.replace(old, new))
    assert any(line.startswith(said) for line in found), found


def test_translations_have_the_same_panels(tmp_path: Path) -> None:
    main = rendered(tmp_path, PANELS)
    assert translation_problems(main, rendered(tmp_path, PANELS, language="ko")) == []
    other = PANELS.replace("{#fig-right ", "{#fig-rechts ").replace("fig-right]", "fig-rechts]")
    found = translation_problems(main, rendered(tmp_path, other, language="ko"))
    assert any("has the label fig-right" in problem.message for problem in found)


@pytest.mark.parametrize("count", [2, 3, 4, 7])
def test_three_at_most_stand_in_a_row(tmp_path: Path, count: int) -> None:
    row = "\n".join(
        f'![P{n}.](figure:growth){{#fig-p{n} fig-alt="Panel {n}."}}' for n in range(count)
    )
    html = body(tmp_path, f"See @fig-p0.\n\n{row}\n\n: All. {{#fig-all}}\n")
    assert html.count(f'class="panel of-{count if count < 4 else 2}"') == count
    assert f"({'abcdefg'[count - 1]})</span>" in html


def test_marks_for_words(tmp_path: Path) -> None:
    text = "H[2]{.sub}O, x[3]{.sup}, [Ctrl+C]{.kbd}, [a *b*]{.mark}, [Caps]{.smallcaps}.\n"
    assert body(tmp_path, text) == (
        "<p>H<sub>2</sub>O, x<sup>3</sup>, <kbd>Ctrl+C</kbd>, <mark>a <em>b</em></mark>, "
        '<span class="smallcaps">Caps</span>.</p>\n'
    )
    assert complaints(tmp_path, "H[2]{.sub .sup}O.\n") == [
        "report.md:1: 'sub' is no attribute of a span"
    ]
