"""Own data: the columns of a file or a DataFrame, read as the inputs of a lesson.

A file is text (.csv, .tsv, .txt), a workbook (.xlsx, its first sheet) or Parquet. Its first row
that is not blank holds the headings. Errors name file, row and column as a spreadsheet shows them.
"""

from sheetlab.data.reading import inputs_with, read_table
from sheetlab.data.table import Table
from sheetlab.data.template import template, write_template

__all__ = ["Table", "inputs_with", "read_table", "template", "write_template"]
