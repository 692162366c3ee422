"""The functions of Excel by name.

Each has one declaration, a `Function`, in the table `FUNCTIONS` at the end of its module;
`modules.py` says which module that is.
"""

import functools
from importlib import import_module

from sheetlab.engine.functions.function import Function, Reads
from sheetlab.engine.functions.kernels import Kernel
from sheetlab.engine.functions.modules import NAMES

_MODULE_OF = {name: module for module, names in NAMES.items() for name in names.split()}
_FUNCTIONS: dict[str, Function] = {}


def find(name: str, date_1904: bool = False) -> Function | None:
    """The function of a name in capitals, without `_xlfn.`; None for an unknown one.

    With `date_1904`, dates count from 1904-01-01.
    """
    return _from_1904(name) if date_1904 else _declared(name)


def known(name: str) -> bool:
    """Whether a name in capitals is a function of Excel, no LAMBDA of the workbook's."""
    return _declared(name) is not None


def kernel(name: str) -> Kernel | None:
    """What a function does to whole columns; None for one that does nothing to them."""
    function = _declared(name)
    return None if function is None else function.kernel


def reads(name: str) -> Reads:
    """What the result of a function depends on; an unknown one has but its arguments."""
    function = _declared(name)
    return "arguments" if function is None else function.reads


def own() -> dict[str, Function]:
    """All functions, by name."""
    for name in _MODULE_OF:
        _declared(name)
    return _FUNCTIONS


def _declared(name: str) -> Function | None:
    """The function of a name; its module is imported when the first of its names is met."""
    found = _FUNCTIONS.get(name)
    if found is None and name in _MODULE_OF:
        # Not before it is needed, since the modules import what imports this package.
        _FUNCTIONS.update(import_module(f"sheetlab.engine.{_MODULE_OF[name]}").FUNCTIONS)
        found = _FUNCTIONS[name]
    return found


@functools.lru_cache(maxsize=1024)
def _from_1904(name: str) -> Function | None:
    function = find(name)
    if function is None:
        return None
    shifted: Function = import_module(f"{__name__}.date_system").from_1904(function)
    return shifted
