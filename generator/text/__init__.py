"""A report's Markdown and its results → a Document, or every mistake in it with its line."""
