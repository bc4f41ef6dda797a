"""Typst's compiler as a command: typst_compile.py SOURCE PDF."""

import sys

import typst

typst.compile(sys.argv[1], output=sys.argv[2])
