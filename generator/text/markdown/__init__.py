"""The Markdown of reports: cut into pieces, parsed, its numbered parts in order."""
