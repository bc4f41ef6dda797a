"""Parsed Markdown as HTML in the forms that templates/README.md lists."""
