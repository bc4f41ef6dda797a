"""Which saves `study watch` takes for one."""

from pathlib import Path

import pytest

from generator.build.watch import ours


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("reports/week-01/report.md", True),
        ("reports/week-01/sediment.py", True),
        ("reports/week-01/sedAb3x9Q", False),
        ("reports/week-01/4913", False),
        ("reports/week-01/compute.py.bak", False),
        ("reports/week-01/.report.md.swp", False),
        ("reports/week-01/week-01.pdf", False),
        ("figures/week-01/draws.svg", False),
    ],
)
def test_an_editors_fleeting_files_and_products_are_no_save(path: str, counts: bool) -> None:
    root = Path("/study")
    assert ours(root, f"/study/{path}") == counts
