"""What reaches a terminal: nothing that a study wrote steers it. On a real pseudo-terminal."""

import ast
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.addresses import is_allowed, refused_in
from generator.errors import StudyError
from generator.machine.stdio import clean
from generator.machine.templates import fill
from generator.text.works.bibliography import read_bibliography

GENERATOR = Path(__file__).parents[1] / "generator"
STUDY = (sys.executable, "-c", "from generator.cli import main; main()")
EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e"


def on_terminal(*arguments: str) -> str:
    """What `study` prints on a terminal of its own."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*STUDY, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True
    )
    os.close(theirs)
    printed = b""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if select.select([ours], [], [], 0.2)[0]:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            printed += part
        elif process.poll() is not None:
            break
    process.kill()
    process.wait()
    os.close(ours)
    return printed.decode("utf-8", "replace")


def rest_of(printed: str) -> str:
    """`printed` without what our own colours and the terminal's line ends are."""
    for ours in ("\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[1m", "\x1b[0m", "\r\x1b[2K", "\r\n"):
        printed = printed.replace(ours, "")
    return printed


Copy = Callable[[str], Path]


def toml_value(root: Path) -> tuple[str, ...]:
    text = (root / "study.toml").read_text()
    (root / "study.toml").write_text(text + f'\n["{EVIL.encode("unicode_escape").decode()}"]\n')
    return ("list",)


def toml_key(root: Path) -> tuple[str, ...]:
    with open(root / "study.toml", "a") as file:
        file.write('\n["\\u001b[2Jkey\\u0007"]\nx = "\\u001b]0;owned\\u0007"\n')
    return ("check",)


def folder(root: Path) -> tuple[str, ...]:
    (root / "reports" / f"week{EVIL}").mkdir()
    (root / "reports" / f"week{EVIL}" / "report.md").write_text("Text.\n")
    return ("check",)


def marker(root: Path) -> tuple[str, ...]:
    with open(root / "README.md", "a") as file:
        file.write(f"\n<!-- study:{EVIL} -->\n<!-- study:schedule {EVIL} -->\n")
    return ("readme", "--check")


def discord(root: Path) -> tuple[str, ...]:
    (root / "discord.json").write_text(f'{{"{EVIL}": "{EVIL}"')
    return ("post", "1", "--dry-run")


def report(root: Path) -> tuple[str, ...]:
    return ("why", f"week{EVIL}")


PLACES = (toml_value, toml_key, folder, marker, discord, report)


@pytest.mark.parametrize("place", PLACES)
def test_no_control_character_of_a_study_reaches_the_terminal(
    study_copy: Copy, place: Callable[[Path], tuple[str, ...]]
) -> None:
    root = study_copy("tiny")
    printed = rest_of(on_terminal("-C", str(root), *place(root)))
    assert printed.strip()
    found = [c for c in printed if (ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160]
    assert not found, repr(printed)
    assert "\u202e" not in printed


def test_only_one_module_prints() -> None:
    for path in GENERATOR.rglob("*.py"):
        if path.name == "stdio.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                name = f"{node.value.id}.{node.attr}"
                assert name not in ("click.echo", "click.secho", "click.style"), path


def test_clean_keeps_words_of_every_language() -> None:
    assert clean("어텐션\tnaïve\n— π") == "어텐션\tnaïve\n— π"
    assert clean(EVIL) == r"\x1b]0;owned\x07\x1b[2J\x9b31m\u202e"


@pytest.mark.parametrize("target", ["/dev/full", "true"])
def test_a_dry_run_nobody_can_read_ends_in_one_line(study_copy: Copy, target: str) -> None:
    root = study_copy("tiny")
    command = [*STUDY, "-C", str(root), "list"]
    if target == "/dev/full":
        with open(target, "w") as full:
            done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    else:
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)
        os.close(writing)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr


def test_import_looks_where_c_says(study_copy: Copy, tmp_path: Path) -> None:
    shutil.copytree(study_copy("tiny"), tmp_path / "work" / "old")
    plan = "# Plan\n\n| Week | Content |\n|---|---|\n| Week 1 | Swings |\n"
    (tmp_path / "work" / "old" / "README.md").write_text(plan, "utf-8")
    done = subprocess.run(
        [*STUDY, "-C", "work", "import", "old", "--into", "new", "--dry-run"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "work/old" in done.stderr + done.stdout or "work/new" in done.stdout, done.stderr
    assert not (tmp_path / "new").exists()


BAD = (
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    " \tjava\nscript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "vbscript:x",
    "\u200bjavascript:x",
)


@pytest.mark.parametrize("address", BAD)
def test_one_rule_for_addresses(address: str) -> None:
    assert not is_allowed(address)
    flat = " ".join(address.split())
    with pytest.raises(StudyError, match="url of k"):
        read_bibliography(f"@book{{k, title = {{T}}, year = 1968, url = {{{flat}}}}}")
    if "\n" not in address:
        for source in (f"[x]({address})", f"[x]: {address}", f'<a href="{address}">x</a>'):
            if address.strip() == address and " " not in address:
                with pytest.raises(StudyError, match="links to"):
                    fill(source, "templates/readme/x.md.j2", {})


@pytest.mark.parametrize("address", ["https://a.org/b:c", "a/b.pdf", "mailto:a@b.org", "#top", ""])
def test_addresses_of_documents_are_fine(address: str) -> None:
    assert is_allowed(address)
    assert refused_in(f"[x]({address}) <b:c> 10:30 [y]: z") is None or address == ""
