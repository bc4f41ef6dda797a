"""Runs a study's scripts, each in a child process, and says what every run depended on."""
