"""A PDF is accessible and fit for archives at once, carries files, and formulas to walk through."""

import json
import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pikepdf
import pytest
from PIL import Image

from generator.maths.mathml import NAMESPACE
from generator.model import Attachment
from generator.store.cache import Cache
from generator.typeset.page import typeset_report
from tests import pdf_checks
from tests.page_samples import COLOPHON, document, sample, study, write_figures

ROOT = Path(__file__).parent.parent
PDFJS = ROOT / ".study" / "node" / "node_modules" / "pdfjs-dist"
FILES = (
    Attachment("reports/week-03/report.md", b"# Text\n", "text/markdown", "Source", "The text"),
    Attachment("reports/a/__init__.py", b"", "text/x-python", "Source", "Read by the script"),
    Attachment("reports/b/__init__.py", b"x = 1\n" * 90, "text/x-python", "Source", "Read"),
    Attachment("reports/week-03/걷기.csv", "걸음\n1\n".encode(), "text/csv", "Data", "Read"),
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    write_figures(folder)
    return folder


def made(root: Path, text: Any, files: tuple[Attachment, ...] = FILES) -> bytes:
    store = Cache(root / ".study" / "cache")
    return typeset_report(root, *study(), text, colophon=COLOPHON, store=store, attachments=files)


@pytest.fixture(scope="module", params=["en", "ko"])
def content(request: pytest.FixtureRequest, root: Path) -> bytes:
    return made(root, sample(request.param))


def formulas(content: bytes) -> list[str | None]:
    """The MathML of each Formula element, in the order of the text."""
    found: list[str | None] = []

    def walk(node: Any) -> None:
        if not isinstance(node, pikepdf.Dictionary) or "/S" not in node:
            return
        if node.S == "/Formula":
            (file,) = node.get("/AF", [None])
            if file is not None:
                assert file.AFRelationship == "/Supplement"
                assert file.EF.F.Subtype == "/application/mathml+xml"
            found.append(None if file is None else file.EF.F.read_bytes().decode())
        kids: Any = node.get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            walk(kid)

    with pikepdf.open(BytesIO(content)) as pdf:
        for kid in pdf.Root.StructTreeRoot.K:
            walk(kid)
    return found


def test_it_is_pdf_ua_and_pdf_a_3a(content: bytes) -> None:
    assert pdf_checks.failed_rules(content) == []
    assert pdf_checks.broken_syntax(content) == []
    with pikepdf.open(BytesIO(content)) as pdf:
        said = pdf.Root.Metadata.read_raw_bytes().decode()  # readable without knowing PDF
        assert 'pdfuaid:part="1"' in said
        assert 'pdfaid:part="3" pdfaid:conformance="A"' in said
        (intent,) = pdf.Root.OutputIntents
        assert intent.S == "/GTS_PDFA1"


def test_every_formula_has_its_mathml(content: bytes) -> None:
    found = formulas(content)
    assert len(found) > 10
    for text in found:
        assert text is not None
        assert ElementTree.fromstring(text).tag == f"{{{NAMESPACE}}}math"


def test_like_formulas_share_a_file_and_broken_ones_have_one(root: Path) -> None:
    long = " + ".join(rf"\frac{{a_{{{n}}}}}{{b_{{{n}}}}}" for n in range(9))
    body = f"<p>$x$ and $x$ and $y$.</p><p>So ${long}$ goes on.</p>"
    body += f"<div>$$y = {long} = {long} = {long}$$</div>"
    content = made(root, document(body))
    found = formulas(content)
    assert len(found) == 5
    assert None not in found
    with pikepdf.open(BytesIO(content)) as pdf:
        files = [
            item
            for item in pdf.objects
            if isinstance(item, pikepdf.Stream)
            and item.get("/Subtype") == "/application/mathml+xml"
        ]
    assert len(files) == 4


def test_files_are_carried_by_their_paths(content: bytes) -> None:
    with pikepdf.open(BytesIO(content)) as pdf:
        carried = {path: file.get_file().read_bytes() for path, file in pdf.attachments.items()}
        assert carried.pop("drawings.json")
        assert carried == {file.path: file.content for file in FILES}
        related = [file.AFRelationship for file in pdf.Root.AF]
        assert len(related) == len(FILES) + 1
        assert {str(relation) for relation in related} == {"/Source", "/Data", "/Supplement"}
        # Two files of one name are saved side by side.
        names = [str(file.UF) for file in pdf.Root.AF]
        assert len(set(names)) == len(names)
        assert "reports_a___init__.py" in names


def test_poppler_takes_the_files_out(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "it.pdf").write_bytes(content)
    subprocess.run(["pdfdetach", "-saveall", "it.pdf"], cwd=tmp_path, check=True)
    assert (tmp_path / "reports_week-03_report.md").read_bytes() == b"# Text\n"
    assert (tmp_path / "reports_week-03_걷기.csv").read_text("utf-8") == "걸음\n1\n"


def test_two_builds_give_the_same_bytes(root: Path, content: bytes) -> None:
    with pikepdf.open(BytesIO(content)) as pdf:
        language = str(pdf.Root.Lang)
    assert made(root, sample(language)) == content


def test_without_files_there_is_no_list_of_them(root: Path) -> None:
    content = made(root, document("<p>Words.</p>"), ())
    assert pdf_checks.failed_rules(content) == []
    with pikepdf.open(BytesIO(content)) as pdf:
        assert "/AF" not in pdf.Root
        assert len(pdf.attachments) == 0


def test_a_stream_that_ends_in_a_carriage_return_has_the_length_it_says() -> None:
    from generator.typeset.page import imported_quietly

    with imported_quietly(None):
        import pydyf

        from generator.weasy import writing

        data: Any = writing.stream_data.fget
    stream = pydyf.Stream([b"q Q\r"])
    assert data(stream) == b"<</Length 4>>\nstream\nq Q\r\r\nendstream"
    assert data(pydyf.Stream([b"q Q"])) == b"<</Length 3>>\nstream\nq Q\nendstream"


def test_a_picture_for_printing_presses_stays_as_it_is_and_no_archive_is_claimed(
    root: Path,
) -> None:
    folder = root / "reports" / "week-03" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    Image.new("CMYK", (40, 30), (200, 30, 30, 0)).save(folder / "press.jpg")
    Image.new("RGB", (40, 30), (200, 30, 30)).save(folder / "screen.jpg")
    picture = '<figure><img src="image:images/{}.jpg" alt="red"></figure>'
    for name, claimed in (("press", False), ("screen", True)):
        with pikepdf.open(BytesIO(made(root, document(picture.format(name))))) as pdf:
            said = pdf.Root.Metadata.read_bytes().decode()
            assert ("pdfaid" in said) == claimed
            assert 'pdfuaid:part="1"' in said


def test_pdf_js_gives_the_mathml_of_every_formula(content: bytes, tmp_path: Path) -> None:
    if shutil.which("node") is None:
        pytest.skip("Node.js is not installed")
    if not PDFJS.is_dir():
        pytest.skip("type `npm install --prefix .study/node pdfjs-dist@5.6.205`")
    (tmp_path / "it.pdf").write_bytes(content)
    said = subprocess.run(
        ["node", ROOT / "tests" / "pdfjs_mathml.mjs", PDFJS, tmp_path / "it.pdf"],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    found = json.loads(said)
    assert sorted(text for text, _ in found["formulas"]) == sorted(map(str, formulas(content)))
    assert all(alt for _, alt in found["formulas"])
    assert len(found["attachments"]) == len(FILES) + 1
