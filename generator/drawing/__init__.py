"""SVG drawings and pictures as PDF operators, and what they must not hold."""
