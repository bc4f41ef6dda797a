"""Files that belong to nothing, and links that only look like links."""

import os
from pathlib import Path

import pytest

from generator.check.folder import check_folder

STUDY = """title = "Walks"
[readme]
blocks = []
[[week]]
number = 1
title = "One"
"""


def told(root: Path, rule: str) -> list[str]:
    return [
        f"{f.where.path}: {f.message}" if f.where.line is None else f"{f.where}: {f.message}"
        for f in check_folder(root)
        if f.rule == rule
    ]


def study(root: Path, **files: str) -> Path:
    (root / "study.toml").write_text(STUDY, "utf-8")
    (root / "README.md").write_text("# Walks\n", "utf-8")
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    return root


def test_leftovers_of_other_reports_and_desktops_are_named(tmp_path: Path) -> None:
    root = study(
        tmp_path,
        **{
            "figures/week-77/a.svg": "<svg/>",
            "reports/week-01/report.md": "Words.\n",
            "reports/week-01/old.pdf": "%PDF",
            "reports/week-01/linked.pdf": "%PDF",
            "docs/.DS_Store": "x",
            "docs/notes.md~": "x",
            "README.md": "# Walks\n\n[it](reports/week-01/linked.pdf)\n",
        },
    )
    found = told(root, "strays")
    assert [line.partition(":")[0] for line in found] == [
        "docs/.DS_Store", "docs/notes.md~", "figures/week-77", "reports/week-01/old.pdf",
    ]  # fmt: skip


def test_a_link_to_no_file_and_a_conflict_are_errors(tmp_path: Path) -> None:
    root = study(tmp_path, **{"notes.md": "# N\n\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n"})
    os.symlink("gone.md", root / "link.md")
    assert told(root, "strays") == [
        "link.md: is a link to gone.md, which is not there",
        "notes.md:3: holds both sides of a merge conflict",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<a href=gone.md>x</a>", "the link gone.md leads to no file"),
        ('<img srcset="gone.png 2x" src="README.md">', "the link gone.png leads to no file"),
        ("See [this][nowhere].", "[this][nowhere] is no link: nothing says where its label leads"),
    ],
)
def test_links_in_other_forms_are_followed(text: str, message: str, tmp_path: Path) -> None:
    root = study(tmp_path, **{"README.md": f"# Walks\n\n{text}\n"})
    assert told(root, "links") == [f"README.md:3: {message}"]


@pytest.mark.parametrize(
    "text", ["`a[i][j]` and a[i][j]", "[x][r]\n\n[r]: README.md", "[0][1] of a matrix", "- [ ] x"]
)
def test_brackets_that_are_no_links_are_left_alone(text: str, tmp_path: Path) -> None:
    root = study(tmp_path, **{"README.md": f"# Walks\n\n{text}\n"})
    assert told(root, "links") == []
