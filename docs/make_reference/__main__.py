"""Writes docs/reference.md from the code: python -m docs.make_reference."""

import sys

from docs.make_reference.reference import REFERENCE, reference

if __name__ == "__main__":
    REFERENCE.write_text(reference(), "utf-8")
    sys.stdout.write(f"{REFERENCE.name}\n")
