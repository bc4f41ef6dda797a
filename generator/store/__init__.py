"""What is kept on disk: objects by content, records, the lock of a build, times."""
