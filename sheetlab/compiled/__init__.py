"""What is written in C because it is done for each byte or formula of a workbook.

`plain_xml.c` reads what most of a workbook's XML is like, `constants.c` brings its constants into
columns, `filled_formulas.c` tells which formulas are filled from each other, and `postfix.c` parses
what most formulas are like. They are compiled when sheetlab is installed, and `reading` is None
where that could not be done: then all XML and all formulas are parsed in Python. The values are the
same; reading takes twenty times as long.
"""

from types import ModuleType

reading: ModuleType | None
try:
    from sheetlab.compiled import _reading as reading
except ImportError:
    reading = None
