"""Everything that setting a page imports, for a fork server: each worker then starts warm."""

from generator.typeset.page_environment import needless_imports_later, private_fontconfig

with private_fontconfig(), needless_imports_later():
    import jinja2  # noqa: F401
    import pyphen  # type: ignore[import-untyped]

    from generator.typeset import drawings, maths, page, page_engine  # noqa: F401

# Pyphen keeps what it has read of a dictionary; 50 ms for English.
pyphen.Pyphen(lang="en_US")
