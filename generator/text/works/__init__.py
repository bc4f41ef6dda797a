"""The works that a text cites."""
