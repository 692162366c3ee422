"""The words a sheet is written in: cells, styles, formulas filled down, names, charts."""

from sheetlab.authoring.charts import Chart, Series
from sheetlab.authoring.sheet import Sheet, refs_of

__all__ = ["Chart", "Series", "Sheet", "refs_of"]
