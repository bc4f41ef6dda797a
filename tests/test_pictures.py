"""Pictures that authors bring along: what is refused, in words, and what is set."""

from io import BytesIO
from typing import Any
from zlib import crc32

import pytest
from PIL import Image

from generator.drawing.raster import picture_problems
from generator.drawing.safety import drawn_words, svg_problems
from generator.errors import Where


def picture(kind: str, mode: str = "RGB", **options: Any) -> bytes:
    """A small picture as its file's bytes."""
    buffer = BytesIO()
    Image.effect_noise((60, 40), 50).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


def found(content: bytes, name: str) -> list[str]:
    return [problem.message for problem in picture_problems(content, Where(f"images/{name}"))]


def drawing(inner: str, head: str = 'width="60" height="40"') -> list[str]:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {head}>{inner}</svg>'
    return [problem.message for problem in svg_problems(svg.encode(), Where("images/a.svg"))]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_usual_png_is_set(mode: str) -> None:
    assert found(picture("PNG", mode), "a.png") == []


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_every_usual_jpeg_is_set_with_what_a_camera_puts_behind_its_end(mode: str) -> None:
    assert found(picture("JPEG", mode) + b"\0" * 30, "a.JPG") == []


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_a_picture_that_is_cut_short_is_refused(kind: str, share: float) -> None:
    content = picture(kind)
    name = {"PNG": "a.png", "JPEG": "a.jpg"}[kind]
    assert found(content[: int(len(content) * share)], name) == ["is cut short or damaged"]


def test_a_changed_byte_in_a_png_is_noticed() -> None:
    content = bytearray(picture("PNG"))
    content[len(content) // 2] ^= 1
    assert found(bytes(content), "a.png") == ["is cut short or damaged"]


def test_an_ending_that_does_not_say_what_the_file_holds_is_refused() -> None:
    assert found(picture("JPEG"), "a.png") == ["ends in .png, but holds a JPEG"]
    assert found(picture("GIF"), "a.png") == ["ends in .png, but holds a GIF"]
    assert found(picture("PNG"), "a.jpeg") == ["ends in .jpeg, but holds a PNG"]
    assert found(b"<svg/>", "a.png") == ["is no picture that can be read"]
    assert found(b"", "a.png") == ["is no picture that can be read"]


def test_what_a_page_would_lose_is_refused() -> None:
    grey = "has pixels of the kind I;16, which no page can show"
    assert found(picture("PNG", "I;16"), "a.png") == [grey]
    moving = picture("PNG", save_all=True, append_images=[Image.new("RGB", (60, 40))])
    assert found(moving, "a.png") == ["is animated, and a page would show its first picture alone"]


def test_a_picture_of_a_billion_pixels_is_not_even_opened() -> None:
    content = bytearray(picture("PNG", "1"))
    content[16:24] = (40_000).to_bytes(4, "big") * 2
    content[29:33] = crc32(content[12:29]).to_bytes(4, "big")
    assert found(bytes(content), "a.png") == ["has too many pixels"]


@pytest.mark.parametrize(
    ("inner", "message"),
    [
        ("", "the drawing draws nothing"),
        ('<path d="M 0 0 L foo"/>', "the drawing has a path with 'foo' in it"),
        ('<text><textPath href="#a">x</textPath></text>', "the drawing has a <textPath>"),
        ('<filter><feMorphology/></filter><path d="M0 0"/>', "the drawing has a <feMorphology>"),
    ],
)  # fmt: skip
def test_a_drawing_that_would_lose_a_part_is_refused(inner: str, message: str) -> None:
    (problem,) = drawing(inner)
    assert problem.startswith(message)


@pytest.mark.parametrize("size", ["0", "-5", "NaN", "abc", "", "5 5"])
def test_a_drawing_has_a_size_that_is_one(size: str) -> None:
    (problem,) = drawing('<path d="M0 0"/>', f'width="{size}" height="40"')
    assert problem == f"the drawing's width is '{size}', expected a length above 0"


@pytest.mark.parametrize("box", ["0 0 0 40", "0 0 60", "a b c d", "0 0 60 -1"])
def test_a_drawing_has_a_box_that_is_one(box: str) -> None:
    (problem,) = drawing('<path d="M0 0"/>', f'viewBox="{box}"')
    assert problem == f"the drawing's viewBox is '{box}', expected four numbers"


@pytest.mark.parametrize(
    "head",
    ["", 'width="100%"', 'width="12.5mm" height="3e1px"', 'viewBox="-1,-2 .5 1e3"', 'width="auto"'],
)
def test_any_size_of_svg_is_accepted(head: str) -> None:
    assert drawing('<path d="M0-1.5e-3.5,1a1 1 0 01.5.5z"/>', head) == []


def test_the_words_of_a_drawing_are_known() -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><title>no</title><text>a<tspan>b</tspan></text></svg>'
    assert drawn_words(svg) == "ab"
