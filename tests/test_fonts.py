"""Fonts come from packages, pinned to one weight and size, the same every time."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from generator.machine.fonts import FACES, font_file, font_versions, static_font, static_font_file

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("role", sorted(FACES))
def test_every_role_has_a_file_and_a_licence_that_allows_it(role: str) -> None:
    path = font_file(role)
    assert path.is_file()
    package = FACES[role].package.replace("-", "_")
    licences = (
        path.parents[1].glob(f"{package}*/**/LICENSE*"),
        path.parents[2].glob(f"{package}-*.dist-info/**/LICENSE*"),
    )
    texts = [licence.read_text() for found in licences for licence in found]
    assert any("SIL OPEN FONT LICENSE" in text.upper() for text in texts)


@pytest.mark.parametrize("role", sorted(FACES))
def test_a_static_font_has_no_axes_and_its_letters(role: str) -> None:
    font = TTFont(io.BytesIO(static_font(role)), lazy=True)
    assert "fvar" not in font
    characters = font.getBestCmap()
    wanted = "가힣" if role.startswith("korean") else "Aaz0é"
    assert all(ord(character) in characters for character in wanted)


def test_bold_korean_is_a_face_of_its_own() -> None:
    def black(role: str) -> int:
        from fontTools.pens.areaPen import AreaPen

        font = TTFont(io.BytesIO(static_font(role)), lazy=True)
        shapes = font.getGlyphSet()
        pen = AreaPen(shapes)
        shapes[font.getBestCmap()[ord("한")]].draw(pen)
        return abs(int(pen.value))

    assert black("korean-bold") > 1.3 * black("korean-sans")


def test_weights_differ_and_keep_their_kerning() -> None:
    def advance(role: str) -> int:
        font = TTFont(io.BytesIO(static_font(role)), lazy=True)
        return int(font["hmtx"][font.getBestCmap()[ord("m")]][0])

    assert advance("serif-bold") > advance("serif")
    assert "GPOS" in TTFont(io.BytesIO(static_font("serif")), lazy=True)


def test_a_static_file_is_made_once(tmp_path: Path) -> None:
    first = static_font_file("serif", tmp_path)
    stamp = first.stat().st_mtime_ns
    assert static_font_file("serif", tmp_path) == first
    assert first.stat().st_mtime_ns == stamp
    assert first.read_bytes() == static_font("serif")
    assert static_font_file("korean-sans", tmp_path) == font_file("korean-sans")


def test_the_same_face_has_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib, sys; from generator.machine.fonts import static_font;"
        "sys.stdout.write(hashlib.sha256(static_font('mono-bold')).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_versions_are_known() -> None:
    versions = font_versions()
    assert set(versions) == {face.package for face in FACES.values()}
    assert all(versions.values())


def test_an_unknown_role_is_our_own_mistake() -> None:
    with pytest.raises(KeyError):
        font_file("blackletter")
