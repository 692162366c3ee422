"""Formulas for many cells at once: what a lowered formula is worth, in columns of values."""
