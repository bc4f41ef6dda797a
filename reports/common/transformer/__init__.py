"""A Transformer in small parts, each written out and tested on its own."""
