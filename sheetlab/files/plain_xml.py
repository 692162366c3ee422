"""The module that reads plain XML, compiled from `plain_xml.c` when sheetlab is installed.

It is None where that could not be done. Then all XML is parsed: the values are the same, and
reading takes twenty times as long.
"""

from types import ModuleType

compiled: ModuleType | None
try:
    from sheetlab.files import _plain_xml as compiled
except ImportError:
    compiled = None
