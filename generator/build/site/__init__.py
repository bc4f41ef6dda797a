"""`study site`: what is kept by content, what pages offer, the folder written as a whole."""
