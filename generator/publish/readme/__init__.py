"""The README's generated blocks."""
