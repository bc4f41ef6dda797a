"""`study watch --serve`: this machine alone, pages that load again, problems on them."""

import http.client
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.build.live import Live
from generator.build.serve import Server
from generator.cli import main
from generator.errors import StudyError, Where
from generator.study.load import load_study

ROOT = Path(__file__).parent.parent


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Server, Path]]:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_text("<html><body><p>Hello</p></body></html>", "utf-8")
    (folder / "a.css").write_text("p { }", "utf-8")
    (tmp_path / "secret.html").write_text("secret", "utf-8")
    with Server(tmp_path, folder, 0) as server:
        yield server, folder


def ask(server: Server, path: str, host: str = "") -> tuple[int, str]:
    place = server.address.removeprefix("http://").rstrip("/")
    connection = http.client.HTTPConnection(place, timeout=10)
    connection.request("GET", path, headers={"Host": host or place})
    answer = connection.getresponse()
    content = answer.read().decode()
    connection.close()
    return answer.status, content


def events(server: Server) -> Iterator[dict[str, object]]:
    place = server.address.removeprefix("http://").rstrip("/")
    connection = http.client.HTTPConnection(place, timeout=30)
    connection.request("GET", "/-/events")
    answer = connection.getresponse()
    while True:
        line = answer.readline().decode()
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def test_pages_get_the_script_that_loads_them_again_and_other_files_do_not(
    served: tuple[Server, Path],
) -> None:
    server, folder = served
    for path in ("/", "/index.html", "/index.html?x#y"):
        status, page = ask(server, path)
        assert status == 200
        assert '<p>Hello</p><script src="/-/live.js" defer></script></body>' in page
    assert ask(server, "/a.css") == (200, "p { }")
    assert "EventSource" in ask(server, "/-/live.js")[1]
    assert "live.js" not in (folder / "index.html").read_text("utf-8")


def test_only_this_machine_is_answered_and_only_from_the_folder(
    served: tuple[Server, Path],
) -> None:
    server, _ = served
    assert server.address.startswith("http://127.0.0.1:")
    assert ask(server, "/", host="evil.example")[0] == 403
    assert ask(server, "/a.css", host="evil.example:80")[0] == 403
    for path in ("/../secret.html", "/%2e%2e/secret.html", "/..%2fsecret.html", "/assets/"):
        status, content = ask(server, path)
        assert "secret" not in content.replace("secret.html", "")
        assert status == 404 or "not there yet" in content


def test_a_port_that_is_taken_is_said(served: tuple[Server, Path], tmp_path: Path) -> None:
    taken = int(served[0].address.rstrip("/").rpartition(":")[2])
    with pytest.raises(StudyError, match=f"port {taken} can't be listened on"):
        Server(tmp_path, tmp_path, taken)


def test_pages_hear_of_changes_and_problems(served: tuple[Server, Path]) -> None:
    server, _ = served
    heard = events(server)
    assert next(heard) == {"version": 0, "problems": []}
    server.change()
    assert next(heard) == {"version": 1, "problems": []}
    server.tell([StudyError("a typed number", Where("reports/week-01/report.md", 7), "quote it")])
    assert next(heard) == {
        "version": 1,
        "problems": ["reports/week-01/report.md:7: a typed number\n  quote it"],
    }
    server.tell([])
    assert next(heard) == {"version": 1, "problems": []}


def test_a_saved_word_is_on_the_page_before_its_pdf_is_set(tmp_path: Path) -> None:
    root = tmp_path / "tiny"
    shutil.copytree(ROOT / "tests/studies/tiny", root)
    built = CliRunner().invoke(main, ["-C", str(root), "build"])
    assert built.exit_code == 0, built.stderr
    out = root / ".study/site"
    with Server(root, out, 0) as server:
        live = Live(root, out, server)
        live.bring(load_study(root))
        heard = events(server)
        assert next(heard) == {"version": 1, "problems": []}
        pdf = (root / "reports/week-01/week-01.pdf").read_bytes()
        text = root / "reports/week-01/report.md"
        text.write_text(text.read_text("utf-8").replace("schoolbook", "textbook", 1), "utf-8")
        live.preview(load_study(root))
        assert next(heard) == {"version": 2, "problems": []}
        assert "The textbook says" in ask(server, "/week-01.html")[1]
        assert (root / "reports/week-01/week-01.pdf").read_bytes() == pdf
        text.write_text(text.read_text("utf-8") + "\nAs @fig-none shows.\n", "utf-8")
        live.preview(load_study(root))  # its problems are the build's to tell
        assert "The textbook says" in ask(server, "/week-01.html")[1]
        with pytest.raises(StudyError, match="is out of date"):
            live.bring(load_study(root))
