"""The command line: each command parses, calls one function, prints."""

from generator.cli.commands import main

__all__ = ["main"]
