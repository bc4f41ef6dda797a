"""What leaves the compiler: README blocks, calendar, messages, sites."""
