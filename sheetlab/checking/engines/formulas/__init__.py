"""The library `formulas` (https://github.com/vinci1it2000/formulas) as a witness.

It parses, compiles and calculates every formula. Only what stands around that is ours: the cells
are read from the file as for other witnesses, and each is calculated after those that it reads.

- `compiling`: one formula as the library compiles it, and the areas that it reads;
- `ordering`: the formulas in their places, and the order in which they can be calculated;
- `calculation`: the values that go into the compiled functions, and those that come out.
"""

from sheetlab.checking.engines.formulas.calculation import recalculate

__all__ = ["recalculate"]
