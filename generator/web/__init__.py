"""A Document for browsers: HTML with its drawings inside, and the fonts it needs."""
