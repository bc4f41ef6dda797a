"""TeX formulas as drawings and as sentences."""
