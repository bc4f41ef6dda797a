"""Expressions of a text: what they may name, how far they may go, how numbers are written."""
