"""What a style sheet's declarations mean, as WeasyPrint reads them."""

from collections.abc import Iterable, Sequence
from typing import Any

import tinycss2


def declarations(content: Iterable[Any]) -> Sequence[tuple[str, Any]]:
    """Names and values of the tokens between a rule's braces; what is wrong there is left out."""
    # A second of imports, which a page whose measure is known does not need.
    from weasyprint.css.validation import preprocess_declarations

    blocks = tinycss2.parse_blocks_contents(content)
    plain = [block for block in blocks if block.type == "declaration"]
    return [(name, value) for name, value, *_ in preprocess_declarations(None, plain)]
