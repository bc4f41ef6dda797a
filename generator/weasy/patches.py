"""Every name of WeasyPrint and pydyf that ours takes the place of, in one table.

A replacement was written against one source, whose digest stands beside it. Where the installed
source is another, one that only makes pages faster is left out (slower, never wrong), and one that
changes how pages look is an error that names the version that was tested.
"""

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from generator.digest import digest_bytes
from generator.errors import PageError

TESTED = "70.0"  # the WeasyPrint of pyproject.toml


@dataclass(frozen=True, slots=True)
class Patch:
    """A name that ours takes the place of.

    module, name: where it is looked up, "Class.method" for a method. ours: "module.name" in this
    room. theirs: SHA-256 of the source of what it replaces, as read when ours was written.
    same_bytes: it only makes pages faster. until: what upstream would make it needless.
    """

    module: str
    name: str
    ours: str
    theirs: str
    same_bytes: bool
    until: str


_KEEP_ALL = "https://github.com/Kozea/WeasyPrint/issues/2267 (word-break is only partly there)"
_LAYOUT = "https://github.com/Kozea/WeasyPrint/pull/1840 (a new text layout)"
_STYLES = "https://github.com/Kozea/WeasyPrint/pull/2813 (styles shared between elements)"
_TAGS = "https://github.com/Kozea/WeasyPrint/issues/2482 (what PDF/UA still lacks)"
_FLOATS = "page floats, https://www.w3.org/TR/css-page-floats-3/; nobody has asked for them there"
_NOTES = "footnotes lost and out of order; not reported yet, see docs/upstream.md"
_CFF = "subsets of CFF fonts without unused charsets; not reported yet, see docs/upstream.md"
_LENGTH = "a stream that ends in a carriage return; not reported yet, see docs/upstream.md"
_PYDYF = "objects written once in pydyf; not reported yet, see docs/upstream.md"
_GLYPHS = (
    "texts written without a dictionary for each glyph; not reported yet, see docs/upstream.md"
)

PATCHES = (
    Patch(
        "weasyprint.text.line_break", "Layout",
        "breaks.WholeWords",
        "681b737d1ba5e004efdc3ee409478b6b3e05ee0662142c5875b188bc9eefa698",
        False, _KEEP_ALL,
    ),
    Patch(
        "weasyprint.layout.inline", "can_break_text",
        "breaks.can_break_text",
        "4f3fb5ef1c239df9afd97856784e6cefc518d256a666dc78e0c86defa2e111e3",
        False, _KEEP_ALL,
    ),
    Patch(
        "weasyprint.layout.inline", "split_first_line",
        "breaks.split_first_line",
        "39ad1016863ca34de0bea4c9fcffb46da7e27813c87dd82b7011bfa19fe5504f",
        False, _LAYOUT,
    ),
    Patch(
        "weasyprint.layout.inline", "justify_line",
        "breaks.justify_line",
        "f83b21ff8793ba6b6dfc5fe8e10e4ab6cd6e02b17de02da97200902166148a81",
        False, _LAYOUT,
    ),
    Patch(
        "weasyprint.layout.inline", "add_word_spacing",
        "breaks.add_word_spacing",
        "879516e71f1b80fa1833aee877e1a34c851248c5fd871d6c855c58f07358d418",
        False, _LAYOUT,
    ),
    Patch(
        "weasyprint.layout.inline", "get_next_linebox",
        "paragraphs.get_next_linebox",
        "67af458c2545e74f0803072103c6c5d392d5e353dfdaa4f5bac5a96e20ed024d",
        False, _LAYOUT,
    ),
    Patch(
        "weasyprint.layout.inline", "split_text_box",
        "paragraphs.split_text_box",
        "8c564329599ef23fac6cc8c403768e9e51638226d87a8b2de69c49c9c5f408c8",
        False, _LAYOUT,
    ),
    Patch(
        "weasyprint.layout.page", "remake_page",
        "floats.remake_page",
        "1ff09b2dffa17839c03aec1150866068066c43e76a5cace0ea298e68909c6d31",
        False, _FLOATS,
    ),
    Patch(
        "weasyprint.document", "LayoutContext",
        "notes.OrderedNotes",
        "211f859ff4e2d663a49c6536de3718fdcbdee69830752a27ec6d44779012b933",
        False, _NOTES,
    ),
    Patch(
        "weasyprint.layout", "make_all_pages",
        "notes.make_all_pages",
        "b5e4034894841caa9581fa5d33338c71a7d8948be65618d358ab4b946f367edb",
        False, _NOTES,
    ),
    Patch(
        "weasyprint.css", "ComputedStyle.__missing__",
        "styles.worked_out",
        "b318d8efc8ac79d716f05cb81cc3abd65a32bd79601e363b218a32559bb3a5fb",
        True, _STYLES,
    ),
    Patch(
        "weasyprint.css", "AnonymousStyle.__init__",
        "styles.set_up_anonymous",
        "9fbdd74c1ad0945a71a5e07ef437614270ceac339c6de0432c04650b00872794",
        True, _STYLES,
    ),
    Patch(
        "weasyprint.css", "StyleFor.set_computed_styles",
        "styles.set_computed_styles",
        "b5b15856b8beff3f49e20ac0309d7b45fb2a5192d826dd65e05b3009b8285c46",
        True, _STYLES,
    ),
    Patch(
        "weasyprint.formatting_structure.boxes", "Box.is_in_normal_flow",
        "styles.is_in_normal_flow",
        "5f49d6ab23da7e51003ce68f78e8cb04629e9c2edbf51f77ffa8acd7098e0368",
        True, _STYLES,
    ),
    Patch(
        "weasyprint.pdf.stream", "Font",
        "subset.SubsetFont",
        "1888854798bf87262b5fc822169feea96211da0c7de97cef8e3001c4a5c118a1",
        False, _CFF,
    ),
    Patch(
        "weasyprint.draw.text", "draw_first_line",
        "glyphs.draw_first_line",
        "1bb8eae6d88e71b17096a034656f3be17da8f1f513c78536c1c38d971927638b",
        False, _GLYPHS,
    ),
    Patch(
        "weasyprint.pdf", "add_tags",
        "tags.add_tags",
        "f0e74575b0bafaf36458eaac27874e3b80457fba3694058153da514a68933f22",
        False, _TAGS,
    ),
    Patch(
        "weasyprint.pdf", "Stream",
        "tags.TaggedStream",
        "624257224db6f66d9120a8bc7aa257603f0a416cd8df58abb2d9258f5e678940",
        False, _TAGS,
    ),
    Patch(
        "pydyf", "_to_bytes",
        "writing.to_bytes",
        "1cefd02c285d3aee7ad09bf6e5be50b2b7bd6956dec69829790e64f5255e0009",
        True, _PYDYF,
    ),
    Patch(
        "pydyf", "Stream.data",
        "writing.stream_data",
        "bdc2bc513f286de7b7a7220a43e6085daa6ed0056d9c04e3c9b5abe40f3ecf81",
        False, _LENGTH,
    ),
)  # fmt: skip


