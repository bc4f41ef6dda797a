"""The forms in which groups keep their schedules and reading."""
