"""Every committed PDF is fit to be handed out."""

from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from generator.study.load import load_study
from tests.pdf_checks import everything_wrong

ROOT = Path(__file__).parents[1]
PDFS = sorted((ROOT / "reports").glob("*/*.pdf"))
BYTES = load_study(ROOT).check.report_bytes


@pytest.mark.parametrize("path", PDFS, ids=lambda path: path.name)
def test_a_committed_pdf_has_nothing_wrong(path: Path) -> None:
    content = path.read_bytes()
    assert everything_wrong(content) == []
    assert len(content) <= BYTES
    with pikepdf.open(BytesIO(content)) as pdf:
        assert str(pdf.Root.Lang) == ("ko" if path.name.endswith(".ko.pdf") else "en")
        assert str(pdf.docinfo["/Title"]).endswith(load_study(ROOT).title.text(str(pdf.Root.Lang)))
