"""Blocks whose cells need each other, calculated in the order of a loop."""
