"""A Jupyter notebook as a report's script and first text."""
