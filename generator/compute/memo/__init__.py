"""Expensive steps of a script, kept by content: `run.memo(function, *args)`."""