# Module → SHA-256 of its file in the tested release. Where it fits, no source need be looked at.
FILES: dict[str, str] = {
    "pydyf": "0b10add9e640961db4636205686066e2b955fba63cad51e602a69250ef1df0d6",
    "weasyprint.css": "77ad7287f90d7cfaf85eb00ebe7af47d2bedfb856d7dc68717152f2d8a7605fd",
    "weasyprint.document": "f08f91af64563f5fb27596828891fb326262511a56e4ace714e5a960898024c8",
    "weasyprint.draw.text": "c9a450aa209277e760227e1fed2da492647bd28e5a5ebc4c9d8aaedecc400d77",
    "weasyprint.formatting_structure.boxes": "8ffd28ab74a149f0097208fcba6a80df0c8bb01e8fd4f9ced95d11b7e9807e23",  # noqa: E501
    "weasyprint.layout": "f226ba97ad21e44772b571aa64bfd446ecf3080d236c4861dcab25407a04d66a",
    "weasyprint.layout.inline": "0e7c1569330f54734ed61b568789c4f279ba103c0385115efa6444f3c43b96b4",
    "weasyprint.layout.page": "d99c5aceb36d458619a9cecb466a09df8827b9160fafacab7b4972a0d354dcca",
    "weasyprint.pdf": "426e0855db0473121bf70666b3c6c5fbd9ebfe832741d31a3689e8b10a14281f",
    "weasyprint.pdf.stream": "4faf9169d1970d4688b9cf41f733659ca6b1c4c098707c64f67c47a07309e81e",
    "weasyprint.text.line_break": "1f5a855ad992e0bebaf5512d2b806fd991090e0e91bf79d3d5a3a0176b22af97",  # noqa: E501
}


def original(patch: Patch) -> Any:
    """What `patch` replaces, as the installed release has it. Raises AttributeError if it has not.

    To be called before `apply`.
    """
    thing: Any = import_module(patch.module)
    for part in patch.name.split("."):
        thing = getattr(thing, part)
    return thing


def source_digest(thing: Any) -> str:
    """SHA-256 of the source of a function, a property or a class."""
    thing = thing.fget if isinstance(thing, property) else thing
    return digest_bytes(inspect.getsource(thing).encode())


@cache
def file_digest(module: str) -> str:
    """SHA-256 of the file of `module`."""
    file = import_module(module).__file__
    assert file is not None
    return digest_bytes(Path(file).read_bytes())


def changed(patch: Patch) -> bool:
    """Whether the installed source is another than the one that was replaced."""
    try:
        if patch.module not in FILES or file_digest(patch.module) != FILES[patch.module]:
            return source_digest(original(patch)) != patch.theirs
    except (ImportError, AttributeError, OSError, TypeError):
        return True
    return False


def apply(patches: Iterable[Patch] = PATCHES) -> None:
    """Put ours in the place of theirs, for the whole process.

    Raises PageError where a release of WeasyPrint is not the one that was tested and lacks, or has
    changed, what our look depends on.
    """
    others = [patch for patch in patches if changed(patch)]
    for patch in others:
        if not patch.same_bytes:
            import weasyprint

            raise PageError(
                f"WeasyPrint {weasyprint.__version__} was not tested: "
                f"{patch.module}.{patch.name} is not the one of {TESTED}",
                hint=f"pip install weasyprint=={TESTED}",
            )
    # Replacements of one module of ours count on each other.
    left_out = {patch.ours.split(".")[0] for patch in others}
    for patch in patches:
        module, name = patch.ours.split(".")
        if module in left_out and patch.same_bytes:
            continue
        ours = getattr(import_module(f"generator.weasy.{module}"), name)
        *above, last = patch.name.split(".")
        owner: Any = import_module(patch.module)
        for part in above:
            owner = getattr(owner, part)
        setattr(owner, last, ours)
