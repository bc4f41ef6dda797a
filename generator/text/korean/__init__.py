"""Korean particles, which follow how the word before them sounds."""
