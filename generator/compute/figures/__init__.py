"""How plots look, and their SVG: the same drawing gives the same bytes."""
