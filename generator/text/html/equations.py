"""Display formulas: numbered by us where they have a label."""

from generator.text.html.context import Desk
from generator.text.markdown.marks import Hidden


def equation_html(desk: Desk, hidden: Hidden, attributes: int | None) -> str:
    """The display formula `hidden`; attributes: the number of its attribute list."""
    image = f'<img class="formula display" src="formula:{desk.formula(hidden)}" alt="">'
    label = None
    if attributes is not None:
        given = desk.hidden(attributes).attributes
        label = desk.outline.labels.get(given.label)
        unknown = [*given.classes, *given.values]
        if unknown:
            desk.problems.add(
                hidden.last_line,
                f"'{unknown[0]}' is no attribute of an equation",
                "only #eq-name is",
            )
    if label is None:
        return f'<div class="equation">{image}</div>\n'
    number = f'<span class="equation-number">({label.number})</span>'
    return f'<div class="equation" id="{label.name}">{image}{number}</div>\n'
