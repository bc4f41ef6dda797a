"""The command line: each command parses, calls one function, prints."""

import sys

try:
    from generator.cli.commands import main
except KeyboardInterrupt:  # Ctrl-C before there is a command that could say it
    sys.stderr.write("\nAborted!\n")
    sys.exit(1)

__all__ = ["main"]
