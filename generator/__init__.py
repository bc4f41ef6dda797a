"""A report compiler for study groups; it knows weeks, languages, values and figures."""

__version__ = "0.1.0"
