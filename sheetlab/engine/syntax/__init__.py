"""The language of formulas: their text, their expressions, and what names in them mean."""
