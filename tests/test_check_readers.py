from pathlib import Path

from generator.check.history import Kept
from generator.check.readers import reader_findings

ROOT = Path(__file__).parent.parent

TABLE = (
    "# Study\n\n| week | what |\n|---|---|\n| 1 | a |\n{blank}## Resource List\n\n- [a](a.pdf)\n"
)


def test_a_heading_swallowed_by_a_table_is_found_at_its_line(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(TABLE.format(blank=""))
    first, rows = reader_findings(tmp_path, "README.md", Kept(tmp_path))
    assert "loses the heading 'Resource List'" in first.message
    assert first.where.line == 6
    assert "rows" in rows.message


def test_with_a_blank_line_both_readers_agree(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(TABLE.format(blank="\n"))
    assert list(reader_findings(tmp_path, "README.md", Kept(tmp_path))) == []


def test_the_readme_of_this_study_is_the_same_for_both() -> None:
    assert list(reader_findings(ROOT, "README.md", Kept(ROOT))) == []
