"""Pictures side by side, (a), (b), over one caption."""

from collections.abc import Sequence

from markdown_it.token import Token

from generator.text.html.context import Desk
from generator.text.html.inline import Line
from generator.text.html.pictures import picture_html
from generator.text.markdown.attributes import Attributes
from generator.text.markdown.outline import last_attributes, without_attributes

_IN_A_ROW = 3  # more than these stand two by two


def panels_html(
    desk: Desk, pictures: Sequence[tuple[Token, int | None]], caption: Token, row: int
) -> str:
    """The figure of `pictures`, which begin in `row` of the text. caption: the line below them."""
    line = desk.parsed.expanded.source_line(row)
    columns = len(pictures) if len(pictures) <= _IN_A_ROW else 2
    parts = []
    for letter, (image, attributes) in zip("abcdefghijklmnopqrstuvwxyz", pictures, strict=False):
        given = desk.hidden(attributes).attributes if attributes is not None else Attributes()
        place = desk.hidden(attributes).line if attributes is not None else line
        picture = picture_html(desk, image, given, place)
        words = Line(desk, row, "caption").html(image.children or []).strip()
        anchor = f' id="{given.label}"' if given.label in desk.outline.labels else ""
        said = f" {words}" if words else ""
        parts.append(
            f'<div class="panel of-{columns}"{anchor}>{picture}'
            f'<p class="panel-caption"><span class="panel-letter">({letter})</span>{said}</p></div>'
        )
    below = (caption.map or [0])[0]
    number = last_attributes(caption)
    children = list(caption.children or [])
    label = None
    if number is None:
        desk.problems.add(
            desk.parsed.expanded.source_line(below),
            "a caption of pictures side by side without a label",
            "end it with {#fig-name}",
        )
    else:
        children = without_attributes(children)
        label = desk.outline.labels.get(desk.hidden(number).attributes.label)
    said = Line(desk, below, "caption").html(children).strip()
    if not said:
        desk.problems.add(
            desk.parsed.expanded.source_line(below),
            "a caption of pictures side by side without words",
            "write : Caption. {#fig-name}",
        )
    anchor = counted = ""
    if label is not None:
        anchor = f' id="{label.name}"'
        word = desk.words.kinds["fig"][0]
        counted = f'<span class="caption-number">{word}\u00a0{label.number}.</span> '
    return (
        f'<figure class="panels"{anchor}>{"".join(parts)}'
        f"<figcaption>{counted}{said}</figcaption></figure>\n"
    )
