"""The meetings as an iCalendar file."""
