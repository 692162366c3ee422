"""Workbooks read from their files, into grids of values and blocks of formulas."""
